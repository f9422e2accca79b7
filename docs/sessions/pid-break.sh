# Numbers of its own, but the /proc of the machine: pgrep finds a process outside, with its command line.
sleep 1234567 &
unshare --user --map-root-user --pid --fork pgrep --full --list-full '^sleep 1234567'
# The number that it found is a number outside.
unshare --user --map-root-user --pid --fork sh -c 'kill $(pgrep --full "^sleep 1234567")'
kill $!
# Without --fork: the shell stays outside, its first child is number 1, and there is no second.
unshare --user --map-root-user --pid sh -c 'sh -c "echo number \$\$"; sh -c "echo number \$\$"'
