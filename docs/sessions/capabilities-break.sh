# A uid is only a number to the map: root inside, with all sets full.
unshare --user --map-root-user grep -E '^Cap(Prm|Eff|Bnd)' /proc/self/status
# The same root without one capability in the bounding set: execve gives it no more than that.
unshare --user --map-root-user --uts setpriv --bounding-set=-sys_admin --inh-caps=-all sh -c 'id -u; grep CapEff /proc/self/status; hostname x'
# And with none at all: not even a file of its own, of mode 000, can it read.
unshare --user --map-root-user setpriv --bounding-set=-all --inh-caps=-all sh -c 'f=$(mktemp); chmod 000 $f; cat $f 2>&1 | sed "s/.*: //"; id -u; rm -f $f'
