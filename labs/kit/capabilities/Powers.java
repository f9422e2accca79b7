//SOURCES InnerRoot.java
package kit.capabilities;

import static kit.Child.call;
import static kit.Libc.*;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import kit.*;
import kit.Child.Step;

/** What root is asked to do: each call once, by a child with full sets or with empty ones. */
public final class Powers {
    private Powers() {}

    /** Its file of mode 000, and namespaces of its own to change. */
    private static final List<Step> PREPARE = List.of(call("mount", "files", "/tmp", "tmpfs", 0L, "mode=755"), call("open", "/tmp/own", O_CREAT | O_WRONLY, 0));
    private static final List<Step> CALLS = List.of(call("sethostname", "x", 1L), call("unshare", CLONE_NEWUTS), call("chroot", "/"),
            call("open", "/tmp/own", O_RDONLY), call("mount", "more", "/", "tmpfs", 0L, null));

    /**
     * Tries everything.
     *
     * @param inside a member of a user namespace in which another user's process can be
     * @param before what a child calls first, to give up its power
     * @return each call and its errno; where one id is mapped without chown(2) and kill(2), for there is nobody else
     */
    public static String of(InnerRoot root, Child inside, List<Step> before) {
        List<String> answers = new ArrayList<>();
        List<Step> calls = new ArrayList<>(CALLS);
        if (root.wide()) {
            calls.add(call("chown", "/tmp/own", 5, 5));
        }
        List<String> errnos = root.with(PREPARE).with(before).errnos(calls.toArray(Step[]::new));
        IntStream.range(0, calls.size()).forEach(i -> answers.add(calls.get(i).function() + " " + errnos.get(i)));
        if (root.wide()) {
            InnerRoot there = root.in(0, inside, Namespace.USER);
            try (Child other = there.with(InnerRoot.become(5)).child()) {
                answers.add("kill " + there.with(before).errnos(call("kill", other.pid, 0)).get(0));
            }
        }
        return String.join(", ", answers);
    }
}
