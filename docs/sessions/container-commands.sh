apart='unshare --user --map-root-user --mount --uts --ipc --net --pid --cgroup --fork --mount-proc'
less='setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+kill,+net_bind_service'
$apart $less sh -c 'grep -E "Cap(Eff|Bnd)|NoNewPrivs|Seccomp:" /proc/self/status; chroot / true'
# What is missing is a filter. So it makes a user namespace, and has every capability again:
$apart $less unshare --user --keep-caps grep CapEff /proc/self/status
