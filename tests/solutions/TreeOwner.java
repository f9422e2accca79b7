///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import kit.*;

/*
 * Exercise TreeOwner | lab Tree | difficulty 3
 *
 * A file shall tell, for each process of a family, to which user namespace its UTS namespace belongs, and which one is the parent
 * of its user namespace. One line for each, three words: PID OWNER PARENT, such as "17 user:[4026532190] user:[4026532180]".
 * Where the kernel does not tell you, the word is the name of the errno. The family's links in /proc alone do not say it.
 *
 *   tree.owner         | 3 | The file names the owner of each UTS namespace, as the kernel knows it.
 *   tree.parents       | 2 | It names the parent of each user namespace.
 *   tree.nothing-above | 1 | Of the namespace in which this program stands it says what the kernel answers to such a question.
 *
 * Read: ioctl_ns(2), user_namespaces(7)
 */
class TreeOwner {
    public static void main(String[] args) {
        new Exercise("TreeOwner").main(args, TreeOwner::solve);
    }

    static void solve(Exercise exercise) throws IOException {
        Path file = Path.of("/tmp", exercise.value("tree"));
        file.toFile().deleteOnExit();
        List<Child> family = family(exercise);

        List<String> lines = new ArrayList<>();
        for (Child member : family) {
            String owner = ask("/proc/" + member.pid + "/ns/uts", NS_GET_USERNS), parent = ask("/proc/" + member.pid + "/ns/user", NS_GET_PARENT);
            lines.add(member.pid + " " + owner + " " + parent);
        }
        Files.write(file, lines);
        exercise.show(String.join("\n", lines));
        exercise.ready();
    }

    /** What /proc calls the namespace that ioctl(2) opens, or the errno. */
    static String ask(String path, long question) {
        int fd = open(path, O_RDONLY | O_CLOEXEC, 0);
        try {
            int found = ioctl(fd, question, null);
            String link = Proc.readlink("/proc/self/fd/" + found);
            close(found);
            return link;
        } catch (LastErrorException e) {
            return Errno.name(e.getErrorCode());
        } finally {
            close(fd);
        }
    }

    /** Some processes, in namespaces made one below the other; leave this as it is. Each run has them in another order. */
    static List<Child> family(Exercise exercise) {
        Child.Step user = call("unshare", CLONE_NEWUSER), uts = call("unshare", CLONE_NEWUTS);
        List<Child> family = new ArrayList<>();
        List<Integer> kinds = Arrays.asList(0, 1, 2, 3, 4);
        Collections.shuffle(kinds, new Random(exercise.number("order", 0, 1_000_000)));
        for (int kind : kinds) {
            family.add(switch (kind) {
                case 0 -> Child.clone(CLONE_NEWUTS);
                case 1 -> Child.clone(CLONE_NEWUSER | CLONE_NEWUTS);
                case 2 -> Child.clone(CLONE_NEWUSER, uts, user);
                case 3 -> Child.clone(CLONE_NEWUSER, user, uts);
                default -> Child.clone(CLONE_NEWUTS, user, user);
            });
        }
        family.forEach(member -> member.sh(":")); // all of them have taken their steps
        return family;
    }
}
