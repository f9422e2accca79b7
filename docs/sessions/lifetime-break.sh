# A container with a network, and a cable into it; on $host is the side that plays the machine.
unshare --user --map-root-user --net sleep 60 & sleep 0.5; host=$!
nsenter --user --preserve-credentials --net --target $host unshare --net sleep 60 & sleep 0.5; box=$!
on() { nsenter --user --preserve-credentials --net --target "$@"; }
on $host ip link add to-box type veth peer name eth0 netns $box
# Somebody looks at its network, and forgets to close the file. Then the container ends.
exec 5< /proc/$box/ns/net
kill $box; sleep 1
on $host ip -o link | cut -d : -f 2
# The next container wants the same name for its cable.
on $host ip link add to-box type veth peer name eth1
# The file is closed.
exec 5<&-; sleep 1
on $host ip -o link | cut -d : -f 2
kill $host
