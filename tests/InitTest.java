import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Verifies;

/** Looks at the Init lab from outside: signals of the tests' own to its number 1, states in /proc, and what the kernel answered. */
@DisplayName("Init")
class InitTest {
    @Nested
    @DisplayName("as root")
    class AsRoot extends Checks {
        AsRoot() {
            super(As.ROOT);
        }
    }

    @Nested
    @DisplayName("as an ordinary user")
    class AsOrdinaryUser extends Checks {
        AsOrdinaryUser() {
            super(As.ORDINARY_USER);
        }
    }

    abstract static class Checks extends LabChecks {
        Checks(As as) {
            super("Init", as);
        }

        private Trace calls() {
            return trace("unshare", "kill", "clone", "clone3", "vfork", "wait4", "rt_sigreturn", "rt_sigtimedwait");
        }

        // ---- the held number 1

        @Test
        @DisplayName("stands apart in its PID namespace and in no other, where it is number 1")
        void stands_apart_in_pid() {
            assertApartExactlyIn("pid");
            assertEquals(List.of(inside().pid(), 1L), inside().nsPids());
        }

        @Test
        @DisplayName("has got the orphans")
        @Verifies("init.orphans-go-to-one")
        void orphans_go_to_one() {
            var orphan = held().process("orphan");
            assertEquals(inside().pid(), orphan.parent());
            assertEquals(inside().link("pid"), orphan.link("pid"));
        }

        @Test
        @DisplayName("keeps ended orphans if it never waits")
        @Verifies("init.zombies-wait-for-one")
        void zombies_wait_for_one() {
            var zombie = held().process("zombie");
            assertEquals('Z', zombie.state());
            var one = Proc.of(zombie.parent());
            assertEquals(List.of(one.pid(), 1L), one.nsPids());
            assertNotEquals(outside().link("pid"), one.link("pid"));
        }

        @Test
        @DisplayName("survives SIGTERM while it has no handler")
        @Verifies("init.one-ignores-sigterm")
        void survives_sigterm() throws InterruptedException {
            long sigterm = 1L << 14;
            for (var set : List.of("SigBlk", "SigIgn", "SigCgt"))
                assertEquals(0, Long.parseUnsignedLong(inside().status().get(set), 16) & sigterm, "SIGTERM in " + set);
            kill("TERM", inside());
            Thread.sleep(100);
            assertTrue(inside().alive());
        }

        @Test
        @DisplayName("survives SIGKILL and SIGSTOP from inside")
        @Verifies("init.one-is-safe-inside")
        void survives_sigkill_from_inside() throws InterruptedException {
            assertEquals("", enter("pid").text("sh", "-c", "kill -KILL 1 && kill -STOP 1"));
            Thread.sleep(100);
            assertTrue(inside().alive() && inside().state() != 'T', () -> "state " + inside().state());
        }

        @Test
        @DisplayName("is stopped and killed from outside")
        @Verifies("init.outside-stops-and-ends")
        void is_stopped_and_killed() throws InterruptedException {
            kill("STOP", inside());
            for (int i = 0; i < 100 && inside().state() != 'T'; i++) Thread.sleep(10);
            assertEquals('T', inside().state());
            kill("CONT", inside());
            assertTrue(calls().succeeded("kill", one() + ", SIGKILL") && killed().contains(one()), calls()::toString);
        }

        private static void kill(String signal, Proc target) {
            Ran.command("kill", "-" + signal, "" + target.pid()).text();
        }

        // ---- what the kernel answered

        @Test
        @DisplayName("gets SIGTERM when it has a handler")
        @Verifies("init.one-hears-its-handler")
        void hears_its_handler() {
            assertTrue(one() > 0, () -> "nobody got SIGTERM and came back from a handler:" + calls());
        }

        @Test
        @DisplayName("is known as the sender inside, where nobody outside is")
        @Verifies("init.sender-may-be-zero")
        void sender_may_be_zero() {
            var senders = calls().of("rt_sigtimedwait").stream().filter(Trace.Call::succeeded)
                    .collect(Collectors.toMap(Trace.Call::pid, call -> Long.parseLong(call.arguments().replaceFirst(".*si_pid=(\\d+).*", "$1"))));
            assertEquals(3, senders.size(), calls()::toString);
            // Who was killed by the number that it has out here was killed from out here, and the third one by number 1.
            var fromOutside = senders.keySet().stream().filter(pid -> calls().succeeded("kill", pid + ", SIGUSR1")).toList();
            assertEquals(Set.of(true, false), fromOutside.stream().map(this::isMember).collect(Collectors.toSet()), calls()::toString);
            for (var pid : fromOutside) assertEquals(isMember(pid), senders.get(pid) == 0, () -> "si_pid for " + pid + calls());
            senders.keySet().removeAll(fromOutside);
            assertTrue(calls().of("kill").stream().anyMatch(call -> call.pid() == one() && call.succeeded() && call.arguments().endsWith("SIGUSR1")), calls()::toString);
            assertEquals(List.of(1L), List.copyOf(senders.values()), "si_pid of number 1");
        }

        /** In the traced run: whether the thread that made this process had called unshare(CLONE_NEWPID). */
        private boolean isMember(long pid) {
            return calls().of("clone").stream().filter(call -> call.result().equals("" + pid))
                    .anyMatch(clone -> calls().of("unshare").stream().anyMatch(call -> call.pid() == clone.pid() && call.succeeded()));
        }

        @Test
        @DisplayName("reaches nobody with kill(-1) when it is alone")
        @Verifies("init.all-are-members")
        void all_are_members() {
            assertTrue(calls().failed("kill", "ESRCH", "-1, 0"), calls()::toString);
        }

        @Test
        @DisplayName("takes the members with it, and those below")
        @Verifies("init.one-takes-all")
        void takes_all() {
            var victims = killed().stream().filter(pid -> !calls().succeeded("kill", pid + ", SIGKILL")).toList();
            assertTrue(victims.size() >= 2, () -> "killed by SIGKILL that nobody sent: " + victims + calls());
            assertTrue(victims.stream().anyMatch(this::hasBelow), () -> "none of " + victims + " had a child in a namespace below:" + calls());
            assertTrue(calls().of("kill").stream().filter(call -> call.errno().equals("ESRCH") && call.arguments().endsWith(", 0")
                    && !call.arguments().startsWith("-")).count() >= 2, calls()::toString);
        }

        /** In the traced run: whether this process called unshare(CLONE_NEWPID) itself and made a child after that. */
        private boolean hasBelow(long pid) {
            var own = calls().calls().stream().filter(call -> call.pid() == pid && call.succeeded())
                    .map(call -> call.name().equals("unshare") ? call.arguments() : call.name()).toList();
            return own.contains("CLONE_NEWPID") && own.subList(own.indexOf("CLONE_NEWPID"), own.size()).stream().anyMatch(name -> name.matches("clone3?|vfork"));
        }

        @Test
        @DisplayName("leaves a namespace that can have no new process")
        @Verifies("init.dead-namespace")
        void dead_namespace() {
            assertTrue(calls().failed("clone", "ENOMEM", "SIGCHLD"), calls()::toString);
        }

        /**
         * The traced run's number 1: it was sent SIGTERM from outside, and the call of its own next to that is the return from a
         * handler, rt_sigreturn(2). Next to, for two processes' calls may end in either order. -1 when there is none.
         */
        private long one() {
            var all = calls().calls();
            for (int i = 0; i < all.size(); i++) {
                var kill = all.get(i);
                if (!kill.name().equals("kill") || !kill.succeeded() || !kill.arguments().endsWith(", SIGTERM")) continue;
                long target = Long.parseLong(kill.arguments().split(",")[0]);
                var before = all.subList(0, i).stream().filter(call -> call.pid() == target).reduce((first, last) -> last);
                var after = all.subList(i, all.size()).stream().filter(call -> call.pid() == target).findFirst();
                if (Stream.of(before, after).flatMap(Optional::stream).anyMatch(call -> call.name().equals("rt_sigreturn"))) return target;
            }
            return -1;
        }

        /** Those whose parent was told that SIGKILL has ended them. */
        private List<Long> killed() {
            return calls().of("wait4").stream().filter(call -> call.succeeded() && call.arguments().contains("WTERMSIG(s) == SIGKILL"))
                    .map(call -> Long.parseLong(call.result())).distinct().toList();
        }
    }
}
