///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: X24 | FAIL | The owners are right, but root of the network has not used its power.
class UserOwner {
    public static void main(String[] args) {
        new Exercise("UserOwner").asUser().main(args, exercise -> {
            String name = exercise.value("hostname");
            Child child = Child.clone(CLONE_NEWUSER | CLONE_NEWUTS, UserMap.root(), call("sethostname", name, (long) name.length()));
            child.enter("exec unshare --user --map-root-user --net sh");
            exercise.show(child.sh("uname -n"));
            exercise.ready();
        });
    }
}
