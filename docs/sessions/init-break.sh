# Without a PID namespace: a program leaves a helper behind and ends.
sh -c 'sleep 3.21 &'
ps -o ppid,args $(pgrep --full '^sleep 3.21')
# The same program as number 1 of a PID namespace.
unshare --user --map-root-user --pid --fork sh -c 'sleep 3.22 &'
pgrep --full '^sleep 3.22' || echo nobody
# A number 1 that never waits for its children: the first sleep has ended.
unshare --user --map-root-user --pid --fork --mount-proc sh -c 'sleep 0.1 & exec sleep 2.34' & sleep 0.5
nsenter --user --preserve-credentials --pid --mount --target $(pgrep --parent $!) ps -e -o pid,ppid,stat,args
wait
