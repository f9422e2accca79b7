unshare --user sleep 60 & sleep 0.5
# The id of a neighbour, and one more than my own:
/bin/echo 0 1001 1 > /proc/$!/uid_map
/bin/echo 0 1000 2 > /proc/$!/uid_map
# My own group, with setgroups(2) still allowed:
/bin/echo 0 1000 1 > /proc/$!/gid_map
# My own id, and then another wish:
/bin/echo 0 1000 1 > /proc/$!/uid_map
/bin/echo 5 1000 1 > /proc/$!/uid_map
kill $!
# What follows from a map with one id, for programs that want to be careful:
unshare --user --map-root-user setpriv --clear-groups true
unshare --user --map-root-user setpriv --reuid 1 true
# And where nobody has been given a range:
unshare --user sleep 60 & sleep 0.5
newuidmap $! 0 1000 1 1 100000 65536
kill $!
