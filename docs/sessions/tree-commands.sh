unshare --user --map-root-user --uts --ipc sleep 6.54 & sleep 0.5
pid=$(pgrep --full '^sleep 6.54')
for type in user uts ipc; do lsns --noheadings --task $pid --type $type --output TYPE,NPROCS,COMMAND; done
# Who owns its UTS namespace? lsns asks the kernel, as the lab does.
[ $(lsns --noheadings --task $pid --type uts --output ONS | tr -d ' ') = $(readlink /proc/$pid/ns/user | tr -dc 0-9) ] && echo its user namespace
wait
