file=$(mktemp)
unshare --user --map-root-user stat -c %u $file
stat -c %u $file
# Any number will do for the one id that you may map; but only 0 keeps capabilities in execve(2).
unshare --user --map-user=2000 sh -c "stat -c %u $file; grep CapEff /proc/self/status"
rm $file
# A process to look at from outside, and to join.
unshare --user --map-root-user sleep 60 & sleep 0.5
grep Uid: /proc/$!/status
cat /proc/$!/uid_map
nsenter --user --target $! id -u
nsenter --user --preserve-credentials --target $! id -u
kill $!
