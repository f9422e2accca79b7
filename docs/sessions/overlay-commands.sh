make='mount -t tmpfs none /mnt; cd /mnt; mkdir image upper work root; echo old > image/note; echo keep > image/other'
lay='mount -t overlay -o lowerdir=image,upperdir=upper,workdir=work,userxattr none root'
unshare --user --map-root-user --mount sh -c "$make; $lay; echo new > root/note; rm root/other; echo root: \$(ls root), image: \$(ls image), upper:; ls -l upper | cut -c 1-10,41-"
