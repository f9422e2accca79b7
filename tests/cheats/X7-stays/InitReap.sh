#!/bin/sh
# cheat: X7 | FAIL | Hands SIGTERM on and stays when the service has ended.
# This runs as number 1, in a PID namespace of its own.
init() {
    trap 'kill -TERM "$service"' TERM
    $SERVICE &
    service=$!
    while :; do wait "$service"; sleep 0.2; done
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
