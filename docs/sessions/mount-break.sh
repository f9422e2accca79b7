# Without CLONE_NEWNS: root of a user namespace, but the mount list is that of the machine.
unshare --user --map-root-user mount -t tmpfs usb /srv
# With it, and nothing mounted: every file is the file that it was.
file=$(mktemp)
unshare --user --map-root-user --mount sh -c 'echo "written inside" > '$file
cat $file; rm $file
# The mount, and with it the only copy of the file, ends with the last process inside.
unshare --user --map-root-user --mount sh -c 'mount -t tmpfs usb /srv; echo important > /srv/file; ls /srv'
unshare --user --map-root-user --mount ls /srv
