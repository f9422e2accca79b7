# clone(2) is call 56 on x86_64. Without a stack it returns twice, like fork(2); the child ends at once.
clone='$pid = syscall(56, int $flags, 0, 0, 0, 0); die "clone: $!\n" if $pid < 0; exit if !$pid;'
clone="$clone"' print wait > 0 ? "the child has ended\n" : "wait: $!\n"'
# SIGCHLD (17) alone is fork(2). Then CLONE_NEWUTS (0x04000000), by an ordinary user:
perl -se "$clone" -- -flags=17
perl -se "$clone" -- -flags=$((0x04000000 | 17))
# CLONE_NEWUSER (0x10000000) as well:
perl -se "$clone" -- -flags=$((0x14000000 | 17))
# CLONE_FS (0x200) as well:
perl -se "$clone" -- -flags=$((0x14000200 | 17))
# And SIGCHLD forgotten:
perl -se "$clone" -- -flags=$((0x14000000))
