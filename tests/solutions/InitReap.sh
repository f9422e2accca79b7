#!/bin/sh
# Exercise InitReap | lab Init | difficulty 4
#
# Write the init of a container. Here the service itself is number 1 of its PID namespace, as in many a container, and so
# orphans stay zombies and SIGTERM does nothing at all. Let a shell be number 1 instead, which starts the service, waits for
# whoever ends, hands SIGTERM on to the service, and does not end before the service has.
#
#   init.zombies-wait-for-one  | 2 | Number 1 waits for the orphans that it gets: none of them stays a zombie.
#   init.one-hears-its-handler | 3 | SIGTERM from outside arrives at the service; number 1 waits until the service has ended, and then ends too.
#
# Read: pid_namespaces(7), wait(2), and of sh(1) the parts about trap and wait

# This runs as number 1, in a PID namespace of its own.
init() {
    trap 'kill -TERM "$service"' TERM
    $SERVICE &
    service=$!
    # wait ends when the service has ended, and also when a signal comes. Meanwhile the shell calls wait(2) for any child.
    while kill -0 "$service" 2>/dev/null; do
        wait "$service"
    done
}

case "$1" in
init) init; exit ;;
# By hand: first make yourself root of a user namespace, and be the first process of a PID namespace, so that all ends with you.
'') [ -n "$NSLABS_TOKEN" ] || exec unshare --user --map-root-user --pid --fork --kill-child sh "$0" by-hand ;;
esac

trap exit INT TERM
token=${NSLABS_TOKEN:-$$$(date +%N)}
number=$(printf '%s/seconds' "$token" | sha256sum | cut -c1-8)
export SERVICE="sleep $((100000 + 0x$number % 900000))"

# Like "docker run --restart always": when a container has ended, here comes the next one.
while :; do
    unshare --pid --fork --kill-child sh "$0" init
    sleep 0.1
done &

echo "the service is: $SERVICE"
echo ready
[ -z "$NSLABS_TOKEN" ] || wait
echo "Find number 1 in ps -ef --forest and send it SIGTERM, or let ./build.sh watch do it. Enter ends this." >&2
read -r _ || exit 0
