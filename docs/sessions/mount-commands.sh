unshare --user --map-root-user --mount sh -c 'mount -t tmpfs usb /srv; echo hello > /srv/file; exec sleep 5.44' & sleep 0.5
ls /srv
# From outside: its mount list, a file below its root, and a visit.
pid=$(pgrep --full '^sleep 5.44')
findmnt --task $pid --output TARGET,SOURCE,FSTYPE /srv
cat /proc/$pid/root/srv/file
nsenter --user --preserve-credentials --mount --target $pid sh -c 'pwd; ls /srv'
wait
# A bind mount, and how to make it read-only.
unshare --user --map-root-user --mount sh -c 'mount -t tmpfs disk /srv; cd /srv; mkdir a b; mount --bind a b; mount -o remount,bind,ro b; touch b/x; touch a/x; ls b'
# A /proc of its own takes a PID namespace too.
unshare --user --map-root-user --mount mount -t proc proc /proc
unshare --user --map-root-user --mount --pid --fork sh -c 'mount -t proc proc /proc; echo /proc/[0-9]*'
