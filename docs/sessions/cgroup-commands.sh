grep -E 'memory|^0:' /proc/self/cgroup
unshare --user --map-root-user --cgroup grep -E 'memory|^0:' /proc/self/cgroup
# Where process 1 stands, seen from the cgroup of this shell:
unshare --user --map-root-user --cgroup grep memory /proc/1/cgroup
findmnt --noheadings --output FSROOT,TARGET --types cgroup --options memory
unshare --user --map-root-user --cgroup findmnt --noheadings --output FSROOT,TARGET --types cgroup --options memory
# A process to look at from outside, and to join.
unshare --user --map-root-user --cgroup sleep 60 & sleep 0.5
grep memory /proc/$!/cgroup
nsenter --user --preserve-credentials --cgroup --target $! grep memory /proc/$!/cgroup
lsns --type cgroup --task $! --output TYPE,NPROCS,COMMAND
kill $!
