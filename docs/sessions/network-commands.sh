unshare --user --map-root-user --net sh -c 'ip -brief address; ip link set lo up; ip -brief address'
# An ordinary user may bind port 80 then, in here; the setting of the machine does not change.
low=/proc/sys/net/ipv4/ip_unprivileged_port_start
unshare --user --map-root-user --net sh -c "echo 80 > $low; cat $low"; cat $low
# A process to look at from outside, and to join.
unshare --user --map-root-user --net sleep 60 & sleep 0.5
readlink /proc/$!/ns/net /proc/self/ns/net
lsns -t net -p $! -o TYPE,NPROCS,COMMAND
tail -n +3 /proc/$!/net/dev | cut -d : -f 1
nsenter --user --preserve-credentials --net --target $! ip -brief address
kill $!
