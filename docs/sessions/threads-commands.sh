# A program with two threads. The second calls unshare(CLONE_NEWUTS) and sethostname(2), which are 272 and 170 on x86_64.
inside='syscall(272, 0x04000000) == 0 or die; syscall(170, my $name = "inside", 6); sleep 3'
unshare --user --map-root-user perl -Mthreads -e "async { $inside }->join" & sleep 1
# The first thread has the number of the process.
ps -L -o pid,tid,comm $!
readlink /proc/$!/task/*/ns/uts
readlink /proc/$!/ns/uts
# lsns(8) looks at processes.
lsns --type uts --task $! --output NS,TYPE
# Where a PID is wanted, the number of a thread will do.
tid=$(ls -v /proc/$!/task | tail -n 1)
nsenter --user --preserve-credentials --uts --target $tid hostname
wait
