grep Seccomp: /proc/self/status
setpriv --no-new-privs grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status
cat /proc/sys/kernel/seccomp/actions_avail
