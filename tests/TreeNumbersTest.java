import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.Drawing;
import outside.LabChecks;
import outside.Nsfs;
import outside.Proc;
import outside.Trace;
import outside.Trace.Call;
import outside.Verifies;
import outside.Waiting;

/** Compares what newer kernels told the Tree lab about its namespaces with what they tell the tests: PIDs, ids, and lists of them. */
@DisplayName("Tree on a newer kernel")
class TreeNumbersTest {
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
            super("Tree", as);
        }

        private Trace trace() {
            return trace("clone", "ioctl", "execve");
        }

        /** The process in the first of the new user namespaces; {@link #inside} is in the one below. */
        private Proc outer() {
            return held().process("outer");
        }

        @Test
        @Verifies("tree.translates-pids")
        @DisplayName("was found by its number 1 inside, as it is 3 one above")
        void pids() {
            var pids = inside().nsPids();
            assertEquals(List.of(inside().pid(), 3L, 1L), pids.subList(pids.size() - 3, pids.size()));
            var sleep = trace().of("execve").stream().filter(call -> call.arguments().matches(".*\"/bin/sleep\", \"\\d{7}\".*")).findFirst().orElseThrow();
            var number = trace().of("ioctl").stream().filter(call -> is(call, 6) && call.succeeded() && call.arguments().matches(".*, (0x1|1)")).toList();
            assertEquals(List.of("" + sleep.pid()), number.stream().map(Call::result).toList());
            assertEquals(List.of("1", "3"), trace().of("ioctl").stream().filter(call -> call.succeeded() && is(call, 8)).map(Call::result).toList());
        }

        /** Whether it is that request of linux/nsfs.h; strace(1) knows the names of the older ones. */
        private static boolean is(Call call, int request) {
            var names = Map.of(5, "NS_GET_MNTNS_ID", 6, "NS_GET_PID_FROM_PIDNS", 8, "NS_GET_PID_IN_PIDNS", 13, "NS_GET_ID");
            return call.arguments().matches("\\d+, (" + names.get(request) + "|_IOC\\(_IOC_READ, 0xb7, 0x" + Integer.toHexString(request) + ", 0x\\d\\)).*");
        }

        @Test
        @Verifies("tree.ids-are-not-reused")
        @DisplayName("made mount namespaces until an inode came again, and asked for the id of each; the tests find no id twice")
        void ids() {
            var asked = trace().of("ioctl").stream().filter(call -> is(call, 5)).toList();
            var made = trace().of("clone").stream().filter(call -> call.succeeded() && call.arguments().contains("flags=CLONE_NEWNS|CLONE_NEWUSER|SIGCHLD")).count();
            assertTrue(made >= 2 && made == asked.stream().filter(Call::succeeded).count(), () -> made + " namespaces, " + asked);
            var links = new HashSet<String>();
            var ids = new HashSet<Long>();
            var again = false;
            for (int i = 0; i < 200 && !again; i++) try (var process = Waiting.by(as(), "", "unshare", "--user", "--map-root-user", "--mount")) {
                again = !links.add(process.proc().link("mnt"));
                assertTrue(ids.add(Nsfs.mountIdOf(Drawing.file(process.proc(), "mnt"))), "an id came again");
            }
            assertTrue(again, "no inode came again: nothing is shown");
        }

        @Test
        @Verifies("tree.ids-of-every-type")
        @DisplayName("has an id in each of its namespaces, the same as whoever shares one with it")
        void everyType() {
            var ids = new HashSet<Long>();
            for (var type : Proc.TYPES) {
                assertTrue(ids.add(Nsfs.idOf(Drawing.file(inside(), type))), type);
                for (var other : List.of(held().process("maker"), outer(), outside()))
                    assertEquals(other.link(type).equals(inside().link(type)), Nsfs.idOf(Drawing.file(other, type)) == Nsfs.idOf(Drawing.file(inside(), type)), type + " of " + other);
            }
            assertTrue(2 * Proc.TYPES.size() <= trace().of("ioctl").stream().filter(call -> is(call, 13) && call.succeeded()).count(), trace()::toString);
        }

        @Test
        @Verifies("tree.listns")
        @DisplayName("has namespaces that listns(2) lists to root for the user namespace that owns them, as it lists to anybody the own ones")
        void listns() {
            for (var type : Proc.TYPES) assertTrue(Nsfs.ids(null).contains(Nsfs.idOf(Drawing.file(Proc.self(), type))), type);
            if (!As.TESTS_ARE_ROOT) return;
            var owned = Nsfs.ids(Drawing.file(outer(), "user"));
            assertEquals(Set.of("pid", "uts", "ipc"), Proc.TYPES.stream().filter(type -> owned.contains(Nsfs.idOf(Drawing.file(outer(), type)))).collect(Collectors.toSet()));
            assertEquals(Set.of("ipc", "user"), Proc.TYPES.stream().filter(type -> owned.contains(Nsfs.idOf(Drawing.file(inside(), type)))).collect(Collectors.toSet()));
        }
    }
}
