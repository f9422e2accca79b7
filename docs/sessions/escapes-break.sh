# A file that was opened outside is open inside, whatever the new root is.
mkdir -p /tmp/namespace-labs-room/empty
echo outside > /tmp/namespace-labs-room/note
unshare --user --map-root-user --mount --pid --fork --mount-proc sh -c 'exec 3< /tmp/namespace-labs-room; mount -t tmpfs none /tmp; ls -A /tmp; cat /proc/self/fd/3/note'
# Not opened, it is not there.
unshare --user --map-root-user --mount --pid --fork --mount-proc sh -c 'mount -t tmpfs none /tmp; cat /tmp/namespace-labs-room/note'
rm -r /tmp/namespace-labs-room
