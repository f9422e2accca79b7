import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static outside.Capabilities.all;
import static outside.Capabilities.mask;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.Capabilities;
import outside.Enter;
import outside.Home;
import outside.Lab;
import outside.LabChecks;
import outside.Nsfs;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Trace.Call;
import outside.Verifies;

/** Looks at the Capabilities lab from outside: the sets of its children in /proc/PID/status, and what the kernel answered to their calls. */
@DisplayName("Capabilities")
class CapabilitiesTest {
    @Test
    @DisplayName("have the numbers of linux/capability.h, in the kit's table as in the tests'")
    void numbers() throws IOException {
        var kit = Files.readString(Home.path().resolve("labs/kit/Capability.java")).split("NAMES = List.of\\(")[1].split("\\);")[0];
        assertEquals(Capabilities.NAMES, Pattern.compile("\"CAP_(\\w+)\"").matcher(kit).results().map(match -> match.group(1)).toList());
        var header = Path.of("/usr/include/linux/capability.h");
        assumeTrue(Files.exists(header), "the kernel's headers are not installed (linux-libc-dev)");
        var defined = Files.readAllLines(header).stream().map(Pattern.compile("#define CAP_([A-Z_]+)\\s+(\\d+)")::matcher).filter(java.util.regex.Matcher::matches).toList();
        assertTrue(defined.size() > 35, defined::toString);
        for (var each : defined) assertEquals(Integer.parseInt(each.group(2)), Capabilities.NAMES.indexOf(each.group(1)), each.group(1));
    }

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
            super(Lab.named("Capabilities").as(as).options("--student", "s1")); // each run chooses the same, the traced one too
        }

        private Trace trace() {
            return trace("clone", "unshare", "setns", "capset", "prctl", "setresuid", "sethostname", "chroot", "openat", "mount", "chown", "fchownat", "kill",
                    "socket", "execve");
        }

        private Proc child(String name) {
            return held().process(name);
        }

        /** The calls of the first process that made such a call, in their order. */
        private List<Call> callsOfWho(String name, String errno, String... words) {
            var who = trace().of(name).stream().filter(call -> call.errno().equals(errno) && List.of(words).stream().allMatch(call.arguments()::contains))
                    .findFirst().orElseThrow(() -> new AssertionError("no " + name + " " + errno + " " + List.of(words) + " in " + trace()));
            return trace().by(who.pid());
        }

        private static List<String> errnos(List<Call> calls, String name) {
            return calls.stream().filter(call -> call.name().equals(name)).map(call -> call.errno().isEmpty() ? "0" : call.errno()).toList();
        }

        /** A part of the last capset(2) among these calls. */
        private static long set(List<Call> calls, String part) {
            var last = calls.stream().filter(call -> call.name().equals("capset")).reduce((before, after) -> after).orElseThrow().arguments();
            return mask(last.replaceFirst(".*" + part + "=([^,}]*).*", "$1"));
        }

        @Test
        @DisplayName("stands apart in user, mount and UTS namespaces and in no others, and has no capability at all")
        void apart() {
            assertApartExactlyIn("user", "mnt", "uts");
            for (var set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) assertEquals(0, inside().capabilities(set), set);
            assertTrue(inside().uidMap().stream().anyMatch(range -> range.inside() == 0 && range.outside() == inside().uids().get(1)), "it is not root inside");
        }

        @Test
        @Verifies("capabilities.five-sets")
        @DisplayName("has a sibling whose five sets are what it asked for by capset(2) and prctl(2)")
        void five() {
            var raises = trace().of("prctl").stream().filter(call -> call.succeeded() && call.arguments().contains("PR_CAP_AMBIENT_RAISE")).collect(Collectors.groupingBy(Call::pid));
            var two = raises.values().stream().filter(each -> each.size() == 2).findFirst().orElseThrow(() -> new AssertionError("nobody with two ambient capabilities" + trace()));
            var calls = trace().by(two.get(0).pid());
            var sets = child("sets");
            assertEquals(set(calls, "effective"), sets.capabilities("CapEff"));
            assertEquals(set(calls, "permitted"), sets.capabilities("CapPrm"));
            assertEquals(set(calls, "inheritable"), sets.capabilities("CapInh"));
            assertEquals(mask(two.toString()), sets.capabilities("CapAmb"));
            var dropped = calls.stream().filter(call -> call.arguments().startsWith("PR_CAPBSET_DROP")).toList();
            assertEquals(all() & ~mask(dropped.toString()), sets.capabilities("CapBnd"));
            assertNotEquals(all(), sets.capabilities("CapBnd"));
            assertEquals(5, Set.of(sets.capabilities("CapEff"), sets.capabilities("CapPrm"), sets.capabilities("CapInh"), sets.capabilities("CapBnd"), sets.capabilities("CapAmb")).size());
            assertFalse(calls.stream().anyMatch(call -> call.name().equals("execve")), "it called execve(2)");
        }

        @Test
        @Verifies("capabilities.effective-decides")
        @DisplayName("could not unshare(2) with CAP_SYS_ADMIN permitted and not effective, and then could")
        void effective() {
            var calls = callsOfWho("unshare", "EPERM", "CLONE_NEWUTS").stream().filter(call -> Set.of("capset", "unshare").contains(call.name())).toList();
            assertEquals(List.of("capset", "unshare", "capset", "unshare"), calls.stream().map(Call::name).toList(), calls::toString);
            assertEquals(List.of("EPERM", "0"), errnos(calls, "unshare"));
            assertEquals(0, set(calls.subList(0, 1), "effective") & mask("CAP_SYS_ADMIN"));
            assertNotEquals(0, set(calls.subList(0, 1), "permitted") & mask("CAP_SYS_ADMIN"));
            assertNotEquals(0, set(calls, "effective") & mask("CAP_SYS_ADMIN"));
        }

        @Test
        @Verifies({"capabilities.execve-gives-root", "capabilities.no-new-privs-root"})
        @DisplayName("has three siblings without capabilities: execve(2) gave all to one, nothing to the one with no_new_privs, and one did not call it")
        void execve() {
            for (var name : List.of("poor", "regained", "privs")) assertEquals(all(), child(name).capabilities("CapBnd"), name);
            assertEquals(List.of(0L, all(), 0L), List.of(child("poor").capabilities("CapEff"), child("regained").capabilities("CapEff"), child("privs").capabilities("CapEff")));
            assertNotEquals(List.of("/bin/sh"), child("poor").commandLine());
            assertEquals(List.of("/bin/sh"), child("regained").commandLine());
            assertEquals(List.of("/bin/sh"), child("privs").commandLine());
            assertEquals(List.of(outside().status().get("NoNewPrivs"), "1"), List.of(child("regained").status().get("NoNewPrivs"), child("privs").status().get("NoNewPrivs")));
            var given = trace().of("capset").stream().filter(call -> call.arguments().contains("{effective=0, permitted=0, inheritable=0}")
                    && trace().by(call.pid()).stream().noneMatch(other -> other.arguments().startsWith("PR_CAPBSET_DROP"))).map(Call::pid).toList();
            assertEquals(3, given.size(), () -> "processes that emptied their sets and kept the bounding set" + trace());
            for (var uids : List.of(child("regained"), child("privs"))) assertEquals(inside().uids(), uids.uids());
        }

        @Test
        @Verifies("capabilities.bounding-is-final")
        @DisplayName("has two siblings without one capability of the bounding set: after execve(2) it is nowhere, before it is permitted still")
        void bounding() {
            long left = child("bounded").capabilities("CapBnd"), gone = all() & ~left;
            assertEquals(1, Long.bitCount(gone), Long.toHexString(gone));
            assertEquals(all(), child("bounded").capabilities("CapPrm"));
            for (var set : List.of("CapBnd", "CapPrm", "CapEff")) assertEquals(left, child("dropped").capabilities(set), set);
            var calls = callsOfWho("capset", "EPERM");
            assertEquals(gone, mask(calls.stream().filter(call -> call.arguments().startsWith("PR_CAPBSET_DROP")).map(Call::toString).collect(Collectors.joining())));
            assertEquals(List.of("0", "EPERM"), errnos(calls, "capset"));
            var inherited = Ran.command("unshare", "--user", "--map-root-user", "setpriv", "--bounding-set", "-chown", "sh", "-c", "sh -c 'grep CapBnd /proc/self/status; :'").text();
            assertEquals(all() & ~1, Long.parseUnsignedLong(inherited.replaceFirst("CapBnd:\\s*", ""), 16));
        }

        @Test
        @Verifies("capabilities.root-without-power")
        @DisplayName("was refused with empty sets what its like was allowed with full ones")
        void powers() {
            var calls = new java.util.ArrayList<>(List.of("sethostname", "unshare", "chroot", "openat", "mount"));
            if (as() == As.ROOT) calls.add("chown");
            var refused = callsOfWho("chroot", "EPERM");
            assertEquals(0, set(refused, "permitted"));
            var allowed = callsOfWho("chroot", "", "\"/\"");
            assertTrue(allowed.stream().noneMatch(call -> call.name().equals("capset")), allowed::toString);
            for (var name : calls) {
                var like = name.equals("chown") ? "chown|fchownat" : name;
                assertEquals(name.equals("openat") ? "EACCES" : "EPERM", last(refused, like), () -> name + " in " + refused);
                assertEquals("", last(allowed, like), () -> name + " in " + allowed);
            }
            if (as() != As.ROOT) return;
            assertEquals(0, set(callsOfWho("kill", "EPERM"), "permitted"));
            assertTrue(trace().succeeded("kill", ", 0"), trace()::toString);
        }

        /** The errno of the last call of that name on what the lab made; of the program that comes after, on nothing else. */
        private static String last(List<Call> calls, String name) {
            return calls.stream().filter(call -> call.name().matches(name) && (!call.name().equals("openat") || call.arguments().contains("/tmp/own")))
                    .reduce((before, after) -> after).orElseThrow(() -> new AssertionError("no " + name + " in " + calls)).errno();
        }

        @Test
        @Verifies("capabilities.securebit-noroot")
        @DisplayName("has a sibling to which execve(2) gave nothing as uid 0, with SECBIT_NOROOT")
        void noroot() {
            assertEquals(inside().uids(), child("noroot").uids());
            assertEquals(List.of(0L, all()), List.of(child("noroot").capabilities("CapEff"), child("noroot").capabilities("CapBnd")));
            assertEquals(List.of("/bin/sh"), child("noroot").commandLine());
            assertEquals(outside().status().get("NoNewPrivs"), child("noroot").status().get("NoNewPrivs"), "else that would be the reason");
            assertTrue(trace().succeeded("prctl", "PR_SET_SECUREBITS", "SECBIT_NOROOT|SECBIT_NOROOT_LOCKED"), trace()::toString);
            assertTrue(trace().failed("prctl", "EPERM", "PR_SET_SECUREBITS, 0"), trace()::toString);
        }

        @Test
        @Verifies("capabilities.keep-caps")
        @DisplayName("has two siblings that changed from uid 0 to 5: one lost everything, one kept what is permitted")
        void keep() {
            for (var name : List.of("lost", "kept")) {
                assertEquals(5, child(name).uidMap().stream().filter(range -> range.outside() == child(name).uids().get(1)).findFirst().orElseThrow().inside());
                assertEquals(0, child(name).capabilities("CapEff"));
                assertEquals(name.equals("kept") ? all() : 0, child(name).capabilities("CapPrm"));
            }
            assertEquals(List.of("0", "0"), errnos(callsOfWho("prctl", "", "PR_SET_KEEPCAPS, 1"), "setresuid"));
        }

        @Test
        @Verifies({"capabilities.ambient-survives", "capabilities.ambient-needs-two"})
        @DisplayName("has two siblings of uid 5 that called execve(2): one has its ambient capability, one nothing")
        void ambient() {
            for (var name : List.of("ambient", "without")) {
                assertEquals(5, child(name).uidMap().get(0).inside());
                assertEquals(child(name).uidMap().get(0).outside(), child(name).uids().get(1));
                assertEquals(List.of("/bin/sh"), child(name).commandLine());
            }
            var raised = trace().of("prctl").stream().filter(call -> call.arguments().contains("PR_CAP_AMBIENT_RAISE") && call.errno().equals("EPERM")).toList();
            assertEquals(2, raised.size(), raised::toString);
            for (var each : raised) {
                var calls = trace().by(each.pid());
                assertEquals(0, set(calls, "permitted") & set(calls, "inheritable") & mask(each.arguments()));
            }
            assertEquals(mask(raised.get(0).arguments()), child("ambient").capabilities("CapEff"));
            assertEquals(mask(raised.get(0).arguments()), child("ambient").capabilities("CapAmb"));
            assertEquals(0, child("without").capabilities("CapEff"));
            assertTrue(trace().succeeded("prctl", raised.get(0).arguments()), trace()::toString);
        }

        @Test
        @Verifies("capabilities.no-new-privs")
        @DisplayName("has a sibling that set no_new_privs before its execve(2), has it still, and could not take it back")
        void noNewPrivs() {
            assertEquals("1", child("privs").status().get("NoNewPrivs"));
            assertEquals(outside().status().get("NoNewPrivs"), inside().status().get("NoNewPrivs"));
            assertEquals(List.of("/bin/sh"), child("privs").commandLine());
            assertTrue(trace().failed("prctl", "EINVAL", "PR_SET_NO_NEW_PRIVS, 0"), trace()::toString);
            assertEquals("1", Ran.command("setpriv", "--no-new-privs", "sh", "-c", "sh -c 'sed -n \"s/NoNewPrivs:.//p\" /proc/self/status; :'").text());
        }

        @Test
        @Verifies("capabilities.over-descendants")
        @DisplayName("has a sibling in a user namespace below, whose UTS namespace was renamed from above")
        void below() {
            var nested = child("nested");
            assertEquals(inside().link("user"), Nsfs.parentOf(nested.folder().resolve("ns/user")));
            assertEquals(nested.link("user"), Nsfs.ownerOf(nested.folder().resolve("ns/uts")));
            assertTrue(Enter.the(nested, "uts").text("uname", "-n").startsWith("below-"), () -> Enter.the(nested, "uts").text("uname", "-n"));
            var calls = callsOfWho("sethostname", "", "below-");
            assertEquals(List.of("CLONE_NEWUSER", "CLONE_NEWUTS"), calls.stream().filter(call -> call.name().equals("setns")).map(call -> call.arguments().replaceFirst("\\d+, ", "")).toList());
            var without = callsOfWho("setns", "EPERM", "CLONE_NEWUTS");
            assertEquals(all() & ~mask("CAP_SYS_ADMIN"), set(without, "effective"));
        }

        @Test
        @Verifies("capabilities.not-over-the-outer")
        @DisplayName("was refused, in a user namespace alone, a hostname, a mount and a raw socket of the outer one")
        void outer() {
            var alone = trace().of("clone").stream().filter(call -> call.succeeded() && call.arguments().contains("flags=CLONE_NEWUSER|SIGCHLD")).map(Call::result).toList();
            assertEquals(1, alone.size(), trace()::toString);
            var calls = trace().by(Long.parseLong(alone.get(0)));
            for (var name : List.of("sethostname", "mount", "socket")) assertEquals("EPERM", errnos(calls, name).get(0), calls::toString);
        }
    }
}
