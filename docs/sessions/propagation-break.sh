# The host of this session: mount and PID namespaces where everything is shared, as systemd leaves it.
unshare --user --map-root-user --mount --pid --fork --mount-proc sh -c 'mount --make-rshared /; exec sleep 8.76' & sleep 0.5
host="nsenter --user --preserve-credentials --mount --pid --target $(pgrep --parent $!)"
$host ps -o pid,args 1
# What the blog post does: a proc for a new PID namespace, and no word about propagation.
$host unshare --mount --propagation unchanged --pid --fork mount -t proc proc /proc
$host ps -o pid,args 1
# The repair.
$host umount /proc
$host ps -o pid,args 1
wait
