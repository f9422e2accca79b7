///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

/*
 * Exercise UtsLength | lab Uts | difficulty 1
 *
 * This is the seed's program: a child made by clone(2) with CLONE_NEWUTS changes its hostname. It has a bug, and the name
 * comes out too short. Mend it, for names of any length: the name is another one each time, and no two are equally long.
 *
 *   uts.seed-length-bug | 3 | The child has the whole name as its hostname, not a part of it.
 *
 * Read: sethostname(2), uts_namespaces(7)
 */
class UtsLength {
    public static void main(String[] args) {
        new Exercise("UtsLength").main(args, UtsLength::solve);
    }

    static void solve(Exercise exercise) {
        String name = "changed namespace " + "x".repeat(exercise.number("length", 1, 40));
        // TODO 1: mend the call
        Child child = Child.clone(CLONE_NEWUTS, call("sethostname", name, 12L));
        exercise.show("the child's hostname: " + child.sh("uname -n"));
        exercise.ready();
    }
}
