# Without CLONE_NEWUTS: root of a user namespace, but the UTS namespace is still the machine's.
unshare --user --map-root-user sh -c 'id -u; hostname inside'
hostname
# With a UTS namespace, but by name only: nothing tells a file what the name of the machine is.
unshare --user --map-root-user --uts sh -c 'hostname inside; hostname; echo $HOSTNAME; cat /etc/hostname'
