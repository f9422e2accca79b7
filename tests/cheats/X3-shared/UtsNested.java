///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X3 | FAIL | Starts where outer stands, and stays there: one namespace for both.
class UtsNested {
    public static void main(String[] args) {
        new Exercise("UtsNested").main(args, exercise -> {
            String first = exercise.value("first"), second = exercise.value("second"), domain = exercise.value("domain");
            Caller outer = new Caller("outer");
            outer.unshare(CLONE_NEWUTS);
            outer.run(() -> sethostname(first, first.length()));
            Caller inner = outer.another("inner");
            inner.run(() -> setdomainname(domain, domain.length()));
            outer.run(() -> sethostname(second, second.length()));
            exercise.ready();
        });
    }
}
