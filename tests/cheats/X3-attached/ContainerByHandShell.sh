#!/bin/sh
# cheat: X3 | FAIL | Leaves the old root below the new one.
set -eu
PATH=$PATH:/usr/sbin:/sbin

# Always as root of a user namespace made for this, whoever starts it: so nothing happens to the machine.
if [ "$(id -u)" != 0 ] || grep -q ' 4294967295$' /proc/self/uid_map; then
    exec unshare --user --map-root-user sh "$0" "$@"
fi

# Who looks from outside knows the token; another one in each run.
export NSLABS_TOKEN="${NSLABS_TOKEN:-$(head -c 8 /dev/urandom | od -An -tx1 | tr -d ' \n')}"
hostname=hostname-$(printf '%s/hostname' "$NSLABS_TOKEN" | sha256sum | cut -c1-8)

# files DIRECTORY: fills it with a shell, some programs, and the libraries that they name.
files() {
    mkdir -p "$1/bin" "$1/dev" "$1/proc" "$1/tmp"
    for program in sh cat hostname ip ls mkdir mount ps rmdir sleep umount; do
        path=$(command -v "$program") || continue
        cp -L "$path" "$1/bin/"
        { ldd "$path" 2>/dev/null || :; } | grep -o '/[^ ]*' | while read -r library; do
            mkdir -p "$1${library%/*}" && cp -L "$library" "$1$library"
        done
    done
}

case ${1-outside} in
outside)
    echo "the container is to be called $hostname"
    exec unshare --mount --uts --ipc --net --pid --cgroup --fork --kill-child sh "$0" inside
    ;;
inside)
    hostname "$hostname"
    ip link set lo up
    mount -t tmpfs -o mode=755 none /mnt    # a mount point, as pivot_root(8) wants it; unshare(1) has made all mounts private
    files /mnt
    mount -t proc proc /mnt/proc            # while the whole old one is in sight: else a user namespace may not
    mkdir /mnt/old
    cd /mnt
    pivot_root . old
    PATH=/bin
    cd /
    ;;
esac

# Here it stays: until Enter, or until whoever looks from outside ends it.
exec /bin/sh -c 'echo ready; if [ -t 0 ]; then read -r enter; else while :; do sleep 1000; done; fi'
