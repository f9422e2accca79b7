///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X2 | FAIL | Copies the name when it has already been changed.
class UtsNested {
    public static void main(String[] args) {
        new Exercise("UtsNested").main(args, exercise -> {
            String first = exercise.value("first"), second = exercise.value("second"), domain = exercise.value("domain");
            Caller outer = new Caller("outer");
            outer.unshare(CLONE_NEWUTS);
            outer.run(() -> sethostname(first, first.length()));
            outer.run(() -> sethostname(second, second.length()));
            Caller inner = outer.another("inner");
            inner.unshare(CLONE_NEWUTS);
            inner.run(() -> setdomainname(domain, domain.length()));
            exercise.ready();
        });
    }
}
