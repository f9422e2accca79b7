# Any type but user, without privilege:
unshare --uts true
# PID without --fork: the first child is number 1 of the namespace, and its end is the end of that.
unshare --user --map-root-user --pid sh -c '/bin/true; /bin/true'
# With --fork the shell is number 1, but looks into a /proc that was mounted outside. With --mount-proc:
unshare --user --map-root-user --pid --fork sh -c 'echo $$; readlink /proc/self'
unshare --user --map-root-user --pid --fork --mount-proc sh -c 'echo $$; readlink /proc/self'
