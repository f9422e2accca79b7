there=$(mktemp -d)
./build.sh predict uts --out $there >/dev/null
head -n 8 $there/predictions/uts.txt
rm -r $there
