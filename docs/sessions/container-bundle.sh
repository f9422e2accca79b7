dir=$(mktemp -d); mkdir -p $dir/rootfs/bin; cp /bin/busybox $dir/rootfs/bin/echo
./build.sh run Container spec --rootfs $dir/rootfs --hostname box -- echo hello from a bundle > $dir/config.json
grep -A 3 '"capabilities"' $dir/config.json
./build.sh run Container run --bundle $dir
# A slip in the file is told before anything has been made:
sed -i 's/"noNewPrivileges":true/"noNewPrivileges":"yes"/' $dir/config.json
./build.sh run Container run --bundle $dir; echo $?
rm -r $dir
