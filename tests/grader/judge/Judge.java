package grader.judge;

import grader.box.Box;
import grader.box.Boxes;
import grader.box.Compiler;
import grader.box.Limits;
import grader.model.ClaimResult;
import grader.model.ItemResult;
import grader.model.Kind;
import grader.model.Verdict;
import grader.plan.ExercisePlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import kit.Problem;

/** Judges answers to exercises, one at a time: compiles and runs each in a box and looks at it there. */
public final class Judge implements AutoCloseable {
    private static final int LOOKS = 2, BETWEEN_MILLIS = 300, LOOK_MILLIS = 30_000, SHOWN = 4096;
    /** Ends an answer of which the judge does not come to an end. */
    private static final ScheduledThreadPoolExecutor WATCH = new ScheduledThreadPoolExecutor(1, work -> {
        var thread = new Thread(work, "watch");
        thread.setDaemon(true);
        return thread;
    });

    static {
        WATCH.setRemoveOnCancelPolicy(true);
    }

    /**
     * Where things are.
     *
     * @param jdk the JDK that compiles and runs the answers
     * @param built the labs as build.sh has compiled them: labs.jar, labs.jsa, lib, native
     * @param secret what no answer may see
     * @param key tokens follow from it and from the answer's bytes, so that judging the same again gives the same; null for random ones
     */
    public record Setting(Path jdk, Path built, Path work, List<Path> secret, String key) {
        /** Whoever changes a byte of an answer gets another token: nobody can know it while writing the answer. */
        String token(ExercisePlan plan, Answer answer) {
            if (key != null) return Answer.digest((key + "/" + plan.name() + "/" + Answer.digest(answer.bytes())).getBytes(StandardCharsets.UTF_8));
            var random = new byte[8];
            new SecureRandom().nextBytes(random);
            return HexFormat.of().formatHex(random);
        }
    }

    private final Setting setting;
    private final Boxes boxes;
    private final Boxes compilerBoxes;
    private final Compiler compiler;
    private final String classPath;
    private final Set<String> labs;

    /** @param worker its number: each of several judges at work has another one */
    public Judge(Setting setting, int worker) throws IOException {
        this.setting = setting;
        boxes = new Boxes(2 * worker, setting.work, setting.jdk, List.of(setting.built), setting.secret);
        compilerBoxes = new Boxes(2 * worker + 1, setting.work, setting.jdk, List.of(setting.built), setting.secret);
        var jars = new ArrayList<>(List.of(setting.built.resolve("labs.jar").toString()));
        for (var jar : grader.plan.Plan.list(setting.built.resolve("lib"))) jars.add(jar.toString());
        classPath = String.join(":", jars);
        compiler = new Compiler(compilerBoxes, java(false), classPath);
        labs = names(setting.built.resolve("labs.jar"));
    }

    /** The entries of a jar. */
    private static Set<String> names(Path jar) throws IOException {
        var names = new TreeSet<String>();
        try (var file = new JarFile(jar.toFile())) {
            file.stream().forEach(entry -> names.add(entry.getName()));
        }
        return names;
    }

    /** What protects the grader, and what of that this machine lacks. */
    public Boxes boxes() {
        return boxes;
    }

    /** The start of a JVM's command line, as build.sh starts the labs: with their class archive. */
    private List<String> java(boolean labs) {
        var words = new ArrayList<>(List.of(setting.jdk.resolve("bin/java").toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto", "-Xlog:disable"));
        if (labs) {
            if (setting.built.resolve("labs.jsa").toFile().length() > 0) words.add("-XX:SharedArchiveFile=" + setting.built.resolve("labs.jsa"));
            words.addAll(List.of("-Xmx" + (Limits.MEMORY >> 20) + "m", "--enable-native-access=ALL-UNNAMED", "-Djna.boot.library.path=" + setting.built.resolve("native"), "-Djna.nounpack=true"));
        }
        return words;
    }

    /** Why nobody's answer to an exercise can be judged on this machine; null if it can, as far as is known before. */
    public String obstacle(ExercisePlan plan) {
        return plan.needsCgroup() ? boxes.noCgroups() : null;
    }

    /** The claims that the check of an exercise verifies. */
    public List<String> verifies(ExercisePlan plan) {
        return Looking.verified(Check.of(plan.name()));
    }

    /** Judges an answer. */
    public ItemResult judge(ExercisePlan plan, Answer answer) {
        return judge(plan, answer, live -> {});
    }

    /**
     * Judges an answer.
     *
     * @param onLook is given the run when it has been looked at and still lives; not called if it never was ready
     */
    public ItemResult judge(ExercisePlan plan, Answer answer, Consumer<Live> onLook) {
        return judge(plan, answer, onLook, new Stop());
    }

    /** The same, for somebody who may want to stop it. */
    public ItemResult judge(ExercisePlan plan, Answer answer, Consumer<Live> onLook, Stop stop) {
        long start = System.nanoTime();
        var run = new Run(plan, answer, stop);
        try {
            run.judge(onLook);
        } catch (Problem e) {
            run.infra(e.getMessage() + "; cause: " + e.diagnosis.cause() + "; remedy: " + e.diagnosis.remedy());
        } catch (RuntimeException | IOException e) {
            run.infra(String.valueOf(e));
            if (System.getenv("NSLABS_DEBUG") != null) e.printStackTrace();
        }
        return run.result((System.nanoTime() - start) / 1_000_000);
    }

    /** An item that nobody handed in. */
    public static ItemResult missing(ExercisePlan plan, String why) {
        return ItemResult.of(Kind.EXERCISE, plan.name(), plan.lab(), plan.difficulty(), Verdict.FAIL, null, why, claims(plan, Verdict.FAIL, why), List.of(), null, null, 0);
    }

    private static List<ClaimResult> claims(ExercisePlan plan, Verdict verdict, String why) {
        return plan.claims().stream().map(claim -> new ClaimResult(claim.id(), claim.sentence(), verdict, 0, claim.points(), null, null, why, plan.read())).toList();
    }

    private final class Run {
        private final ExercisePlan plan;
        private final Answer answer;
        private final Stop stop;
        private List<ClaimResult> claims;
        private final List<String> notes = new ArrayList<>();
        private Verdict atLeast;
        private String error, reason, output;

        Run(ExercisePlan plan, Answer answer, Stop stop) {
            this.plan = plan;
            this.answer = answer;
            this.stop = stop;
            claims = claims(plan, Verdict.NOT_RUN, "nobody could look");
        }

        void infra(String why) {
            atLeast = Verdict.INFRA;
            reason = "The grader's machine could not judge this, and it is not your fault: " + why;
            claims = claims(plan, Verdict.INFRA, "not judged");
        }

        private void studentError(String kind, String why) {
            atLeast = Verdict.STUDENT_ERROR;
            error = kind;
            reason = why;
        }

        ItemResult result(long millis) {
            var numbers = new Numbers();
            claims = claims.stream().map(claim -> new ClaimResult(claim.id(), claim.sentence(), claim.verdict(), claim.points(), claim.max(), plain(claim.expected()), plain(claim.saw()),
                    plain(claim.reason()), claim.read())).toList();
            var seen = claims.stream().map(claim -> new ClaimResult(claim.id(), claim.sentence(), claim.verdict(), claim.points(), claim.max(), numbers.replace(claim.expected()),
                    numbers.replace(claim.saw()), numbers.replace(claim.reason()), claim.read())).toList();
            return ItemResult.of(Kind.EXERCISE, plan.name(), plan.lab(), plan.difficulty(), atLeast, error, numbers.replace(plain(reason)), seen, notes, numbers.replace(output),
                    answer.fingerprint(), millis);
        }

        void judge(Consumer<Live> onLook) throws IOException {
            reason = Directives.fault(plan, answer);
            if (reason != null) {
                atLeast = Verdict.FAIL;
                return;
            }
            if (obstacle(plan) != null) {
                infra(obstacle(plan));
                return;
            }
            var argv = new ArrayList<String>();
            var file = boxes.answer().resolve(plan.isJava() ? "answer.jar" : plan.file());
            clear();
            if (plan.isJava()) {
                var compiled = compiler.compile(plan.file(), answer.text(), Directives.release(answer));
                if (compiled.jar() == null) {
                    output = cut(compiled.text());
                    studentError("compile", plan.file() + " does not compile");
                    return;
                }
                Files.write(file, compiled.jar());
                argv.addAll(java(true));
                // The labs come first, for their class archive. But a class of the answer may be called as a lab is: then it comes first.
                var same = names(file);
                same.retainAll(labs);
                argv.addAll(List.of("-cp", same.isEmpty() ? classPath + ":/answer/answer.jar" : "/answer/answer.jar:" + classPath, plan.name()));
            } else {
                Files.write(file, answer.bytes());
                argv.addAll(List.of("/bin/sh", "/answer/" + plan.file()));
            }
            var token = setting.token(plan, answer);
            try (var box = Box.make(boxes, new Box.Job(argv, !plan.asUser(), plan.needsCgroup(), Map.of("NSLABS_TOKEN", token), false, Limits.patience(Limits.CPU_MILLIS)))) {
                var live = new Live(box, token); // notes what the box is like before the answer is in it
                box.start();
                stop.at(box);
                var event = box.await(Limits.patience(Limits.WALL_MILLIS));
                if (event == Box.Event.READY) look(box, live, onLook);
                else over(box, event.kind());
                output = cut(box.output() + (box.errors().isEmpty() ? "" : "\n" + box.errors()));
            } finally {
                stop.at(null);
            }
        }

        private void clear() throws IOException {
            for (var old : grader.plan.Plan.list(boxes.answer())) Files.delete(old);
        }

        private void look(Box box, Live live, Consumer<Live> onLook) {
            var late = WATCH.schedule(box::end, Limits.patience(LOOK_MILLIS), TimeUnit.MILLISECONDS);
            try {
                looks(box, live, onLook);
            } finally {
                if (!late.cancel(false)) {
                    studentError("time", "it could not be looked at in " + LOOK_MILLIS / 1000 + " s");
                    claims = claims(plan, Verdict.NOT_RUN, "nobody could look to the end");
                }
            }
        }

        private void looks(Box box, Live live, Consumer<Live> onLook) {
            for (int i = 1; ; i++) {
                claims = Looking.at(Check.of(plan.name()), live, plan.claims(), plan.read());
                var moved = live.moved();
                if (moved != null) {
                    atLeast = Verdict.TAMPER;
                    reason = "The process that stands for what is outside of the answer was moved to another " + moved + " namespace.";
                    claims = claims(plan, Verdict.NOT_RUN, "there was nothing to compare with");
                    return;
                }
                var all = Verdict.worst(claims.stream().map(ClaimResult::verdict).toList());
                String exceeded = box.exceeded();
                if (exceeded != null) {
                    over(box, exceeded);
                    claims = claims(plan, Verdict.NOT_RUN, "it went over a limit while it was looked at");
                } else if (all != Verdict.PASS && !box.alive()) {
                    over(box, "ended");
                    claims = claims.stream().map(claim -> claim.verdict() == Verdict.PASS ? claim : claim.as(Verdict.NOT_RUN, "it ended while it was looked at")).toList();
                } else if (all != Verdict.PASS && i < LOOKS) {
                    for (long end = System.nanoTime() + BETWEEN_MILLIS * 1_000_000L; System.nanoTime() < end && box.goOn(20); ) {}
                    continue;
                } else {
                    onLook.accept(live);
                }
                return;
            }
        }

        /** It ended, or was ended, before it said "ready". */
        private void over(Box box, String kind) {
            switch (kind) {
                case "ended" -> {
                    int status = box.status();
                    if (box.full()) studentError("disk", "it filled its " + (Limits.DISK >> 20) + " MiB of disk and ended");
                    else if (status == 0) studentError("ended", "it ended, with exit code 0, before anybody could look; it must say ready and wait");
                    else studentError("crash", status > 128 ? "it was ended by signal " + (status - 128) : "it ended with exit code " + status);
                }
                case "time" -> studentError("time", "it was not ready after " + Limits.WALL_MILLIS / 1000 + " s");
                case "cpu" -> studentError("cpu", "it used more than " + Limits.CPU_MILLIS / 1000 + " s of CPU time");
                case "memory" -> studentError("memory", "it used more than " + (Limits.MEMORY >> 20) + " MiB of memory");
                case "pids" -> studentError("pids", "it had more than " + Limits.TASKS + " processes and threads");
                case "output" -> studentError("output", "it printed more than " + (Limits.OUTPUT >> 20) + " MiB; truncated at " + SHOWN + " bytes");
                default -> throw new IllegalStateException(kind);
            }
        }
    }

    /** The kernel gives out the numbers of namespaces as it likes; in a result they are #1, #2 and so on, so that the same stays the same. */
    private static final class Numbers {
        private static final Pattern LINK = Pattern.compile("\\b(cgroup|ipc|mnt|net|pid|time|user|uts):\\[(\\d+)]");
        private final Map<String, Integer> known = new HashMap<>();

        String replace(String text) {
            return text == null ? null : LINK.matcher(text).replaceAll(link -> link.group(1) + ":[#" + known.computeIfAbsent(link.group(), none -> known.size() + 1) + "]");
        }
    }

    /** A text in which an answer may have had its hand, such as a hostname. Control characters are nobody's business. */
    private static String plain(String text) {
        return text == null ? null : text.replaceAll("[\\p{Cntrl}\\x{80}-\\x{9f}&&[^\n\t]]", "?");
    }

    /** What is shown of an output. */
    private static String cut(String text) {
        var clean = plain(text.strip());
        return clean.length() <= SHOWN ? clean : clean.substring(0, SHOWN) + "\n... truncated at " + SHOWN + " characters";
    }

    @Override
    public void close() {
        compiler.close();
        compilerBoxes.close();
        boxes.close();
    }
}
