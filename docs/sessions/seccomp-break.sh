# no_new_privs keeps execve from giving anything. It does not keep this ordinary user from a new user namespace:
setpriv --no-new-privs unshare --user --map-root-user grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status
