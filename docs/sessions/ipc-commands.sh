id=$(ipcmk --queue | cut -d ' ' -f 4)
lsipc --queues --output KEY,ID,PERMS
unshare --user --map-root-user --ipc lsipc --queues --output KEY,ID,PERMS
unshare --user --map-root-user --ipc sh -c "ipcmk --queue; lsipc --queues --output KEY,ID,PERMS; ipcrm --queue-id $id"
ipcrm --queue-id $id
# One that stays for some seconds, and a visitor with the same /proc.
unshare --user --map-root-user --ipc sh -c 'ipcmk --queue; exec sleep 3.45' & sleep 0.5
pid=$(pgrep --full '^sleep 3.45')
nsenter --user --preserve-credentials --ipc --target $pid wc -l /proc/sysvipc/msg
wc -l /proc/sysvipc/msg
wait
