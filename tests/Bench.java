///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS info.picocli:picocli:4.7.7
//JAVAC_OPTIONS -encoding UTF-8
//RUNTIME_OPTIONS -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures side by side: two ways to do the same, in turns, in one run. What counts is their ratio, for machines differ. */
@Command(name = "./build.sh bench", description = "Measures how fast the workbook is, as ratios of two ways to do the same.", subcommands = {Bench.Run.class, Bench.Grade.class},
        footer = {"", "Without a word it measures both. Exit code: 0 measured, 1 something did not run, 2 wrong usage."})
public final class Bench implements Callable<Integer> {
    private static final Path HOME = Path.of(System.getenv("NSLABS_HOME"));
    private static final String BUILD = HOME.resolve("build.sh").toString();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
    boolean help;

    public static void main(String... args) {
        System.exit(new CommandLine(new Bench()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        return Math.max(new Run().call(), new Grade().call());
    }

    /** How long a student waits for a lab. */
    @Command(name = "run", description = "A lab by ./build.sh run, and by JBang.")
    static final class Run implements Callable<Integer> {
        @Option(names = "--times", paramLabel = "N", description = "how often each (default: 10)")
        int times = 10;

        @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
        boolean help;

        @Override
        public Integer call() throws Exception {
            var quick = new ArrayList<Double>();
            var jbang = new ArrayList<Double>();
            for (int i = 0; i <= times; i++) { // the first of each only warms up
                double a = seconds(HOME, BUILD, "run", "Uts", "--json"), b = seconds(HOME, BUILD, "jbang", "labs/Uts.java", "--json");
                if (i > 0) {
                    quick.add(a);
                    jbang.add(b);
                }
            }
            System.out.println("A lab, " + times + " times each, in turns");
            row("./build.sh run Uts", quick);
            row("jbang labs/Uts.java", jbang);
            say("ratio %.1f", median(jbang) / median(quick));
            return 0;
        }
    }

    /** How long a teacher waits for a class. */
    @Command(name = "grade", description = "A made-up class by ./build.sh grade, and by one jbang for each answer, one after the other.")
    static final class Grade implements Callable<Integer> {
        @Option(names = "--students", paramLabel = "N", description = "how many (default: 20)")
        int students = 20;

        @Option(names = "--exercises", paramLabel = "N", description = "how many each hands in (default: 10)")
        int exercises = 10;

        @Option(names = "--sample", paramLabel = "N", description = "how many answers are run the naive way as well (default: 20)")
        int sample = 20;

        @Option(names = "--keep", paramLabel = "DIR", description = "keep the class and its grades there (default: remove them)")
        Path keep;

        @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
        boolean help;

        @Override
        public Integer call() throws Exception {
            var names = names();
            if (names.size() < exercises) throw new CommandLine.ParameterException(new CommandLine(this), "--exercises: there are only " + names.size() + " that are programs in Java");
            var folder = keep != null ? Files.createDirectories(keep).toRealPath() : Files.createTempDirectory("nslabs-bench-");
            try {
                return measure(names.subList(0, exercises), folder);
            } finally {
                if (keep == null) remove(folder);
            }
        }

        /** Exercises in Java that need no more of a machine than user namespaces; the easier ones first, as a class would. */
        private static List<String> names() throws IOException {
            record Named(String name, int difficulty) {}
            var all = new ArrayList<Named>();
            try (var files = Files.list(HOME.resolve("labs/exercises"))) {
                for (var file : files.sorted().toList()) {
                    var text = Files.readString(file);
                    var first = java.util.regex.Pattern.compile("Exercise (\\w+) \\| lab \\w+ \\| difficulty (\\d)(.*)").matcher(text);
                    if (file.toString().endsWith(".java") && first.find() && !first.group(3).contains("needs cgroup")) all.add(new Named(first.group(1), Integer.parseInt(first.group(2))));
                }
            }
            return all.stream().sorted(Comparator.comparing(Named::difficulty).thenComparing(Named::name)).map(Named::name).toList();
        }

        private int measure(List<String> names, Path folder) throws Exception {
            var answers = makeClass(names, folder.resolve("class"));
            var random = new Random(1);
            var chosen = new ArrayList<Path>();
            for (int i = 0; i < sample; i++) chosen.add(answers.get(random.nextInt(answers.size())));
            seconds(HOME, BUILD, "jbang", "labs/exercises/" + names.get(0) + ".java"); // libraries are there, for both
            var naive = new ArrayList<Double>();
            for (var answer : chosen.subList(0, sample / 2)) naive.add(naive(answer, folder));
            var line = new ArrayList<>(List.of(BUILD, "grade", folder.resolve("class").toString(), "--out", folder.resolve("grades").toString()));
            for (var name : names) line.addAll(List.of("--only", name));
            double grader = seconds(HOME, line.toArray(String[]::new));
            for (var answer : chosen.subList(sample / 2, sample)) naive.add(naive(answer, folder));
            double each = naive.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
            say("%d students, %d exercises each, all answers different, %d processors", students, names.size(), Runtime.getRuntime().availableProcessors());
            say("%-44s %8.2f s an answer, %6.0f s in all", "./build.sh grade", grader / answers.size(), grader);
            say("%-44s %8.2f s an answer, %6.0f s in all (from %d of them)", "one jbang for each, and nobody looks", each, each * answers.size(), sample);
            say("ratio %.1f", each * answers.size() / grader);
            return 0;
        }

        /** Four in five have solved it, each in words of their own; the others hand in the starter. */
        private List<Path> makeClass(List<String> names, Path folder) throws IOException {
            var answers = new ArrayList<Path>();
            for (int student = 0; student < students; student++) {
                for (int i = 0; i < names.size(); i++) {
                    var from = HOME.resolve((student + i) % 5 == 0 ? "labs/exercises" : "tests/solutions").resolve(names.get(i) + ".java");
                    var file = folder.resolve(String.format(Locale.ROOT, "s%04d/exercises/%s.java", student, names.get(i)));
                    Files.createDirectories(file.getParent());
                    Files.writeString(file, Files.readString(from) + "class Own" + student + "x" + i + " { int own = " + student + "; }\n");
                    answers.add(file);
                }
            }
            return answers;
        }

        /** As a teacher without a grader would: the answer beside the kit, and jbang. */
        private static double naive(Path answer, Path folder) throws Exception {
            var place = folder.resolve("naive/labs/exercises");
            if (!Files.exists(place)) {
                Files.createDirectories(place);
                Files.createSymbolicLink(folder.resolve("naive/labs/kit"), HOME.resolve("labs/kit"));
            }
            var file = place.resolve(answer.getFileName());
            Files.copy(answer, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            return seconds(folder, BUILD, "jbang", file.toString());
        }
    }

    /** Runs a command to its end, with nothing to read; its output is of no interest unless it fails. */
    private static double seconds(Path directory, String... command) throws IOException, InterruptedException {
        var log = Files.createTempFile("nslabs-bench-", ".log");
        try {
            long start = System.nanoTime();
            var process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).redirectInput(Path.of("/dev/null").toFile()).start();
            int code = process.waitFor();
            double seconds = (System.nanoTime() - start) / 1e9;
            if (code != 0 && List.of(command).contains("grade")) {
                System.err.println(String.join(" ", command) + " ended with exit code " + code + ":\n" + Files.readString(log));
                System.exit(1);
            }
            return seconds;
        } finally {
            Files.delete(log);
        }
    }

    private static void row(String what, List<Double> seconds) {
        say("%-44s %8.2f s (%.2f to %.2f)", what, median(seconds), seconds.stream().min(Double::compare).orElseThrow(), seconds.stream().max(Double::compare).orElseThrow());
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    private static void remove(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (var path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) Files.deleteIfExists(path);
        }
    }
}
