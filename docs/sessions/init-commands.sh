unshare --user --map-root-user --pid --fork sleep 5.67 2>/dev/null & sleep 0.5
one=$(pgrep --parent $!)
nsenter --user --preserve-credentials --pid --target $one sh -c 'kill -KILL 1; echo $?'
kill -TERM $one; sleep 0.1
ps -o stat,args $one
kill -KILL $one; wait
# The same with a handler.
unshare --user --map-root-user --pid --fork sh -c 'trap "echo I am asked to go; exit" TERM; while :; do sleep 0.1; done' & sleep 0.5
kill -TERM $(pgrep --parent $!); wait
