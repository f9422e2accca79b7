# An open file. The shell has two of them: of a UTS namespace, and of the user namespace that owns it.
unshare --user --map-root-user --uts sh -c 'hostname kept; exec sleep 60' & sleep 0.5
exec 5< /proc/$!/ns/user 6< /proc/$!/ns/uts
kill $!; wait
nsenter --user=/proc/self/fd/5 --preserve-credentials --uts=/proc/self/fd/6 hostname
# Nobody is in it. Who holds it? Number 6 is closed for find itself.
uts=$(readlink /proc/$$/fd/6 | tr -dc 0-9)
(exec 6<&-; find /proc/[0-9]*/fd -lname "uts:*$uts*" 2>/dev/null)
exec 5<&- 6<&-
# A bind mount: unshare(1) makes it when it is given a file. It takes a mount namespace that is ours.
in='mount -t tmpfs none /srv; touch /srv/uts; unshare --uts=/srv/uts hostname kept'
in="$in; findmnt --noheadings --types nsfs --output TARGET,FSTYPE; nsenter --uts=/srv/uts hostname"
unshare --user --map-root-user --mount sh -c "$in; umount /srv/uts; nsenter --uts=/srv/uts hostname"
# A zombie: sleep has ended, and its parent does not ask.
unshare --user --map-root-user --uts sh -c 'sleep 0.1 & exec sleep 2' & sleep 1
zombie=$(pgrep --parent $!)
ps -o stat,args $zombie
readlink --verbose /proc/$zombie/ns/uts
wait
