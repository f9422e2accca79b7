package grader.checks;

import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import outside.Proc;
import outside.Verifies;

@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class InitReapCheck extends Check {
    private static final long SIGTERM = 15;

    /** Gives it children that it has not started: so it is not for the answer to say whether there are any. */
    @Test
    @Order(1)
    @Verifies("init.zombies-wait-for-one")
    void reaps(Live live) throws Throwable {
        var one = one(live);
        for (int i = 0; i < 3; i++) live.orphan(one);
        assertTrue(within(1000, () -> one.alive() && zombies(one).isEmpty()),
                () -> one.alive() ? "Number 1 got three orphans and does not wait for them: they are zombies." : "Number 1 has ended.");
    }

    /** The service is stopped meanwhile: then a SIGTERM for it stays pending, and the kernel shows that somebody has sent it. */
    @Test
    @Order(2)
    @Verifies("init.one-hears-its-handler")
    void handsOn(Live live) throws Throwable {
        var one = one(live);
        var service = service(live, one);
        assertTrue(service != null, () -> "Number 1 has no child that is the service, " + String.join(" ", command(live)) + ", or none any more.");
        live.kill(service, "STOP");
        try {
            live.kill(one, "TERM");
            assertTrue(within(1000, () -> pending(service) || !service.alive()), () -> "SIGTERM came to number 1 and was not handed on to the service.");
            Thread.sleep(150);
            assertTrue(service.alive() && one.alive(), "Number 1 ended while the service still had to deal with SIGTERM; so the kernel has killed it.");
        } finally {
            if (service.alive()) live.kill(service, "CONT");
        }
        assertTrue(within(1000, () -> !service.alive()), "The service has SIGTERM, and does not end.");
        assertTrue(within(1000, () -> !one.alive()), "The service has ended, but number 1 goes on.");
    }

    /** The number 1 of the container. */
    private static Proc one(Live live) throws InterruptedException {
        live.apart("pid");
        within(1000, () -> ones(live).stream().anyMatch(one -> one.commandLine().equals(command(live)) || service(live, one) != null));
        return ones(live).stream().findFirst().orElseThrow(() -> new AssertionError("No process of yours is number 1 of a PID namespace."));
    }

    private static List<Proc> ones(Live live) {
        return live.allApart("pid").stream().filter(process -> process.alive() && process.nsPids().get(process.nsPids().size() - 1) == 1).toList();
    }

    private static List<String> command(Live live) {
        return List.of("sleep", "" + live.number("seconds", 100_000, 1_000_000));
    }

    /** The child of number 1 that is the service; null if there is none. */
    private static Proc service(Live live, Proc one) {
        return one.children().stream().filter(child -> child.alive() && child.commandLine().equals(command(live))).findFirst().orElse(null);
    }

    private static List<Proc> zombies(Proc one) {
        return one.children().stream().filter(child -> child.state() == 'Z').toList();
    }

    private static boolean pending(Proc service) {
        try {
            var status = service.status();
            return ((Long.parseUnsignedLong(status.get("ShdPnd"), 16) | Long.parseUnsignedLong(status.get("SigPnd"), 16)) & 1L << SIGTERM - 1) != 0;
        } catch (UncheckedIOException ended) {
            return false;
        }
    }

    private static boolean within(int millis, BooleanSupplier condition) throws InterruptedException {
        for (long end = System.nanoTime() + millis * 1_000_000L; System.nanoTime() < end; Thread.sleep(10)) {
            try {
                if (condition.getAsBoolean()) return true;
            } catch (UncheckedIOException ended) {
                // a process, while it was looked at: so look again
            }
        }
        return false;
    }

    @Override
    public List<String> hints() {
        return List.of("Whom does the kernel make the parent of an orphan, and who must call wait(2) for it?",
                "$SERVICE & starts the service beside the shell, service=$! is its number, and wait \"$service\" waits for it.",
                "trap 'kill -TERM \"$service\"' TERM hands the signal on. The signal also ends the wait: the shell must wait again, as long as there is a service.",
                "while kill -0 \"$service\" 2>/dev/null; do wait \"$service\"; done");
    }

    @Override
    public String hint(Live live) {
        return ones(live).stream().findFirst().map(one -> {
            boolean hears = (Long.parseUnsignedLong(one.status().get("SigCgt"), 16) & 1L << SIGTERM - 1) != 0;
            return "Number 1 is process " + one.pid() + ", " + String.join(" ", one.commandLine()) + ". It has " + (hears ? "a" : "no") + " handler for SIGTERM.";
        }).orElse(null);
    }

    @Override
    public String explanation() {
        return """
            The kernel protects number 1 from signals that it has no handler for, so a service in that place, which was never
            meant to be an init, does not hear SIGTERM, and docker stop takes its ten seconds and then kills. And number 1
            becomes the parent of all orphans: who never waits for them gathers zombies. A shell does both with trap and wait;
            programs such as tini and dumb-init are no more than this.""";
    }
}
