# A process in five namespaces of its own: $box, a child of unshare(1), which is $!.
new='unshare --user --map-root-user --uts --net --pid --fork --kill-child --mount-proc'
$new sh -c 'hostname box; exec sleep 60' & sleep 1; box=$(pgrep -P $!)
in="nsenter --target $box --user --preserve-credentials"
$in --uts hostname
$in --net ip -o link | cut -d : -f 2
$in --uts --net --pid --mount ps -o pid,args
# One type by its file, and a look without entering:
$in --uts=/proc/$box/ns/uts uname -n
readlink /proc/$box/ns/uts /proc/self/ns/uts
kill -KILL $!
