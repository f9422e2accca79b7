# A root directory with the programs of this machine, on a file system in memory, and beside it a file.
make='mount -t tmpfs none /mnt; cd /mnt; echo outside > note; mkdir -p jail/usr jail/old jail/dev jail/tmp; touch jail/dev/null; ln -s usr/bin usr/lib usr/lib64 jail; mount --rbind /usr jail/usr'
unshare --user --map-root-user --mount sh -c "$make; chroot jail sh -c 'ls /; cat /note'"
# The way out: a second chroot, and "..". perl makes the three calls.
way='chroot "tmp"; chdir "../../.."; chroot "."; exec "cat", "mnt/note"'
unshare --user --map-root-user --mount sh -c "$make; chroot jail perl -e '$way'"
