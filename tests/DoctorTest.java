import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Trace;
import outside.Verifies;

/** Looks at what the Doctor made before it said "yes"; RefusalTest looks at its "no". */
@DisplayName("Doctor")
class DoctorTest {
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
            super("Doctor", as);
        }

        private Trace trace() {
            return trace("clone", "unshare", "mount");
        }

        @Test
        @Verifies({"doctor.pid", "doctor.uts", "doctor.ipc", "doctor.net", "doctor.cgroup", "doctor.mnt"})
        @DisplayName("holds a process that stands apart in every type that clone(2) can make")
        void everything() {
            assertApartExactlyIn("pid", "uts", "ipc", "net", "cgroup", "mnt");
        }

        @Test
        @Verifies("doctor.user")
        @DisplayName("made a user namespace")
        void user() {
            assertTrue(trace().succeeded("clone", "CLONE_NEWUSER"), trace()::toString);
        }

        @Test
        @Verifies("doctor.time")
        @DisplayName("made a time namespace")
        void time() {
            assertTrue(trace().succeeded("unshare", "CLONE_NEWTIME"), trace()::toString);
        }

        @Test
        @Verifies("doctor.proc")
        @DisplayName("mounted a fresh /proc in a PID namespace")
        void proc() {
            assertTrue(trace().succeeded("mount", "\"proc\", \"/proc\", \"proc\""), trace()::toString);
        }
    }
}
