hostname
unshare --user --map-root-user --uts sh -c 'hostname inside; hostname; readlink /proc/self/ns/uts'
hostname
readlink /proc/self/ns/uts
