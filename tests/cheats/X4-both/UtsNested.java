///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X4 | FAIL | Sets the domain name too early, so that the copy has it and the original too.
class UtsNested {
    public static void main(String[] args) {
        new Exercise("UtsNested").main(args, exercise -> {
            String first = exercise.value("first"), second = exercise.value("second"), domain = exercise.value("domain");
            Caller outer = new Caller("outer");
            outer.unshare(CLONE_NEWUTS);
            outer.run(() -> sethostname(first, first.length()));
            outer.run(() -> setdomainname(domain, domain.length()));
            Caller inner = outer.another("inner");
            inner.unshare(CLONE_NEWUTS);
            outer.run(() -> sethostname(second, second.length()));
            exercise.ready();
        });
    }
}
