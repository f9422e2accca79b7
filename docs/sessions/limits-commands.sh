# Who owns the directory decides. Here that is root:
mkdir /sys/fs/cgroup/pids/mine
# A limit that everybody may set is another thing, an rlimit: it holds for a process, not for a group of them.
sh -c 'ulimit -v 20000; dd if=/dev/zero of=/dev/null bs=50M count=1; echo status $?' 2>&1 | sed 's/.*: memory/dd: memory/'
