import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.Enter;
import outside.LabChecks;
import outside.Proc;
import outside.Processes;
import outside.Ran;
import outside.Trace;
import outside.Trace.Call;
import outside.Verifies;

/** Looks at the Lifetime lab from outside: the namespaces that it keeps without a process, and what the kernel answered. */
@DisplayName("Lifetime")
class LifetimeTest {
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
        private static final String NEW_UTS = "CLONE_NEWUTS";

        Checks(As as) {
            super("Lifetime", as);
        }

        private Trace trace() {
            return trace("clone", "clone3", "fork", "vfork", "unshare", "setns", "capset", "recvmsg", "uname", "kill", "close", "pidfd_open", "mount", "umount2", "readlink", "readlinkat",
                    "name_to_handle_at", "open_by_handle_at");
        }

        /** The namespace calls of the traced run, for a failure's message. */
        private String told() {
            return String.join("\n", trace().calls().stream().filter(call -> List.of("clone", "unshare", "setns", "recvmsg").contains(call.name()))
                    .map(Call::toString).toList());
        }

        private Proc jvm() {
            return held().process("jvm");
        }

        /** A file that the held lab has open, by its number in the ready line. */
        private Path file(String name) {
            return jvm().folder().resolve("fd/" + held().value(name));
        }

        @Test
        @DisplayName("has a child that stands apart in its UTS namespace and in no other")
        void apart() {
            assertApartExactlyIn("uts");
            assertTrue(enter("uts").text("uname", "-n").startsWith("living-"));
        }

        // ---- when a namespace ends

        @Test
        @Verifies("lifetime.ends-with-the-last")
        @DisplayName("made UTS namespaces that count no more after their last process")
        void ends() {
            assertTrue(trace().of("clone").stream().filter(call -> call.succeeded() && call.arguments().contains("flags=CLONE_NEWUTS|SIGCHLD")).count() >= 6, this::told);
            // Of the held lab's children one lives; those that have ended are in none.
            assertEquals(List.of(inside().pid()), jvm().children().stream().filter(Proc::alive).map(Proc::pid).toList());
            // Where only one may exist, a second can be made when the first has ended, and not before.
            var ran = Ran.command("unshare", "--user", "--map-root-user", "sh", "-c", "echo 1 >/proc/sys/user/max_uts_namespaces; "
                    + "unshare --uts true; echo $?; unshare --uts true; echo $?; unshare --uts unshare --uts true; echo $?");
            assertEquals("0\n0\n1", ran.text());
            assertTrue(ran.stderr().contains("No space left on device"), ran::toString);
        }

        @Test
        @Verifies("lifetime.not-for-a-zombie")
        @DisplayName("has a zombie that is in no UTS namespace")
        void zombie() {
            var zombie = held().process("zombie");
            assertEquals('Z', zombie.state());
            assertEquals(jvm().pid(), zombie.parent());
            var links = zombie.links().keySet();
            assertTrue(!links.contains("uts") && links.contains("pid"), links::toString);
        }

        @Test
        @Verifies("lifetime.numbers-come-again")
        @DisplayName("made namespaces on one thread until an inode came again")
        void numbers() {
            var mover = trace().of("unshare").stream().filter(call -> call.succeeded() && call.arguments().equals(NEW_UTS)).map(Call::pid)
                    .filter(pid -> trace().by(pid).stream().filter(call -> call.name().equals("unshare")).count() > 1).findFirst()
                    .orElseThrow(() -> new AssertionError("no thread made several\n" + told()));
            var made = new ArrayList<String>();
            var calls = trace().by(mover);
            for (int i = 0; i < calls.size(); i++) // what the thread reads of itself right after each unshare(2)
                if (calls.get(i).name().equals("unshare")) made.add(calls.stream().skip(i).filter(call -> call.name().startsWith("readlink"))
                        .map(call -> call.arguments().replaceFirst(".*\"(uts:\\[\\d+])\".*", "$1")).findFirst().orElseThrow());
            assertTrue(made.size() >= 2 && made.stream().allMatch(link -> link.matches("uts:\\[\\d+]")), made::toString);
            // The last one came before: as one of these, or as one that had ended already.
            var seen = new HashSet<>(made.subList(0, made.size() - 1));
            assertTrue(seen.contains(made.get(made.size() - 1)), made::toString);
        }

        // ---- what holds one

        @Test
        @Verifies("lifetime.descriptor-holds")
        @DisplayName("keeps a UTS namespace without a process by an open file descriptor")
        void descriptor() throws IOException {
            assertHeldWithoutProcess(Files.readSymbolicLink(file("descriptor")).toString(), file("descriptor"), "descriptor-");
        }

        private Proc mounter() {
            return Proc.thread(jvm().pid(), Long.parseLong(held().value("mounter")));
        }

        private outside.Mount mount() {
            return mounter().mounts().stream().filter(each -> each.type().equals("nsfs") && each.root().startsWith("uts:")).findFirst().orElseThrow();
        }

        @Test
        @Verifies("lifetime.bind-mount-holds")
        @DisplayName("keeps a UTS namespace without a process by a bind mount")
        void bindMount() throws IOException {
            assertTrue(outside().mountAt(mount().point()).isEmpty(), "the mount is visible outside");
            assertHeldWithoutProcess(mount().root(), mounter().root().resolve(mount().point().substring(1)), "mount-");
            assertFalse(jvm().openFiles().contains(mount().root()), "a descriptor holds it as well");
        }

        /** Nobody stands in it, and yet it can be entered and has the hostname that somebody gave it. */
        private void assertHeldWithoutProcess(String link, Path file, String name) {
            assertEquals(List.of(), Processes.members(link));
            var said = Enter.the(inside()).by("uts", file).text("sh", "-c", "uname -n; readlink /proc/self/ns/uts").lines().toList();
            assertTrue(said.get(0).startsWith(name), said::toString);
            assertEquals(link, said.get(1));
            assertTrue(trace().of("setns").stream().filter(call -> call.succeeded() && call.arguments().contains(NEW_UTS)).count() >= 2, this::told);
        }

        @Test
        @Verifies("lifetime.lsns-shows-the-mounted")
        @DisplayName("has it listed by lsns(8), with no process")
        void lsns() {
            var lines = Enter.the(mounter(), "mnt").text("lsns", "--noheadings", "--type", "uts", "--output", "NS,NPROCS");
            var inode = mount().root().replaceAll("\\D", "");
            assertTrue(lines.lines().map(line -> line.strip().replaceAll(" +", " ")).toList().contains(inode + " 0"), lines);
        }

        // ---- what stands for one

        @Test
        @Verifies("lifetime.message-holds")
        @DisplayName("sends two descriptors that nobody has received, and whoever receives one enters")
        void message() {
            var info = jvm().text("fdinfo/" + held().value("socket"));
            assertTrue(info.contains("scm_fds:\t2") || info.contains("scm_fds: 2"), info);
            var entered = received().filter(pid -> trace().by(pid).stream().anyMatch(call -> call.name().equals("setns") && call.succeeded() && call.arguments().startsWith("0, "))).toList();
            assertEquals(1, entered.size(), this::told);
            var shell = entered.get(0);
            var children = trace().by(shell).stream().filter(call -> call.name().matches("clone3?|v?fork")).map(Call::result).toList();
            assertTrue(trace().of("uname").stream().anyMatch(call -> (call.pid() == shell || children.contains("" + call.pid())) && call.arguments().contains("nodename=\"message-")),
                    () -> "nobody there saw its hostname: " + trace().of("uname"));
        }

        /** Who received a descriptor, as number 0. */
        private Stream<Long> received() {
            return trace().of("recvmsg").stream().filter(call -> call.succeeded() && call.arguments().contains("SCM_RIGHTS") && call.arguments().contains("[0]")).map(Call::pid);
        }

        @Test
        @Verifies("lifetime.receiver-needs-capability")
        @DisplayName("was refused the setns(2) with a descriptor received without CAP_SYS_ADMIN")
        void receiver() {
            var refused = received().filter(pid -> trace().by(pid).stream().anyMatch(call -> call.name().equals("setns") && call.errno().equals("EPERM")
                    && call.arguments().startsWith("0, "))).toList();
            assertEquals(1, refused.size(), this::told);
            var maker = trace().of("clone").stream().filter(call -> call.result().equals("" + refused.get(0))).findFirst().orElseThrow();
            assertTrue(trace().by(maker.pid()).stream().anyMatch(call -> call.name().equals("capset") && call.succeeded() && !call.arguments().contains("CAP_SYS_ADMIN")), this::told);
        }

        @Test
        @Verifies("lifetime.pidfd-does-not")
        @DisplayName("could enter by a pidfd while the process lived, and not after")
        void pidfd() {
            var pidfds = Set.copyOf(trace().of("pidfd_open").stream().map(Call::result).toList());
            assertTrue(trace().of("setns").stream().anyMatch(after -> after.errno().equals("ESRCH") && after.arguments().contains(NEW_UTS)
                    && pidfds.contains(after.arguments().split(",")[0])
                    && trace().of("setns").stream().anyMatch(before -> before.succeeded() && before.arguments().equals(after.arguments()))), this::told);
        }

        @Test
        @Verifies("lifetime.handle-does-not")
        @DisplayName("found a namespace by its file handle, and after its end ESTALE")
        void handle() {
            assertTrue(trace().succeeded("name_to_handle_at", "AT_EMPTY_PATH"), () -> trace().of("name_to_handle_at").toString());
            var opened = trace().of("open_by_handle_at");
            assertEquals(List.of("", "ESTALE"), opened.stream().map(Call::errno).toList(), opened::toString);
            assertEquals(opened.get(0).arguments(), opened.get(1).arguments());
        }
    }
}
