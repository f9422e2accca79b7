# A host where everything is shared, with an empty file system on /srv.
unshare --user --map-root-user --mount --propagation shared sh -c 'mount -t tmpfs srv /srv; mkdir /srv/a /srv/b /srv/c; exec sleep 8.77' & sleep 0.5
host="nsenter --user --preserve-credentials --mount --target $(pgrep --full '^sleep 8.77')"
# Three mounts in namespaces of their own. Which of them is on the host?
$host unshare --mount --propagation unchanged mount -t tmpfs one /srv/a
$host unshare --mount --propagation slave mount -t tmpfs two /srv/b
$host unshare --mount mount -t tmpfs three /srv/c
$host findmnt --submounts --output TARGET,SOURCE,PROPAGATION --target /srv
# What the three make of a shared /srv.
$host unshare --mount --propagation unchanged grep -o ' /srv .*-' /proc/self/mountinfo
$host unshare --mount --propagation slave grep -o ' /srv .*-' /proc/self/mountinfo
$host unshare --mount grep -o ' /srv .*-' /proc/self/mountinfo
wait
