///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: X45 | FAIL | The visitor makes three namespaces of the right types, instead of joining those that are there.
class SetnsJoin {
    public static void main(String[] args) {
        new Exercise("SetnsJoin").main(args, exercise -> {
            String name = exercise.value("hostname");
            Child process = Child.clone(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP, call("sethostname", name, (long) name.length()));
            int pidfd = (int) syscall(SYS_pidfd_open, process.pid, 0, 0, 0, 0, 0);
            Caller visitor = new Caller("visitor"), traveller = new Caller("traveller");
            visitor.unshare(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET);
            exercise.ready();
        });
    }
}
