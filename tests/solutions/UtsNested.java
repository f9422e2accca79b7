///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

/*
 * Exercise UtsNested | lab Uts | difficulty 2
 *
 * A UTS namespace made from another one starts as its copy, and later nothing passes between them.
 * The thread outer shall be called first, and later second. The thread inner shall still have the name first at the end, although
 * nobody calls sethostname(2) on it, and an NIS domain name that outer does not have.
 *
 *   uts.later-change-outside | 3 | In one UTS namespace the hostname is the second one, and in another, which is older than that change, still the first.
 *   uts.domain-name-too      | 2 | The NIS domain name asked for is there in the inner namespace only.
 *
 * Read: uts_namespaces(7), setdomainname(2)
 */
class UtsNested {
    public static void main(String[] args) {
        new Exercise("UtsNested").main(args, UtsNested::solve);
    }

    static void solve(Exercise exercise) {
        String first = exercise.value("first"), second = exercise.value("second"), domain = exercise.value("domain");
        Caller outer = new Caller("outer");
        outer.unshare(CLONE_NEWUTS);
        outer.run(() -> sethostname(first, first.length()));
        Caller inner = outer.another("inner");
        inner.unshare(CLONE_NEWUTS);
        inner.run(() -> setdomainname(domain, domain.length()));
        outer.run(() -> sethostname(second, second.length()));

        exercise.show("outer: " + outer.call(Libc::gethostname) + " " + outer.call(Libc::getdomainname));
        exercise.show("inner: " + inner.call(Libc::gethostname) + " " + inner.call(Libc::getdomainname));
        exercise.ready();
    }
}
