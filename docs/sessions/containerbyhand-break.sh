make='mount -t tmpfs none /mnt; cd /mnt; echo outside > note; mkdir -p root/bin root/dev root/proc root/old'
make="$make; cp /bin/busybox root/bin; root/bin/busybox --install root/bin; mount --bind root root"
make="$make; mount -t proc proc root/proc; cd root; pivot_root . old"
apart='unshare --user --map-root-user --mount --uts --ipc --net --pid --fork sh -c'
# The old root stays where it is:
$apart "$make; cat /old/mnt/note"
# It is unmounted, and nobody has bound a /dev/null:
$apart "$make; umount -l /old; echo rubbish > /dev/null; stat -c %F /dev/null; cat /dev/null"
# Somebody kills the command that started the container:
unshare --user --map-root-user --pid --fork sleep 3.54 & sleep 0.5
kill -KILL $!; sleep 0.3; pgrep --full '^sleep 3.54' > /dev/null && echo it runs on
# The same with one option more:
unshare --user --map-root-user --pid --fork --kill-child sleep 3.55 & sleep 0.5
kill -KILL $!; sleep 0.3; pgrep --full '^sleep 3.55' > /dev/null || echo it has gone
