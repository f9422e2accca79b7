package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Nsfs;
import outside.Proc;
import outside.Verifies;

class UserOwnerCheck extends Check {
    private static final String WANTED = "network: its own user namespace, UTS: the one above";

    @Test
    @Verifies("user.who-owns-what")
    void owners(Live live) {
        lower(live);
    }

    @Test
    @Verifies("user.owner-decides")
    void decided(Live live) {
        var lower = lower(live);
        assertEquals(live.value("hostname"), live.hostname(lower), "The hostname is not the one asked for.");
        assertTrue(NetSide.all(live).stream().filter(side -> side.task().identity("net").equals(lower.identity("net"))).flatMap(side -> side.links().stream())
                .anyMatch(link -> link.name().equals("lo") && link.up()), "lo is still down in " + lower.link("net") + ", which its root could bring up.");
    }

    /** A process in the lower user namespace. */
    private static Proc lower(Live live) {
        var apart = live.apart("user", "uts", "net");
        var all = live.allApart("user", "uts", "net");
        var lower = all.stream().filter(task -> owners(task).equals(WANTED)).findFirst().orElse(apart);
        assertEquals(WANTED, owners(lower), "The namespaces of your process belong to the wrong user namespaces.");
        return lower;
    }

    private static String owners(Proc task) {
        return "network: " + owner(task, "net") + ", UTS: " + owner(task, "uts");
    }

    private static String owner(Proc task, String type) {
        var owner = Nsfs.ownerOf(task.folder().resolve("ns").resolve(type));
        return owner.equals(task.link("user")) ? "its own user namespace" : owner.equals(above(task)) ? "the one above" : "another one";
    }

    private static String above(Proc task) {
        return Nsfs.parentOf(task.folder().resolve("ns/user"));
    }

    @Override
    public List<String> hints() {
        return List.of("A namespace belongs to the user namespace in which its maker stands at that moment, for ever. Which process makes which one, and when?",
                "A user namespace alone has nothing to rename: the UTS namespace is still the old one, and that belongs to root of the machine. clone(2) takes several flags.",
                "The second step is the same from a shell: unshare(1) has --user, --map-root-user, and an option for each other type.",
                "Child.clone(CLONE_NEWUSER | CLONE_NEWUTS, ...), then child.enter(\"exec unshare --user --map-root-user --net sh\").");
    }

    @Override
    public String hint(Live live) {
        return live.allApart("user").stream().findFirst().map(task -> "Your process in " + task.link("user") + ": the owner of its network namespace is "
                + Nsfs.ownerOf(task.folder().resolve("ns/net")) + ", that of its UTS namespace " + Nsfs.ownerOf(task.folder().resolve("ns/uts")) + ".").orElse(null);
    }

    @Override
    public String explanation() {
        return """
            Who is root decides nothing; root of what does. The kernel asks for a capability in the user namespace that owns the
            thing: CAP_SYS_ADMIN in the owner of the UTS namespace for sethostname(2), CAP_NET_ADMIN in the owner of the network for
            "ip link set". Where CLONE_NEWUSER stands beside other flags it comes first, and so the new one owns the rest.
            Root above may do everything below as well; root below may do nothing above. Two layers of a container work like this.""";
    }
}
