# lo is there, and down: nobody can talk even to himself.
unshare --user --map-root-user --net ping -c 1 127.0.0.1
# With lo up there is still no way out, and so nobody to ask for an address.
unshare --user --map-root-user --net sh -c 'ip link set lo up; ping -c 1 192.0.2.1'
unshare --user --map-root-user --net sh -c 'ip link set lo up; getent hosts example.org || echo unknown'
# /sys shows the devices of the namespace in which it was mounted, whoever looks.
unshare --user --map-root-user --net sh -c 'ls /sys/class/net'
unshare --user --map-root-user --net --mount sh -c 'mount -t sysfs none /sys; ls /sys/class/net'
