import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Verifies;

/** Looks at the Time lab from outside: its offsets, the clocks that programs see inside, and what the kernel answered to its calls. */
@DisplayName("Time")
class TimeTest {
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

    /** A program that tells CLOCK_MONOTONIC, which is what System.nanoTime() reads on Linux. */
    static final class Clock {
        public static void main(String... args) {
            System.out.println(System.nanoTime());
        }
    }

    abstract static class Checks extends LabChecks {
        private static final double DAY = 86400;

        Checks(As as) {
            super("Time", as);
        }

        private Trace trace() {
            return trace("clone", "unshare", "setns", "openat", "write", "close", "clock_nanosleep", "sysinfo");
        }

        /** The offsets where the tests run. The file is in a process's folder, not in its threads'. */
        private static Map<String, Long> here() {
            return Proc.of(ProcessHandle.current().pid()).timeOffsets();
        }

        /** By how many seconds the process inside is ahead of the tests, as the kernel tells in timens_offsets. */
        private long ahead(String clock) {
            return inside().timeOffsets().get(clock) - here().get(clock);
        }

        /** Holds if a clock read inside is ahead of the same clock here, which was read before and after it. */
        private static void assertAhead(double seconds, double before, double inside, double after) {
            assertTrue(before + seconds <= inside && inside <= after + seconds,
                    () -> inside + " is not " + seconds + " s ahead of " + before + " to " + after);
        }

        private static double uptime(String file) {
            return Double.parseDouble(file.split(" ")[0]);
        }

        private static double uptime() throws IOException {
            return uptime(Files.readString(Path.of("/proc/uptime")));
        }

        @Test
        @DisplayName("stands apart in its time namespace and in no other")
        void apart() {
            assertApartExactlyIn("time");
        }

        @Test
        @Verifies("time.caller-stays")
        @DisplayName("is the child of a thread that asked for the namespace and did not enter it")
        void caller() {
            var lab = Proc.of(inside().parent());
            var callers = lab.threads().stream().filter(thread -> thread.link("time_for_children").equals(inside().link("time"))).toList();
            assertEquals(1, callers.size(), () -> "threads of " + lab + " whose children go there: " + callers);
            assertEquals(outside().link("time"), callers.get(0).link("time"));
            assertNotEquals(outside().link("time"), inside().link("time"));
            assertTrue(trace().succeeded("unshare", "CLONE_NEWTIME"), trace()::toString);
        }

        @Test
        @Verifies("time.initial-offsets")
        @DisplayName("was started where both offsets are 0")
        void initial() {
            assumeTrue(outside().link("time").equals("time:[4026531834]"), "the tests do not run in the initial time namespace");
            assertEquals(Map.of("monotonic", 0L, "boottime", 0L), here());
            assertEquals(Proc.self().identity("time"), outside().identity("time"));
            assertFalse(inside().timeOffsets().containsValue(0L), () -> "inside: " + inside().timeOffsets());
        }

        @Test
        @Verifies("time.monotonic-offset")
        @DisplayName("shows to a program another CLOCK_MONOTONIC, by the offset that the kernel tells")
        void monotonic() {
            assertTrue(ahead("monotonic") >= 5000, () -> "offset: " + ahead("monotonic"));
            double before = System.nanoTime() / 1e9;
            var inside = enter("time").text(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                    "-cp", System.getProperty("java.class.path"), Clock.class.getName());
            assertAhead(ahead("monotonic"), before, Long.parseLong(inside) / 1e9, System.nanoTime() / 1e9);
        }

        @Test
        @Verifies({"time.boottime-offset", "time.uptime"})
        @DisplayName("shows to a program another uptime, by the offset that the kernel tells")
        void uptimes() throws IOException {
            assertTrue(ahead("boottime") >= 60 * DAY, () -> "offset: " + ahead("boottime"));
            double before = uptime();
            double inside = uptime(enter("time").text("cat", "/proc/uptime"));
            assertAhead(ahead("boottime"), before, inside, uptime());
            var days = (long) (inside / DAY);
            var said = Ran.command("uptime").text().contains(days + " days") ? "outside too" : enter("time").text("env", "LC_ALL=C", "uptime");
            assertTrue(said.contains("up " + days + " days"), said);
        }

        @Test
        @Verifies("time.uptime")
        @DisplayName("was told the shifted uptime by sysinfo(2)")
        void sysinfo() throws IOException {
            double far = uptime() + 59 * DAY;
            assertTrue(trace().of("sysinfo").stream().filter(call -> call.arguments().contains("uptime="))
                    .anyMatch(call -> Long.parseLong(call.arguments().replaceFirst(".*uptime=(\\d+).*", "$1")) > far), trace()::toString);
        }

        @Test
        @Verifies("time.date-is-the-same")
        @DisplayName("has the machine's date")
        void date() {
            long before = System.currentTimeMillis() / 1000;
            long inside = Long.parseLong(enter("time").text("date", "+%s"));
            assertTrue(before <= inside && inside <= System.currentTimeMillis() / 1000, inside + " is not the date");
            assertEquals(inside().link("time"), enter("time").text("readlink", "/proc/self/ns/time"), "where date(1) ran");
        }

        @Test
        @Verifies("time.start-times")
        @DisplayName("has another start time when it is read from inside")
        void started() {
            var stat = enter("time").text("cat", inside().folder() + "/stat");
            long ticks = Long.parseLong(Ran.command("getconf", "CLK_TCK").text());
            assertEquals(inside().startTime() + ahead("boottime") * ticks, Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]));
            assertTrue(ahead("boottime") >= 60 * DAY);
        }

        @Test
        @Verifies("time.absolute-sleep")
        @DisplayName("slept until a time that is far ahead outside")
        void slept() {
            long now = System.nanoTime() / 1_000_000_000;
            var sleep = trace().of("clock_nanosleep").stream().filter(call -> call.arguments().startsWith("CLOCK_MONOTONIC, TIMER_ABSTIME")).findFirst().orElseThrow();
            assertEquals("0", sleep.result(), sleep::toString);
            assertTrue(Long.parseLong(sleep.arguments().replaceFirst(".*tv_sec=(\\d+).*", "$1")) > now + 4000, sleep + ", now " + now);
        }

        @Test
        @Verifies("time.offsets-become-final")
        @DisplayName("cannot be given other offsets any more")
        void offsetsAreFinal() {
            var before = inside().timeOffsets();
            assertThrows(IOException.class, () -> Files.writeString(inside().folder().resolve("timens_offsets"), "boottime 1 0"));
            assertEquals(before, inside().timeOffsets());
            assertTrue(trace().failed("write", "EACCES", "\"boottime 1 0\""), trace()::toString);
            assertTrue(trace().succeeded("write", "\"boottime ", " 0\""), trace()::toString);
        }

        @Test
        @Verifies("time.no-negative-clock")
        @DisplayName("was refused an offset that would make a clock negative")
        void negative() {
            var refused = trace().of("write").stream().filter(call -> call.arguments().contains("\"monotonic -")).findFirst().orElseThrow();
            assertEquals("ERANGE", refused.errno(), refused::toString);
            assertTrue(Long.parseLong(refused.arguments().replaceFirst(".*\"monotonic -(\\d+) .*", "$1")) > System.nanoTime() / 1_000_000_000, refused::toString);
        }

        @Test
        @Verifies("time.needs-cap-sys-time")
        @DisplayName("was refused the offsets of a namespace without CAP_SYS_TIME")
        void capability() {
            var refused = trace().of("write").stream().filter(call -> call.errno().equals("EPERM")).findFirst().orElseThrow();
            assertTrue(refused.arguments().contains("\"boottime "), refused::toString);
            assertTrue(trace().of("unshare").stream().anyMatch(call -> call.pid() == refused.pid() && call.succeeded() && call.arguments().equals("CLONE_NEWTIME")), trace()::toString);
        }

        @Test
        @Verifies("time.own-user-namespace")
        @DisplayName("wrote the offsets of a namespace that its own user namespace owns")
        void owner() {
            // For each child with a user namespace of its own: what it wrote into a file that it had just opened as its own offsets.
            var owners = trace().of("clone").stream().filter(call -> call.succeeded() && call.arguments().contains("CLONE_NEWUSER")).map(Trace.Call::result).toList();
            assertTrue(owners.stream().anyMatch(owner -> {
                var calls = trace().calls().stream().filter(call -> call.pid() == Long.parseLong(owner) && Set.of("unshare", "openat", "write", "close").contains(call.name())).toList();
                var opened = calls.stream().filter(call -> call.succeeded() && call.name().equals("openat") && call.arguments().contains("\"/proc/self/timens_offsets\", O_RDWR")).findFirst();
                if (opened.isEmpty()) return false;
                int at = calls.indexOf(opened.get());
                var before = calls.subList(0, at).stream().filter(call -> call.name().equals("unshare")).map(call -> call.arguments() + " " + call.succeeded()).toList();
                var next = calls.get(at + 1);
                return before.equals(List.of("CLONE_NEWTIME true")) && next.name().equals("write") && next.succeeded()
                        && next.arguments().startsWith(opened.get().result() + ", \"boottime ");
            }), trace()::toString);
        }

        @Test
        @Verifies("time.nested-copies")
        @DisplayName("hands its offsets on to a time namespace that is made inside")
        void nested() {
            var seen = enter("time").text("unshare", "--time", "sh", "-c", "readlink /proc/self/ns/time; cat /proc/self/timens_offsets").lines().toList();
            assertNotEquals(inside().link("time"), seen.get(0));
            assertEquals(inside().lines("timens_offsets"), List.of(seen.get(1), seen.get(2)));
            assertFalse(inside().timeOffsets().containsValue(0L));
            assertTrue(trace().of("unshare").stream().filter(call -> call.succeeded() && call.arguments().equals("CLONE_NEWTIME")).map(Trace.Call::pid).distinct().count() >= 4, trace()::toString);
        }

        @Test
        @Verifies("time.setns-threads")
        @DisplayName("was refused setns(2) while it had several threads")
        void threads() {
            assertTrue(trace().failed("setns", "EUSERS", "CLONE_NEWTIME"), trace()::toString);
        }

        @Test
        @Verifies("time.setns-moves-caller")
        @DisplayName("lets a process of one thread in, which stands inside at once")
        void setns() {
            // Without --fork nsenter itself becomes readlink: it is the caller of setns(2) that has moved.
            assertEquals(inside().link("time"), enter("time").text("readlink", "/proc/self/ns/time"));
            assertTrue(trace().succeeded("setns", "CLONE_NEWTIME"), trace()::toString);
        }
    }
}
