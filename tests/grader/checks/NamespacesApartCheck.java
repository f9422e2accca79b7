package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class NamespacesApartCheck extends Check {
    private static final List<String> TYPES = List.of("cgroup", "ipc", "mnt", "net", "pid", "time", "uts"), WHICH = List.of("first", "second");

    @Test
    @Verifies("namespaces.unshare-moves-one")
    void apart(Live live) {
        for (var which : WHICH) {
            var named = live.some(which, TYPES, 4);
            assertTrue(children(live).stream().anyMatch(child -> apart(live, child).containsAll(named)), () -> "The " + which + " process should be apart in "
                    + named + ", but " + seen(live));
        }
    }

    @Test
    @Verifies("namespaces.fork-inherits")
    void noOther(Live live) {
        for (var which : WHICH) {
            var named = live.some(which, TYPES, 4);
            assertTrue(children(live).stream().anyMatch(child -> apart(live, child).equals(new TreeSet<>(named))), () -> "The " + which + " process should be apart in "
                    + named + " and in no other type, but " + seen(live));
        }
        assertEquals("[]", apartFrom(live.init(), program(live)).toString(), "The program itself has left the namespaces where it was started");
    }

    private static Proc program(Live live) {
        return live.processes().get(0);
    }

    private static List<Proc> children(Live live) {
        return live.processes().stream().filter(process -> process.parent() == program(live).pid()).toList();
    }

    /** The types in which a process is apart from where the program was started. */
    private static Set<String> apart(Live live, Proc child) {
        return child.apartFrom(program(live));
    }

    /** The same between the box's first process and the program, which has a user namespace made for it; time is that of the box's children. */
    private static Set<String> apartFrom(Proc init, Proc program) {
        var apart = program.apartFrom(init);
        apart.removeAll(Set.of("user", "time"));
        return apart;
    }

    private static String seen(Live live) {
        var sets = children(live).stream().map(child -> apart(live, child).toString()).toList();
        return sets.isEmpty() ? "your program has no child." : "your processes are apart in " + String.join(" and ", sets) + ".";
    }

    @Override
    public List<String> hints() {
        return List.of("namespaces(7) begins with a table: namespace, flag, page, what it isolates.",
                "Libc has the constants under their C names: CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWPID, CLONE_NEWTIME, CLONE_NEWCGROUP.",
                "There is no CLONE_NEWMNT. The mount namespace came first, and its flag is CLONE_NEWNS.");
    }

    @Override
    public String hint(Live live) {
        var missing = new TreeSet<>(live.some("first", TYPES, 4));
        missing.addAll(live.some("second", TYPES, 4));
        children(live).forEach(child -> missing.removeAll(apart(live, child)));
        return missing.isEmpty() ? null : "No process of yours has left " + String.join(", ", missing.stream().map(type -> program(live).link(type)).toList()) + ".";
    }

    @Override
    public String explanation() {
        return """
            One flag, one link: unshare(2) makes a namespace for each flag that it is given and touches no other. Two types are
            special: the calling thread itself stays in its PID and time namespace, and its next child is the first in the new
            one. And the flag of the mount namespace, CLONE_NEWNS, says only "new namespace", for in 2002 it was the only type.""";
    }
}
