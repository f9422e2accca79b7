//JAVA 17+
//DEPS net.java.dev.jna:jna:5.18.1
//DEPS info.picocli:picocli:4.7.7
//DEPS com.grack:nanojson:1.10
//RUNTIME_OPTIONS --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xshare:auto -Xlog:disable
//SOURCES Caller.java
//SOURCES Child.java
//SOURCES Claim.java
//SOURCES Conversation.java
//SOURCES Diagnosis.java
//SOURCES Errno.java
//SOURCES Libc.java
//SOURCES Machine.java
//SOURCES Namespace.java
//SOURCES NotIsolated.java
//SOURCES Options.java
//SOURCES Outcome.java
//SOURCES Output.java
//SOURCES Proc.java
//SOURCES Problem.java
//SOURCES Record.java
//SOURCES Report.java
//SOURCES Rootless.java
//SOURCES Token.java
//SOURCES UserMap.java
package kit;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The frame of every lab: its options, its claims, what it prints, the record, and the exit code: 0 every claim holds,
 * 1 a claim does not, 2 wrong usage, 77 this machine cannot.
 */
public final class Lab {
    public static final String VERSION = "0.1.0";

    /** What a lab does, from top to bottom. */
    public interface Experiment {
        void run(Lab lab) throws Exception;
    }

    final String name;
    private final String question;
    private final Map<String, Claim> claims;
    private final Outcome outcome;
    private boolean startsOnHost;
    private Object ownOptions;
    Options options;
    Token token;
    private Report report;

    /**
     * @param name the lab's class name
     * @param claims the table of claims, a line each: {@code id | rows of the curriculum | sentence}
     */
    public Lab(String name, String question, String claims) {
        this.name = name;
        this.question = question;
        this.claims = Claim.table(claims);
        outcome = new Outcome(this.claims);
    }

    /** For a lab whose subject is the way in: it stays an ordinary process where others enter a user namespace first. */
    public Lab startsOnHost() {
        startsOnHost = true;
        return this;
    }

    /** For a lab with options of its own: {@code own} has fields and methods with picocli's annotations. */
    public Lab with(Object own) {
        ownOptions = own;
        return this;
    }

    /** Runs the lab and ends the program with its exit code. */
    public void main(String[] args, Experiment experiment) {
        options = Options.parse(name, question, ownOptions, args);
        if (options.claims) {
            System.out.println(Record.claims(claims.values()));
            System.exit(0);
        }
        token = new Token(options.student, name);
        report = new Report(options.json);
        System.exit(run(experiment));
    }

    private int run(Experiment experiment) {
        long start = System.nanoTime();
        try {
            if (!Proc.exists("/proc/thread-self/ns/uts")) {
                throw new Problem("readlink(/proc/thread-self/ns/uts)", Errno.ENOENT, new Diagnosis(true,
                        "/proc is not mounted here, or is hidden", "mount it: mount -t proc proc /proc"));
            }
            if (!Rootless.isSecond() && !Machine.privileged() && !startsOnHost) {
                return Rootless.runAgain();
            }
            Machine.completePath();
            introduce();
            experiment.run(this);
        } catch (NotIsolated e) {
            outcome.failAll(e.getMessage());
        } catch (Problem e) {
            outcome.stoppedBy(e);
        } catch (LastErrorException e) {
            outcome.stoppedBy(new Problem(libcCall(e), e.getErrorCode(), 0));
        } catch (Exception e) {
            outcome.stoppedBy(Problem.defect(name, e));
            e.printStackTrace();
        }
        conclude();
        return hand(Record.of(this, outcome, (System.nanoTime() - start) / 1_000_000));
    }

    private void introduce() {
        report.heading(name + ": " + question);
        report.line("Linux " + Machine.kernel() + " on " + Machine.arch() + ", uid " + Rootless.outerUid() + ", "
                + (Rootless.isSecond() ? "as root of a user namespace made for this run"
                        : Machine.privileged() ? "as root" : "as an ordinary user"));
    }

    /** The function of libc that failed: the stack's topmost frame there. */
    static String libcCall(LastErrorException e) {
        return Arrays.stream(e.getStackTrace()).filter(frame -> frame.getClassName().equals(Libc.class.getName()))
                .map(StackTraceElement::getMethodName).findFirst().orElse("system call");
    }

    private void conclude() {
        report.heading("Verdict");
        outcome.results().stream().filter(result -> result.reason() != null).forEach(report::result);
        report.line("Of " + claims.size() + " claims " + outcome.count(true) + " hold, " + outcome.count(false) + " fail, "
                + outcome.count(null) + " cannot be shown on this machine.");
        Problem problem = outcome.problem();
        if (problem != null) {
            System.err.println("ERROR " + problem.getMessage());
            System.err.println("cause: " + problem.diagnosis.cause());
            System.err.println("remedy: " + problem.diagnosis.remedy());
        }
    }

    /** Gives the record to who asked for it: the exit code of the lab. */
    private int hand(String record) {
        if (options.json) {
            System.out.println(record);
        }
        if (options.record != null) {
            try {
                Record.write(options.record, name.toLowerCase(Locale.ROOT), record);
            } catch (IOException e) {
                System.err.println("ERROR --record: cannot write to '" + options.record + "': "
                        + (e instanceof AccessDeniedException ? "permission denied" : e.getMessage()) + "; name another directory");
                return 2;
            }
        }
        return outcome.exitCode();
    }

    String privilege() {
        return Rootless.isSecond() ? "user namespace" : Machine.privileged() ? "root" : "ordinary user";
    }

    /** Whether an ordinary user runs the lab, who is root only of a user namespace made for this run. */
    public boolean rootless() {
        return Rootless.isSecond();
    }

    // ---- what a lab says, in the order in which it happens ----

    /** What the student should write down before the run. */
    public void predict(String text) {
        report.paragraph("Predict", text);
        pause();
    }

    /** A new part of the experiment: Before, Change, Inside, Outside, Clean-up. */
    public void step(String title, String text) {
        report.heading(title);
        if (!text.isEmpty()) {
            report.paragraph("", text);
        }
        pause();
    }

    /** One value of the two sides beside each other. */
    public void sides(String what, Object inside, Object outside) {
        report.sides(what, inside, outside);
    }

    /** Lines that a command printed, or anything else worth seeing. */
    public void show(String text) {
        report.line(text);
    }

    /** What the lab chooses (a name, a key, a port) from the student's ID, or at random without one. */
    public Token token() {
        return token;
    }

    /** Settles a claim by what the sides showed: it holds if every side does. */
    public void claim(String id, Claim.Side... sides) {
        settle(Claim.Result.of(outcome.claim(id), sides));
    }

    /** A claim that this machine cannot show, with the cause and the remedy; it neither holds nor fails. */
    public void cannot(String id, String reason) {
        settle(Claim.Result.cannot(outcome.claim(id), reason));
    }

    /** The same for several claims, where a diagnosis has found cause and remedy. One that has found nothing is no excuse. */
    public void cannot(Diagnosis diagnosis, String... ids) {
        for (String id : ids) {
            String reason = diagnosis.cause() + "; " + diagnosis.remedy();
            settle(diagnosis.known() ? Claim.Result.cannot(outcome.claim(id), reason) : Claim.Result.failed(outcome.claim(id), reason));
        }
    }

    /**
     * Whether this machine makes namespaces of these types at all, for claims that are about more than that. A child of the caller
     * tries it, one type at a time; where it is refused for a reason that is found, these claims cannot be shown.
     */
    public boolean can(Caller caller, int flags, String... ids) {
        for (Namespace type : Namespace.in(flags)) {
            String errno = caller.errnos(0, UserMap.NONE, Child.call("unshare", type.flag)).get(0);
            if (!errno.equals("success")) {
                Diagnosis diagnosis = Diagnosis.of("unshare(" + Namespace.flagNames(type.flag) + ")", Errno.number(errno), type.flag);
                if (diagnosis.known()) {
                    cannot(diagnosis, ids);
                    return false;
                }
            }
        }
        return true;
    }

    private void settle(Claim.Result result) {
        outcome.settle(result);
        if (result.reason() == null) {
            report.result(result); // those with a reason are told at the end
        }
    }

    /**
     * The moment to look around: with --hold says where the process inside is and waits; with --shell opens a shell.
     *
     * @param pid a process inside, by its PID on the host
     * @param shell starts an interactive shell inside
     * @param others further processes to tell of, {@code name=pid}
     */
    public void look(int pid, Supplier<Child> shell, String... others) {
        if (options.hold) {
            List<String> words = new ArrayList<>(List.of("ready pid=" + pid));
            words.addAll(List.of(others));
            System.out.println(String.join(" ", words));
            System.out.flush();
            waitForEnter();
        }
        if (options.shell) {
            System.err.println("A shell inside; 'exit' leaves it.");
            try (Child inside = shell.get()) {
                inside.waitFor();
            }
        }
    }

    /** Proves that nobody is left in a namespace that the lab made and has closed. */
    public void gone(String link) throws InterruptedException {
        long left = Proc.members(link);
        for (int i = 0; left > 0 && i < 100; i++) {
            Thread.sleep(20); // the kernel may still be taking the last process apart
            left = Proc.members(link);
        }
        if (left > 0) {
            throw new IllegalStateException(link + " still has " + left + " threads in it");
        }
        report.line(link + " has nobody in it any more.");
    }

    /** What to try after the lab. */
    public void next(String text) {
        report.heading("Try next");
        report.paragraph("", text);
    }

    private void pause() {
        if (options.step) {
            System.err.print("-- Enter --");
            waitForEnter();
        }
    }

    private static void waitForEnter() {
        try {
            int c;
            do {
                c = System.in.read();
            } while (c != '\n' && c != -1);
            if (c == -1) {
                System.err.println(); // nobody typed the line end
            }
        } catch (IOException e) {
            System.err.println("stdin cannot be read (" + e.getMessage() + "); going on");
        }
    }
}
