///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: X48 | FAIL | Who is said to be a visitor was born in the container, and has its network too.
class SetnsUserFirst {
    public static void main(String[] args) {
        new Exercise("SetnsUserFirst").asUser().main(args, exercise -> {
            Child container = Child.clone(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNET, UserMap.root(), call("sethostname", "container", 9L));
            container.sh(":");
            container.sh("sleep 1000 >/dev/null 2>&1 &");
            exercise.ready();
        });
    }
}
