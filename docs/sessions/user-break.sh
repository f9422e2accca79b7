# No map: nobody, who lost every capability in execve(2).
unshare --user sh -c 'id -u; grep CapEff /proc/self/status'
# With a map: root with every capability, in a mount namespace that belongs to the machine.
unshare --user --map-root-user mount -t tmpfs none /mnt
# With a mount namespace too. But only one uid exists in here; a file can be given to no other.
unshare --user --map-root-user --mount sh -c 'mount -t tmpfs none /mnt; touch /mnt/f; chown 1 /mnt/f'
