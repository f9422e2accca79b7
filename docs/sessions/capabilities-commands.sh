grep ^Cap /proc/self/status
# What the masks mean; setpriv tells it in words.
unshare --user --map-root-user setpriv --bounding-set=-all,+chown,+kill --inh-caps=-all setpriv --dump | grep -E '^(uid|Capability bounding set|Ambient)'
# An ambient capability goes with a program that is not root's.
unshare --user --map-current-user --keep-caps setpriv --ambient-caps=-all,+net_bind_service grep -E '^Cap(Eff|Amb)' /proc/self/status
