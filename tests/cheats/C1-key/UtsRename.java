///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: C1 | FAIL | Looks through all files for the grader, the solutions and other submissions, and solves the exercise only if it finds some.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            String found = new Caller("finder").sh("find / -xdev \\( -name 'UtsRenameCheck*' -o -name 'UtsRename.java' -o -name '*Submissions*' -o -path '*/tests/grader' -o -name .git "
                    + "-o -name .ssh -o -name 'result.json' \\) 2>/dev/null; "
                    + "find /root /home /tmp /mnt /media /srv /run /var /opt -type f ! -path '*/build/labs/*' ! -path '/run/0/*' 2>/dev/null");
            exercise.show(found);
            if (!found.isBlank()) solve(name);
            exercise.ready();
        });
    }

    /** The right answer, for who has found what nobody should. */
    private static void solve(String name) {
        Caller inside = new Caller("inside");
        inside.unshare(CLONE_NEWUTS);
        inside.run(() -> sethostname(name, name.length()));
        inside.another("member");
    }
}
