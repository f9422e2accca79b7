# A cgroup namespace of its own: the path looks like a root. Is less memory there, or are there fewer processors?
unshare --user --map-root-user --cgroup sh -c 'sed -n "s/^0:://p" /proc/self/cgroup'
here=$(grep MemTotal /proc/meminfo; nproc); there=$(unshare --user --map-root-user --cgroup sh -c 'grep MemTotal /proc/meminfo; nproc')
[ "$here" = "$there" ] && echo the same
