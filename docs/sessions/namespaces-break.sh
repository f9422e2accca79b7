# No privilege, and no user namespace that would give some.
unshare --uts hostname
# With one. The name is the same as before: does that mean that the namespace is?
hostname; readlink /proc/self/ns/uts
unshare --user --map-root-user --uts sh -c 'hostname; readlink /proc/self/ns/uts'
# Process 1 is not ours.
readlink --verbose /proc/1/ns/uts
