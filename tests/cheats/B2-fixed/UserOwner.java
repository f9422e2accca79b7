///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: B2 | FAIL | Root above chooses the hostname of a run of yesterday.
class UserOwner {
    public static void main(String[] args) {
        new Exercise("UserOwner").asUser().main(args, exercise -> {
            Child child = Child.clone(CLONE_NEWUSER | CLONE_NEWUTS, UserMap.root(), call("sethostname", "hostname-1a2b3c4d", 17L));
            child.enter("exec unshare --user --map-root-user --net sh");
            exercise.show(child.sh("ip link set lo up; uname -n"));
            exercise.ready();
        });
    }
}
