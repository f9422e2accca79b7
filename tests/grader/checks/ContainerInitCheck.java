package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.judge.Check;
import grader.judge.Live;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class ContainerInitCheck extends Check {
    private static final long TERM = 1L << 14;

    /** What is wrong with an init; null for each thing that is right. */
    private record Trial(String reaping, String hearing, String ending) {}

    @Test
    @Verifies("container.init-reaps")
    void reaps(Live live) throws Exception {
        holds(trial(live).reaping);
    }

    @Test
    @Verifies("init.one-hears-its-handler")
    void hears(Live live) throws Exception {
        holds(trial(live).hearing);
    }

    @Test
    @Verifies("init.one-takes-all")
    void ends(Live live) throws Exception {
        holds(trial(live).ending);
    }

    /** One thing after the other is done to the init, which does not survive the last one. */
    private static Trial trial(Live live) throws Exception {
        return live.once("init", () -> {
            var one = Containers.one(live, "pid");
            Proc first = sleep(live, "first orphan", 100_000), second = sleep(live, "second orphan", 400_000), command = sleep(live, "command", 700_000);
            for (var each : List.of(first, second, command)) assertEquals(one.link("pid"), each.link("pid"), "The command and what it leaves behind are not in the namespace of process 1");

            live.kill(first, "KILL");
            var reaping = first.parent() != one.pid() && first.state() != '-' ? "The orphan is no child of process 1." : soon(() -> first.state() == '-') ? null
                    : "An orphan was killed, and it is still there as a zombie: nobody waits for it.";

            // A process that has been stopped keeps a signal for later, where one can see it.
            live.kill(command, "STOP");
            soon(() -> command.state() == 'T');
            live.kill(one, "TERM");
            boolean heard = soon(() -> pending(command));
            for (int i = 0; i < 45 && one.alive(); i++) Thread.sleep(10); // it waits for its command; a JVM that ends takes 300 ms
            if (!one.alive()) return new Trial(reaping, "SIGTERM has ended process 1, and with it the command, which was to end by it.", "Process 1 has ended before its command.");
            live.kill(command, "CONT");
            if (!heard && command.alive()) live.kill(command, "KILL");
            var hearing = heard ? null : "SIGTERM was sent to process 1, and the command did not get it.";
            boolean over = soon(() -> !one.alive());
            boolean all = soon(() -> !second.alive());
            return new Trial(reaping, hearing, !over ? "The command has ended, and process 1 goes on." : !all ? "Process 1 has ended, and the second orphan goes on." : null);
        });
    }

    private static void holds(String wrong) {
        if (wrong != null) throw new AssertionError(wrong);
    }

    private static boolean pending(Proc process) {
        try {
            var status = process.status();
            return ((Long.parseUnsignedLong(status.get("SigPnd"), 16) | Long.parseUnsignedLong(status.get("ShdPnd"), 16)) & TERM) != 0;
        } catch (UncheckedIOException ended) {
            return false;
        }
    }

    private static boolean soon(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 200 && !condition.getAsBoolean(); i++) Thread.sleep(10);
        return condition.getAsBoolean();
    }

    private static Proc sleep(Live live, String purpose, int from) {
        var words = List.of("sleep", "" + live.number(purpose, from, from + 300_000));
        return live.processes().stream().filter(each -> each.commandLine().equals(words)).findFirst().orElseThrow(() -> new AssertionError("There is no process '" + String.join(" ", words) + "'."));
    }

    @Override
    public List<String> hints() {
        return List.of("Three things make an init: wait(2) for everybody, a handler for what it is told from outside, and an end.",
                "waitpid(-1, status, __WALL) waits for any child, also for one that was not yours at first. Which PID does it return?",
                "The kernel gives process 1 only the signals for which it has a handler. Java's own handler for SIGTERM ends the JVM: Signals.forward(number -> kill(child.pid, number)) takes its place.",
                "while (waitpid(-1, status, __WALL) != child.pid) {} and then halt(): exit status status[0] >> 8, or 128 + the signal in its lowest seven bits.");
    }

    @Override
    public String hint(Live live) {
        var zombies = live.processes().stream().filter(each -> each.state() == 'Z').count();
        return zombies == 0 ? null : zombies + " of your processes are zombies: they have ended, and nobody has asked for their exit status.";
    }

    @Override
    public String explanation() {
        return """
            Whoever loses his parent becomes a child of process 1 of the PID namespace. If that one is a program that knows nothing of
            it, zombies pile up until no PID is left; if it has no handler for SIGTERM, `docker stop` waits ten seconds in vain and then
            kills everybody. That is all that tini, dumb-init and `docker run --init` do for you. The JVM as process 1 has a handler
            for SIGTERM, so it ends; but it waits for no child that is not its own.""";
    }
}
