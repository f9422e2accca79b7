# A user namespace in a user namespace. Nobody is left in the one between.
unshare --user --map-root-user unshare --user --map-root-user sleep 60 & sleep 0.5
lsns --type user --task $! --output NS,PNS,NPROCS
between=$(lsns --noheadings --type user --task $! --output PNS)
ls -l /proc/[0-9]*/ns/user 2>/dev/null | grep -c $between
kill $!; wait
# A proc that has been mounted by somebody in a PID namespace, and has outlived it.
in='echo 1 > /proc/sys/user/max_pid_namespaces; unshare --pid --fork mount -t proc proc /srv; ls /srv | grep -c "^[0-9]"'
in="$in; sleep 1; unshare --pid --fork true; umount /srv; sleep 1; unshare --pid --fork echo again"
unshare --user --map-root-user --mount sh -c "$in"
