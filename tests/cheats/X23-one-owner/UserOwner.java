///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: X23 | FAIL | One user namespace owns both, so that its root might rename the machine as well.
class UserOwner {
    public static void main(String[] args) {
        new Exercise("UserOwner").asUser().main(args, exercise -> {
            String name = exercise.value("hostname");
            Child child = Child.clone(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWNET, UserMap.root(), call("sethostname", name, (long) name.length()));
            exercise.show(child.sh("ip link set lo up; uname -n"));
            exercise.ready();
        });
    }
}
