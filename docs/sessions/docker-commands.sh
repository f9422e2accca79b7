bwrap --ro-bind / / --proc /proc --dev /dev --unshare-pid --unshare-uts --hostname box sleep 8.76 & sleep 0.5
pid=$(pgrep --full '^sleep 8.76')
grep -E '^(NSpid|CapEff|NoNewPrivs|Seccomp):' /proc/$pid/status
wait
