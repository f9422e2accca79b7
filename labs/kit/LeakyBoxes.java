package kit;

import static kit.Libc.CLONE_NEWCGROUP;
import static kit.Libc.CLONE_NEWIPC;
import static kit.Libc.CLONE_NEWNET;
import static kit.Libc.CLONE_NEWNS;
import static kit.Libc.CLONE_NEWUTS;

import java.util.ArrayList;
import java.util.List;

/**
 * Boxes as a careless program makes them, for an exercise: each is a thread with a process beside it, and should have five
 * namespaces of its own. It has four, and shares one with whoever makes it. Which one only /proc tells.
 */
public final class LeakyBoxes {
    private LeakyBoxes() {}

    /** What a box should have for itself. */
    public static final List<Namespace> TYPES = List.of(Namespace.UTS, Namespace.IPC, Namespace.NET, Namespace.CGROUP, Namespace.MNT);

    private static final int ALL = CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWNS;

    /** Makes so many of them. The process in each is a child of the thread, and stands where the thread stood when it was made. */
    public static List<Caller> make(Exercise exercise, int count) {
        List<Caller> boxes = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            Namespace leak = TYPES.get(exercise.token().number("leak of box " + i, 0, TYPES.size()));
            Caller box = new Caller("box " + i);
            box.unshare(ALL & ~leak.flag);
            box.clone(0);
            boxes.add(box);
        }
        return boxes;
    }
}
