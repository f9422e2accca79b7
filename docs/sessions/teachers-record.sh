records=$(mktemp -d); mkdir $records/ada $records/bob
./build.sh run Uts --student ada --record $records/ada >/dev/null
./build.sh run Uts --student bob --record $records/bob >/dev/null
grep -h -A 10 child-renames-itself $records/ada/uts.json $records/bob/uts.json | grep '"inside"'
rm -r $records
