new='unshare --user --map-root-user --uts --net --pid --fork --kill-child --mount-proc'
$new sh -c 'hostname box; exec sleep 60' & sleep 1; box=$(pgrep -P $!)
# Without the user namespace there is no privilege:
nsenter --target $box --uts hostname
# The PID namespace without the mounts: number 2 or more in there, and another number in the old /proc.
in="nsenter --target $box --user --preserve-credentials"
$in --pid sh -c 'echo $$; readlink /proc/self'
# The mounts without the PID namespace: the process has no number in this /proc.
$in --mount sh -c 'readlink /proc/self || echo none'
# Both:
$in --pid --mount sh -c 'echo $$; readlink /proc/self'
# All eight, where this process has five of its own: the other three belong to the machine.
nsenter --target $box --preserve-credentials --all hostname
kill -KILL $!
