make='mount -t tmpfs none /mnt; cd /mnt; echo outside > note; mkdir -p jail/usr jail/old jail/dev jail/tmp; touch jail/dev/null; ln -s usr/bin usr/lib usr/lib64 jail; mount --rbind /usr jail/usr'
# pivot_root wants a mount point, so the directory is bound onto itself; then the same three calls as before.
pivot='mount --rbind jail jail; cd jail; pivot_root . old; mkdir proc; mount -t proc proc /proc; umount -l /old'
way='chroot "tmp"; chdir "../../.."; chroot "."; exec "cat", "mnt/note"'
unshare --user --map-root-user --mount --pid --fork sh -c "$make; $pivot; ls /; perl -e '$way'"
