# Written too late: the shell that writes has been executed in the new namespace.
unshare --user --map-root-user --time sh -c '/bin/echo boottime 60 0 > /proc/self/timens_offsets'
unshare --user --map-root-user --time sh -c 'readlink /proc/self/ns/time'; readlink /proc/self/ns/time
# The machine would have been started in the future.
unshare --user --map-root-user --time --boottime -864000000 --fork true
# Root inside, with every capability, in a time namespace of its own. But there is one date for all.
unshare --user --map-root-user --time --fork date --set 12:00 > /dev/null
