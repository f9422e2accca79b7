# By hand what --map-root-user does:
unshare --user sleep 60 & sleep 0.5
echo deny > /proc/$!/setgroups
echo 0 1000 1 > /proc/$!/gid_map
echo 0 1000 1 > /proc/$!/uid_map
nsenter --user --preserve-credentials --target $! id -u
kill $!
# A user namespace in a user namespace. The second number is told as the reader knows it:
unshare --user --map-root-user unshare --user --map-user=5 sleep 60 & sleep 0.5
cat /proc/$!/uid_map
nsenter --user --preserve-credentials --target $! cat /proc/self/uid_map
kill $!
cat /proc/self/uid_map
