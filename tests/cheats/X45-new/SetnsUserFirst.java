///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: X45 | FAIL | The visitor makes namespaces of the right types, instead of joining those that are there.
class SetnsUserFirst {
    public static void main(String[] args) {
        new Exercise("SetnsUserFirst").asUser().main(args, exercise -> {
            Child container = Child.clone(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNET, UserMap.root(), call("sethostname", "container", 9L));
            container.sh(":");
            Child visitor = Child.clone(CLONE_NEWUSER | CLONE_NEWUTS, UserMap.root(), call("sethostname", "container", 9L), call("unshare", CLONE_NEWPID));
            visitor.sh("sleep 1000 >/dev/null 2>&1 &");
            exercise.ready();
        });
    }
}
