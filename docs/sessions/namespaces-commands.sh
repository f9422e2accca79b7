unshare --user --map-root-user --uts --net sleep 4.32 & sleep 0.5
pid=$!
lsns --task $pid --output TYPE,NS | sort
readlink /proc/self/ns/uts /proc/$pid/ns/uts
# The same device and the same inode?
for type in cgroup ipc mnt net pid time user uts; do test /proc/self/ns/$type -ef /proc/$pid/ns/$type && echo $type: together || echo $type: apart; done
wait
