unshare --user --map-root-user --pid --fork --mount-proc ps -o pid,ppid,args
# One that stays for some seconds: how it looks from outside, and a visitor.
unshare --user --map-root-user --pid --fork --mount-proc sleep 5.43 & sleep 0.5
pid=$(pgrep --full '^sleep 5.43')
readlink /proc/self/ns/pid /proc/$pid/ns/pid
grep NSpid /proc/$pid/status
nsenter --user --preserve-credentials --pid --mount --target $pid ps -e -o pid,ppid,args
wait
