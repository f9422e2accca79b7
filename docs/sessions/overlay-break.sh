# Without an overlay: a bind mount shows the image itself, and what the container writes is written to the image.
make='mount -t tmpfs none /mnt; cd /mnt; mkdir image root; echo old > image/note'
unshare --user --map-root-user --mount sh -c "$make; mount --bind image root; echo new > root/note; cat image/note"
