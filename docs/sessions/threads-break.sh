# A JVM in a process whose children belong into another PID namespace.
unshare --user --map-root-user --pid java -XX:+UseSerialGC -version
# Perl, without threads and with them. unshare(2) is call 272 on x86_64; CLONE_NEWUSER is 0x10000000.
perl -e 'syscall(272, 0x10000000) == 0 or die "unshare: $!\n"; print "success\n"'
perl -Mthreads -e 'async { sleep 1 }->detach; syscall(272, 0x10000000) == 0 or die "unshare: $!\n"'
# CLONE_NEWPID (0x20000000), and then a thread. pthread_create(3) returns an errno: 22 is EINVAL.
unshare --user --map-root-user perl -Mthreads -e 'syscall(272, 0x20000000) == 0 or die; async { }'
# CLONE_NEWUTS (0x04000000) in a thread, which then looks where it stands.
where='syscall(272, 0x04000000) == 0 or die; print readlink("/proc/$_/ns/uts"), "\n" for "self", "thread-self"'
unshare --user --map-root-user perl -Mthreads -e "async { $where }->join"
