unshare --user --map-root-user --uts sh -c 'hostname box; hostname'; hostname
unshare --user --map-root-user --pid --fork --mount-proc ps -o pid,args
unshare --user id -u
unshare --user --map-root-user id -u
unshare --user --map-current-user id -u
# The process is the same before and after.
sh -c 'echo $$; exec unshare --user sh -c "echo \$\$"'
