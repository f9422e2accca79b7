unshare --user --map-root-user --net sleep 60 & sleep 0.5; host=$!
nsenter --user --preserve-credentials --net --target $host unshare --net sleep 60 & sleep 0.5; box=$!
on() { nsenter --user --preserve-credentials --net --target "$@"; }
on $host ip link add to-box type veth peer name eth0 netns $box
on $host ip address add 10.0.0.1/24 dev to-box
# The cable is plugged in at both ends, but nothing has been brought up yet.
on $host ping -c 1 -W 1 10.0.0.2 2>&1 | grep -v '^$'
# One end is to go to the network of this shell, which belongs to the machine. File 9 names it.
on $host ip link set to-box netns /proc/self/fd/9 9< /proc/$$/ns/net
# The other namespace ends.
on $host ip -o link | cut -d : -f 2
kill $box; sleep 1
on $host ip -o link | cut -d : -f 2
kill $host
