///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: X44 | FAIL | The order is right, and the last two namespaces are still the old ones.
class UnshareOrder {
    public static void main(String[] args) {
        new Exercise("UnshareOrder").asUser().main(args, exercise -> {
            String name = exercise.value("hostname");
            Child child = Child.clone(0, call("unshare", CLONE_NEWUSER), call("unshare", CLONE_NEWUTS), call("sethostname", name, (long) name.length()));
            exercise.show(child.sh("uname -n"));
            exercise.ready();
        });
    }
}
