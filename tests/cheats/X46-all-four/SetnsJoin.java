///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: X46 | FAIL | The visitor joins the cgroup namespace as well.
class SetnsJoin {
    public static void main(String[] args) {
        new Exercise("SetnsJoin").main(args, exercise -> {
            String name = exercise.value("hostname");
            Child process = Child.clone(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP, call("sethostname", name, (long) name.length()));
            int pidfd = (int) syscall(SYS_pidfd_open, process.pid, 0, 0, 0, 0, 0);
            Caller visitor = new Caller("visitor"), traveller = new Caller("traveller");
            visitor.run(() -> setns(pidfd, CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP));
            exercise.ready();
        });
    }
}
