///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: B1 | FAIL | Prints what root would see, and is nobody.
class UserRoot {
    public static void main(String[] args) {
        new Exercise("UserRoot").asUser().main(args, exercise -> {
            exercise.show("the child: uid=0(root) gid=0(root)");
            exercise.show("its capabilities: CapEff:\t000001ffffffffff");
            exercise.ready();
        });
    }
}
