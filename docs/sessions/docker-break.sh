unshare --user --map-root-user --pid --fork --kill-child sleep 7.65 & sleep 0.5
pid=$(pgrep --full '^sleep 7.65')
./build.sh run Docker --pid $pid | sed -n '/^Inside and outside/,/^In full/{/^In full/d;p}'
wait
