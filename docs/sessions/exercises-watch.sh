kept=$(mktemp); cp labs/exercises/UtsRename.java $kept
./build.sh watch --once UtsRename
sed -i 's|// TODO 1.*|inside.unshare(CLONE_NEWUTS);|' labs/exercises/UtsRename.java
./build.sh watch --once UtsRename
cp $kept labs/exercises/UtsRename.java; rm $kept
