# A shell makes a segment of shared memory, and ends. The segment stays.
id=$(sh -c 'ipcmk --shmem 4096' | cut -d ' ' -f 4)
ipcs --shmems --id $id | grep -E 'uid|nattch'
# A sandbox with every namespace but this one.
unshare --user --map-root-user --mount --uts --net --cgroup --time --pid --fork --mount-proc ipcrm --shmem-id $id
ipcs --shmems --id $id
