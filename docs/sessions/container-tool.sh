box() { ./build.sh run Container "$@"; }
box run --hostname box -- sh -c 'hostname; id -u; ps'
# One that stays, under a name:
box run --detach --name web -- sleep 1000
box ps | tr -s ' '
box exec web -- ps
box exec web -- kill -KILL 1; box ps | tr -s ' '
box rm web
# The exit status is the command's, or tells why there was none:
box run --init -- sh -c 'kill -KILL $$'; echo $?
box run -- nosuch; echo $?
