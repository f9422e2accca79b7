# The host of this session: an IPC namespace with a queue, and a mount of type mqueue that shows it.
unshare --user --map-root-user --ipc --mount sh -c 'mount -t mqueue queues /srv; : > /srv/jobs; exec sleep 8.78' & sleep 0.5
host="nsenter --user --preserve-credentials --ipc --mount --target $(pgrep --full '^sleep 8.78')"
$host ls /srv
# A container with an IPC namespace of its own, and with the mounts of the host.
$host unshare --ipc --mount sh -c 'rm /srv/jobs; : > /srv/mine'
$host ls /srv
wait
# POSIX shared memory, and an IPC namespace alone.
file=$(mktemp --tmpdir=/dev/shm)
echo 'a word in memory' > $file
unshare --user --map-root-user --ipc cat $file
rm $file
