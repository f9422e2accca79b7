box() { ./build.sh run Container run "$@"; }
# Root in the container wants to see what is behind a masked path:
box -- umount /proc/timer_list
# With the capability, and with the filter. Without the filter, and without the capability:
box --cap-add CAP_SYS_ADMIN -- umount /proc/timer_list
box --no-seccomp -- umount /proc/timer_list
# With the capability, and without the filter:
box --cap-add CAP_SYS_ADMIN --no-seccomp -- sh -c 'stat -c %F /proc/timer_list; umount /proc/timer_list; stat -c %F /proc/timer_list'
