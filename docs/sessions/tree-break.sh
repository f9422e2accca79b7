# Process 1 belongs to root. Where does it stand? An ordinary user is not told, and no tool can draw what it is not told.
readlink /proc/1/ns/uts; echo status $?
lsns --task 1 | wc -l
