///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: X43 | FAIL | The process goes on to a second user namespace, and what it has is the first one's.
class UnshareOrder {
    public static void main(String[] args) {
        new Exercise("UnshareOrder").asUser().main(args, exercise -> {
            String name = exercise.value("hostname");
            Child child = Child.clone(CLONE_NEWUSER, UserMap.root(), call("unshare", CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET),
                    call("sethostname", name, (long) name.length()), call("unshare", CLONE_NEWUSER));
            exercise.show(child.sh("uname -n"));
            exercise.ready();
        });
    }
}
