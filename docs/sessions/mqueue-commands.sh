unshare --user --map-root-user --ipc --mount sh -c 'mount -t mqueue queues /srv; : > /srv/jobs; ls /srv; cat /srv/jobs'
unshare --user --map-root-user --ipc --mount sh -c 'mount -t mqueue queues /srv; ls /srv'
# Without an IPC namespace of its own.
unshare --user --map-root-user --mount mount -t mqueue queues /srv
# Both at once: no queue and no shared memory of anybody else.
unshare --user --map-root-user --ipc --mount sh -c 'mount -t mqueue queues /srv; mount -t tmpfs memory /dev/shm; ls /srv /dev/shm'
