unshare --user --map-root-user sh -c 'echo 0 > /proc/sys/user/max_uts_namespaces; unshare --uts true'
unshare --user --map-root-user --uts true && echo outside of it all is well
