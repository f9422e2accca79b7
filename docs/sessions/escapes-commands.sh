# Which doors does a process leave open? Its namespaces, beside ours:
unshare --user --map-root-user --mount --pid --fork --mount-proc sleep 4.56 & sleep 0.5
pid=$(pgrep --full '^sleep 4.56')
for type in user mnt pid net ipc uts cgroup time; do [ $(readlink /proc/$pid/ns/$type) = $(readlink /proc/self/ns/$type) ] && echo "shares $type" || echo "has its own $type"; done
# Its filter and its capabilities:
grep -E '^(Seccomp|NoNewPrivs|CapBnd):' /proc/$pid/status
wait
