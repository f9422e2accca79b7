# Somebody may make three UTS namespaces, and leaves each one with a mount and no process.
in='mount -t tmpfs none /srv; cd /srv; echo 3 > /proc/sys/user/max_uts_namespaces'
in="$in; for i in 1 2 3 4; do touch \$i; unshare --uts=\$i true && echo \$i; done"
# Is the disk full? One of the mounts is taken away.
unshare --user --map-root-user --mount sh -c "$in; df --output=pcent .; umount 2; unshare --uts true && echo again"
