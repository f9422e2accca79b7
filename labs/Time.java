///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import com.sun.jna.Pointer;
import java.util.List;
import kit.*;

/** Give a process another uptime than the machine's; time_namespaces(7), clock_gettime(2). */
public class Time {
    static final String QUESTION = "Can a process believe that the machine was started months ago, while the time of day stays right?";

    static final String CLAIMS = """
        time.caller-stays         | TIM-01 | unshare(CLONE_NEWTIME) does not move the caller: only its time_for_children is new, and its next child stands there.
        time.initial-offsets      | TIM-06 | In the initial time namespace both offsets are 0.
        time.monotonic-offset     | TIM-02 | The monotonic offset in /proc/PID/timens_offsets shifts the CLOCK_MONOTONIC of the children.
        time.boottime-offset      | TIM-03 | The boottime offset shifts CLOCK_BOOTTIME.
        time.uptime               | TIM-03 | /proc/uptime and sysinfo(2) are shifted with CLOCK_BOOTTIME, and so is what uptime(1) says.
        time.date-is-the-same     | TIM-04 | CLOCK_REALTIME, and so the date, is the same in all time namespaces.
        time.start-times          | TIM-14 | The start time of a process in /proc/PID/stat is told in the boot time of whoever reads it.
        time.absolute-sleep       | TIM-13 | A sleep until an absolute CLOCK_MONOTONIC time ends when the clock inside gets there, not the one outside.
        time.offsets-become-final | TIM-05 | Once a process has entered the namespace, writing the offsets fails with EACCES.
        time.no-negative-clock    | TIM-08 | An offset that would make a clock negative fails with ERANGE.
        time.needs-cap-sys-time   | TIM-09 | Writing the offsets without CAP_SYS_TIME fails with EPERM.
        time.own-user-namespace   | TIM-09 | Who has made a user namespace, and in it a time namespace, may write its offsets: no root is needed.
        time.nested-copies        | TIM-12 | A time namespace made inside starts with its creator's offsets.
        time.setns-threads        | TIM-10 | setns(2) into a time namespace fails with EUSERS for a process of several threads, such as a JVM.
        time.setns-moves-caller   | TIM-10 | With a single thread it works, and moves the caller itself at once.
        """;

    /** What the children in this lab write into, and the parent reads: the clocks, a link's text, a file's text. */
    static final Pointer SHARED = mmap(Pointer.NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    static final Pointer TEXT = SHARED.share(2048);

    public static void main(String[] args) {
        new Lab("Time", QUESTION, CLAIMS).main(args, Time::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("Inside, the machine will seem to have run for months longer. Which of these will differ: uptime(1), date(1), both?");
        long months = lab.token().number("boottime", 60, 300) * 86400L, hours = lab.token().number("monotonic", 5000, 50000);

        lab.step("Before", "One thread of this JVM stays outside. It only reads clocks, so it may stand on the host itself.");
        Caller outside = new Caller("outside"), inside = new Caller("inside");
        lab.show("/proc/uptime " + outside.sh("cat /proc/uptime") + ", date " + outside.sh("date"));

        lab.step("Change", "A second thread calls unshare(CLONE_NEWTIME), and writes the offsets before it makes any child.");
        // tag::change[]
        inside.unshare(CLONE_NEWTIME);
        // end::change[]
        String file = "/proc/" + inside.tid() + "/timens_offsets", link = Proc.readlink("/proc/" + inside.tid() + "/ns/time_for_children");
        String original = Proc.read("/proc/" + outside.tid() + "/timens_offsets");
        if (outside.link(Namespace.TIME).equals("time:[4026531834]")) { // PROC_TIME_INIT_INO
            lab.claim("time.initial-offsets", outside("monotonic 0 0 boottime 0 0", original.replaceAll("\\s+", " ")));
        } else {
            lab.cannot("time.initial-offsets", "this lab was started in a time namespace already; start it outside of the container");
        }
        lab.claim("time.no-negative-clock", inside("ERANGE", inside.errno(() -> Proc.write(file, "monotonic -" + (clocks()[0] / SECOND + 3600) + " 0"))));
        // The offsets count from the machine's clocks, not from the creator's; so what the creator already has is added.
        // tag::change[]
        inside.run(() -> Proc.write(file, "monotonic " + (hours + offset(original, "monotonic")) + " 0"));
        inside.run(() -> Proc.write(file, "boottime " + (months + offset(original, "boottime")) + " 0"));
        // end::change[]
        lab.show(Proc.read(file));
        // tag::change[]
        Child member = inside.clone(0);
        // end::change[]
        lab.claim("time.caller-stays",
                inside(link + ", another one than outside", member(member) + ", another one than outside",
                        member(member).equals(link) && !link.equals(outside.link(Namespace.TIME))),
                outside(outside.link(Namespace.TIME), inside.link(Namespace.TIME)));
        lab.claim("time.offsets-become-final", inside("EACCES", inside.errno(() -> Proc.write(file, "boottime 1 0"))));

        lab.step("Inside and outside", "Outside reads its clocks before and after the child inside has read its own.");
        compare(lab, inside, outside, member, hours, months);
        lab.look(member.pid, inside::shell);

        sleep(lab, inside, hours);
        whoMay(lab);
        enter(lab, inside, outside, member, Proc.read(file));

        lab.step("Clean-up", "The threads and the child end, and with the last member the time namespace.");
        member.close();
        inside.close();
        outside.close();
        lab.gone(link);
        lab.next("In a second terminal: ./build.sh run Time --hold, then nsenter --time --target PID uptime.");
    }

    static final long SECOND = 1_000_000_000;

    static void compare(Lab lab, Caller inside, Caller outside, Child member, long hours, long months) {
        SHARED.clear(4096);
        long[] before = outside.call(Time::clocks);
        inside.errnos(0, UserMap.NONE, call("clock_gettime", CLOCK_MONOTONIC, SHARED), call("clock_gettime", CLOCK_BOOTTIME, SHARED.share(16)),
                call("clock_gettime", CLOCK_REALTIME, SHARED.share(32)), call("sysinfo", SHARED.share(64)));
        double uptime = Double.parseDouble(member.sh("cat /proc/uptime").split(" ")[0]);
        long date = Long.parseLong(member.sh("date +%s"));
        long[] after = outside.call(Time::clocks);
        long[] in = {nanos(SHARED), nanos(SHARED.share(16)), nanos(SHARED.share(32))};
        long sysinfo = SHARED.getLong(64) * SECOND - SECOND / 2; // the kernel rounds this one up, and date(1) rounds down

        lab.sides("", "inside", "outside");
        lab.sides("/proc/PID/ns/time", member(member), outside.link(Namespace.TIME));
        lab.sides("CLOCK_MONOTONIC", in[0] / SECOND + " s", before[0] / SECOND + " s");
        lab.sides("CLOCK_BOOTTIME", in[1] / SECOND + " s", before[1] / SECOND + " s");
        lab.sides("CLOCK_REALTIME", in[2] / SECOND + " s", before[2] / SECOND + " s");
        lab.sides("uptime", member.sh(UPTIME), outside.sh(UPTIME));
        lab.sides("date", member.sh("date '+%F %T'"), outside.sh("date '+%F %T'"));
        lab.claim("time.monotonic-offset", ahead("", hours, 0, in[0], before[0], after[0]));
        lab.claim("time.boottime-offset", ahead("", months, 0, in[1], before[1], after[1]));
        lab.claim("time.uptime", ahead("/proc/uptime ", months, SECOND / 50, (long) (uptime * SECOND), before[1], after[1]),
                ahead("sysinfo ", months, SECOND / 2, sysinfo, before[1], after[1]));
        lab.claim("time.date-is-the-same", ahead("", 0, 0, in[2], before[2], after[2]),
                ahead("date ", 0, SECOND / 2, date * SECOND + SECOND / 2, before[2], after[2]));

        String stat = "sed 's/.*) //' /proc/" + member.pid + "/stat | cut -d ' ' -f 20"; // field 22, counted behind the program's name
        long ticks = Long.parseLong(member.sh("getconf CLK_TCK || echo 100")), started = Long.parseLong(outside.sh(stat));
        lab.claim("time.start-times", inside(started + months * ticks, member.sh(stat)), outside(started, outside.sh(stat)));
    }

    static final String UPTIME = "uptime | sed 's/.* up */up /; s/, *[0-9]* user.*//; s/,  *load.*//'";

    /** Whether a clock inside was ahead of the one outside by so many seconds, at a moment between the two outer readings. */
    static Claim.Side ahead(String what, long seconds, long rounding, long in, long before, long after) {
        boolean holds = in - after - rounding <= seconds * SECOND && seconds * SECOND <= in - before + rounding;
        return inside(what + seconds + " s ahead of outside", what + Math.round((in - (before + after) / 2) / 1e9) + " s ahead of outside", holds);
    }

    static void sleep(Lab lab, Caller inside, long hours) {
        lab.step("Sleeping", "A child inside sleeps until a time that its own clock shows in a tenth of a second, and the outer one in hours.");
        long start = clocks()[0], until = start + hours * SECOND + SECOND / 10;
        SHARED.setLong(0, until / SECOND);
        SHARED.setLong(8, until % SECOND);
        inside.errnos(0, UserMap.NONE, call("alarm", 20), call("clock_nanosleep", CLOCK_MONOTONIC, TIMER_ABSTIME, SHARED, Pointer.NULL));
        long slept = (clocks()[0] - start) / 1_000_000;
        lab.claim("time.absolute-sleep", inside("0.1 s, and no alarm(2) after 20 s", slept / 1000.0 + " s", slept >= 100 && slept < 20_000));
    }

    static void whoMay(Lab lab) {
        lab.step("Who may", "The kernel asks for CAP_SYS_TIME in the user namespace that owns the time namespace.");
        Caller capless = new Caller("without CAP_SYS_TIME");
        capless.drop(CAP_SYS_TIME);
        capless.unshare(CLONE_NEWTIME);
        lab.claim("time.needs-cap-sys-time", inside("EPERM", capless.errno(() -> Proc.write("/proc/" + capless.tid() + "/timens_offsets", "boottime 2 0"))));
        capless.close();
        try (Caller anybody = new Caller("anybody")) {
            String line = "boottime " + lab.token().number("own", 1000, 9000) + " 0";
            List<String> errnos = anybody.errnos(CLONE_NEWUSER, UserMap.root(), call("unshare", CLONE_NEWTIME),
                    call("close", 0), call("open", "/proc/self/timens_offsets", O_RDWR), // the lowest free number: 0
                    call("write", 0, line, (long) line.length()),
                    call("close", 0), call("open", "/proc/self/timens_offsets", O_RDONLY), call("read", 0, TEXT, 200L));
            lab.claim("time.own-user-namespace", inside("success", errnos.get(3)), inside(line, text().lines().skip(1).findFirst().orElse("").replaceAll("\\s+", " ")));
        }
    }

    static void enter(Lab lab, Caller inside, Caller outside, Child member, String offsets) {
        lab.step("Ways in", "A child of a child, and setns(2).");
        SHARED.clear(4096);
        inside.errnos(0, UserMap.NONE, call("unshare", CLONE_NEWTIME), call("readlink", "/proc/self/ns/time_for_children", SHARED, 100L),
                call("close", 0), call("open", "/proc/self/timens_offsets", O_RDONLY), call("read", 0, TEXT, 200L));
        String nested = SHARED.getString(0);
        lab.claim("time.nested-copies", inside(offsets.replaceAll("\\s+", " "), text().replaceAll("\\s+", " ")), inside("another namespace than " + member(member), nested, !nested.equals(member(member)) && nested.startsWith("time:")));

        int fd = open("/proc/" + member.pid + "/ns/time", O_RDONLY | O_CLOEXEC, 0);
        lab.claim("time.setns-threads", outside("EUSERS", outside.errno(() -> setns(fd, CLONE_NEWTIME))));
        SHARED.clear(4096);
        String entered = outside.errnos(0, UserMap.NONE, call("setns", fd, CLONE_NEWTIME), call("readlink", "/proc/self/ns/time", SHARED, 100L)).get(0);
        lab.claim("time.setns-moves-caller", inside("success, " + member(member), entered + ", " + SHARED.getString(0)));
        close(fd);
    }

    /** The namespace that a child stands in. */
    static String member(Child child) {
        return Namespace.TIME.of(child.pid);
    }

    /** CLOCK_MONOTONIC, CLOCK_BOOTTIME and CLOCK_REALTIME of the calling thread, in nanoseconds. */
    static long[] clocks() {
        long[] monotonic = new long[2], boottime = new long[2], realtime = new long[2];
        clock_gettime(CLOCK_MONOTONIC, monotonic);
        clock_gettime(CLOCK_BOOTTIME, boottime);
        clock_gettime(CLOCK_REALTIME, realtime);
        return new long[] {monotonic[0] * SECOND + monotonic[1], boottime[0] * SECOND + boottime[1], realtime[0] * SECOND + realtime[1]};
    }

    static long nanos(Pointer timespec) {
        return timespec.getLong(0) * SECOND + timespec.getLong(8);
    }

    /** The seconds of one clock in the text of timens_offsets. */
    static long offset(String offsets, String clock) {
        return Long.parseLong(offsets.lines().filter(line -> line.startsWith(clock)).findFirst().orElseThrow().split("\\s+")[1]);
    }

    static String text() {
        return TEXT.getString(0).stripTrailing();
    }
}
