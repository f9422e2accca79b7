# A program looks for its own limits: it reads where it stands, and goes there. Is it itself listed?
look='cd /sys/fs/cgroup/memory$(grep memory /proc/self/cgroup | cut -d : -f 3); grep -cx $$ cgroup.procs'
sh -c "$look"
unshare --user --map-root-user --cgroup sh -c "$look"
# The same with a mount of its own, below which the cgroup of the program is the top.
own='mount -t tmpfs none /mnt; mkdir /mnt/memory; mount -t cgroup -o memory none /mnt/memory'
own="$own; mount --rbind /mnt /sys/fs/cgroup"
unshare --user --map-root-user --cgroup --mount sh -c "$own; $look"
# It is root in there, and sees its own cgroup at the top. May it make another one below?
unshare --user --map-root-user --cgroup --mount sh -c "$own; mkdir /sys/fs/cgroup/memory/mine"
