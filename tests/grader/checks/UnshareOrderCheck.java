package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Nsfs;
import outside.Proc;
import outside.Verifies;

class UnshareOrderCheck extends Check {
    @Test
    @Verifies("unshare.user-namespace-first")
    void first(Live live) {
        live.apart("user", "uts");
        owned(live, "uts");
        var names = live.allApart("user", "uts").stream().map(live::hostname).distinct().toList();
        if (!names.contains(live.value("hostname"))) assertEquals(live.value("hostname"), names.get(0), "The hostname in your UTS namespace is not the one asked for.");
    }

    @Test
    @Verifies("unshare.moves-the-caller")
    void others(Live live) {
        live.apart("user", "uts", "ipc", "net");
        owned(live, "ipc");
        owned(live, "net");
    }

    /** Fails if the namespace belongs to another user namespace than that where the process stands. */
    private static void owned(Live live, String type) {
        var all = live.allApart("user", type);
        if (all.stream().noneMatch(task -> owner(task, type).equals(task.link("user")))) {
            assertEquals(all.get(0).link("user"), owner(all.get(0), type), "Your process's " + type + " namespace belongs to another user namespace than its own.");
        }
    }

    private static String owner(Proc task, String type) {
        return Nsfs.ownerOf(task.folder().resolve("ns").resolve(type));
    }

    @Override
    public List<String> hints() {
        return List.of("unshare(CLONE_NEWUTS) wants CAP_SYS_ADMIN, and you have none. Where does an ordinary user get a capability from?",
                "unshare(CLONE_NEWUSER) is the one call that needs none, and whoever has made it has all of them, in there.",
                "sethostname(2) comes last: it changes the namespace in which the caller stands at that moment.",
                "One unshare(2) may have several flags: CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET.");
    }

    @Override
    public String hint(Live live) {
        var program = live.program();
        return live.processes().stream().skip(1).findFirst().map(child -> "Your child differs from your program in " + child.apartFrom(program) + ".").orElse("Your program has no child.");
    }

    @Override
    public String explanation() {
        return """
            Without privilege the user namespace comes first, for it gives the capabilities that the others take; and those belong to it.
            In one call, CLONE_NEWUSER|CLONE_NEWUTS, the kernel keeps to the same order whatever the order of the flags. The capabilities
            are gone again with execve(2), for nobody has written a map: what has to be done is done before.""";
    }
}
