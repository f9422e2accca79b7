in='unshare --user --map-root-user --time --boottime 8640000 --fork'
$in cat /proc/self/timens_offsets
# How many days longer has the machine been up inside? And by how much do the dates differ?
up='cut -d . -f 1 /proc/uptime'
echo $(( ($($in $up) - $($up)) / 86400 )) days
echo $(( ($($in date +%s) - $(date +%s)) / 86400 )) days
# A process to look at from outside, and to join. $! is unshare(1) itself, $box is its child.
$in sleep 60 & sleep 0.5; box=$(pgrep -P $!)
readlink /proc/$!/ns/time /proc/$!/ns/time_for_children /proc/$box/ns/time
nsenter --user --preserve-credentials --time --target $box cat /proc/self/timens_offsets
kill $box
