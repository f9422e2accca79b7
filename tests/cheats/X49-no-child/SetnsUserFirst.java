///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: X49 | FAIL | The visitor joins the PID namespace too, and takes itself for one of its processes.
class SetnsUserFirst {
    public static void main(String[] args) {
        new Exercise("SetnsUserFirst").asUser().main(args, exercise -> {
            Child container = Child.clone(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNET, UserMap.root(), call("sethostname", "container", 9L));
            container.sh(":");
            int[] files = {NamespaceFile.of(container.pid, "user").fd(), NamespaceFile.of(container.pid, "uts").fd(), NamespaceFile.of(container.pid, "pid").fd()};
            Child visitor = Child.clone(0, call("setns", files[0], 0), call("setns", files[1], 0), call("setns", files[2], 0));
            exercise.show("NSpid " + Proc.status(visitor.pid, "NSpid"));
            exercise.ready();
        });
    }
}
