# Two network namespaces of one user namespace. The first one plays the machine.
unshare --user --map-root-user --net sleep 60 & sleep 0.5; host=$!
nsenter --user --preserve-credentials --net --target $host unshare --net sleep 60 & sleep 0.5; box=$!
on() { nsenter --user --preserve-credentials --net --target "$@"; }
on $host ip link add to-box type veth peer name eth0 netns $box
on $host ip address add 10.0.0.1/24 dev to-box
on $host ip link set to-box up
on $box ip address add 10.0.0.2/24 dev eth0
on $box ip link set eth0 up
on $box ping -c 1 10.0.0.1 | sed -n 2p
on $host ip -brief -4 address | awk '{ print $1, $3 }'
on $box ip -brief -4 address | awk '{ print $1, $3 }'
on $box ip route
kill $box $host
# A name for a namespace is a file. /run is covered here, for only root may write in the one of the machine.
run='mount -t tmpfs none /run; ip netns add blue'
unshare --user --map-root-user --net --mount sh -c "$run; ip netns list; ip -n blue -o link | cut -d : -f 2"
unshare --user --map-root-user --net --mount sh -c "$run; findmnt -n -o FSTYPE,TARGET /run/netns/blue"
