///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X47 | FAIL | The traveller changes the hostname, and never comes back.
class SetnsJoin {
    public static void main(String[] args) {
        new Exercise("SetnsJoin").main(args, exercise -> {
            String name = exercise.value("hostname");
            Child process = Child.clone(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP);
            int pidfd = (int) syscall(SYS_pidfd_open, process.pid, 0, 0, 0, 0, 0);
            Caller visitor = new Caller("visitor"), traveller = new Caller("traveller");
            visitor.run(() -> setns(pidfd, CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET));
            traveller.run(() -> setns(pidfd, CLONE_NEWUTS));
            traveller.run(() -> sethostname(name, name.length()));
            exercise.ready();
        });
    }
}
