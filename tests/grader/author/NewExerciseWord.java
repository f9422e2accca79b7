package grader.author;

import grader.plan.ExercisePlan;
import grader.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes the four files of a new exercise from templates. What is left to write is marked in them, and the gate asks for it. */
@Command(name = "./build.sh new-exercise", sortOptions = false, separator = " ",
        description = "Writes the starter, the solution, the check and a first cheat of a new exercise, for you to fill in.",
        footer = {"", "It writes over nothing. ./build.sh claims lists the claims that there are.", "", "Exit codes: 0 the files are written, 2 wrong usage."})
public final class NewExerciseWord implements Callable<Integer> {
    /** What the gate looks for. */
    static final String MARK = "AUTHOR:";

    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "what it is called; begins with the lab's name, such as UtsRename")
    String name;

    @Option(names = "--lab", paramLabel = "LAB", required = true, description = "the lab that it belongs to")
    String lab;

    @Option(names = "--claim", paramLabel = "ID", required = true, arity = "1..*", description = "what the student is to make true: claims that labs make, such as uts.child-renames-itself")
    List<String> claims;

    @Option(names = "--difficulty", paramLabel = "N", description = "1 (fill in a flag) to 5 (default: ${DEFAULT-VALUE})")
    int difficulty = 2;

    @Option(names = "--shell", description = "the answer is a shell script")
    boolean shell;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
    boolean help;

    private Path home;

    @Override
    public Integer call() throws IOException {
        home = outside.Home.path().toRealPath();
        var plan = Plan.read(home);
        check(plan);
        var ending = shell ? ".sh" : ".java";
        var files = new LinkedHashMap<String, String>();
        var exercise = template("exercise" + ending).replace("{{CLAIMS}}", claims.stream().map(id -> (shell ? "#" : " *") + "   " + id + " | 2 | " + plan.claims().get(id))
                .collect(Collectors.joining("\n")));
        files.put("labs/exercises/" + name + ending, exercise.replace("{{HOLE}}", hole("TODO 1: " + MARK + " what the student is to fill in here")));
        files.put("tests/solutions/" + name + ending, exercise.replace("{{HOLE}}", hole(MARK + " make the claims true")));
        files.put("tests/grader/checks/" + name + "Check.java", template("check.java").replace("{{TESTS}}\n", tests()));
        files.put("tests/cheats/B1-print/" + name + ending, template("cheat" + ending));
        var there = files.keySet().stream().filter(file -> Files.exists(home.resolve(file))).toList();
        if (!there.isEmpty()) throw wrong("nothing is written, for " + String.join(", ", there) + (there.size() == 1 ? " is" : " are") + " there already");
        ExercisePlan.of(name + ending, files.get("labs/exercises/" + name + ending)); // or the templates are broken
        for (var file : files.entrySet()) {
            Files.createDirectories(home.resolve(file.getKey()).getParent());
            Files.writeString(home.resolve(file.getKey()), file.getValue());
        }
        tell(new ArrayList<>(files.keySet()));
        return 0;
    }

    private void check(Plan plan) throws IOException {
        var labs = Plan.list(home.resolve("labs")).stream().map(path -> path.getFileName().toString()).filter(file -> file.endsWith(".java")).map(file -> file.replace(".java", "")).toList();
        lab = labs.stream().filter(lab::equalsIgnoreCase).findFirst().orElseThrow(() -> wrong("--lab: there is no lab " + lab + ". The labs: " + String.join(", ", labs)));
        if (!name.matches("[A-Z][A-Za-z0-9]{2,40}")) throw wrong(name + " is no name for an exercise: it begins with a capital letter, and has letters and digits only");
        if (!name.startsWith(lab) || name.equals(lab)) throw wrong(name + ": the name of an exercise begins with that of its lab and goes on, such as " + lab + "Rename");
        if (difficulty < 1 || difficulty > 5) throw wrong("--difficulty: a number from 1 to 5");
        for (var id : claims) {
            if (plan.claims().containsKey(id)) continue;
            var prefix = lab.toLowerCase(Locale.ROOT) + ".";
            throw wrong("--claim: no lab claims " + id + ". Those of " + lab + ": " + plan.claims().keySet().stream().filter(each -> each.startsWith(prefix)).collect(Collectors.joining(", ")));
        }
        if (new LinkedHashSet<>(claims).size() < claims.size()) throw wrong("--claim: each one once");
        if (plan.exercise(name) != null) throw wrong("there is an exercise " + name + " already: labs/exercises/" + plan.exercise(name).file());
    }

    private ParameterException wrong(String why) {
        return new ParameterException(spec.commandLine(), why);
    }

    private String template(String file) throws IOException {
        return Files.readString(home.resolve("tests/grader/templates/" + file + ".txt")).replace("{{NAME}}", name).replace("{{LAB}}", lab).replace("{{DIFFICULTY}}", "" + difficulty);
    }

    private String hole(String text) {
        return shell ? "# " + text : "        // " + text;
    }

    private String tests() throws IOException {
        var methods = new LinkedHashMap<String, String>();
        for (var id : claims) {
            var words = id.substring(id.indexOf('.') + 1).split("-");
            var method = words[0] + Stream.of(words).skip(1).map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1)).collect(Collectors.joining());
            if (!SourceVersion.isName(method)) method = "claim" + method;
            while (methods.containsKey(method)) method += "Too";
            methods.put(method, id);
        }
        var template = template("test.java");
        return methods.entrySet().stream().map((Map.Entry<String, String> each) -> template.replace("{{CLAIM}}", each.getValue()).replace("{{METHOD}}", each.getKey())).collect(Collectors.joining());
    }

    private void tell(List<String> files) {
        System.out.printf(Locale.ROOT, """
            Written:
              %-44s the starter: the task, the claims, a frame with holes
              %-44s the same, solved
              %-44s looks whether the claims hold
              %-44s a first answer that must not pass

            What is left to write is marked with %s in them. Next:
              1. In the starter's header: the task, the claims, the man pages. The solution has the same header.
              2. The solution, and the check: until it says PASS to   ./build.sh grade try %s
              3. The starter's holes. It runs as it is, and earns nothing.
              4. A cheat for each way in which an answer can be wrong: tests/cheats/CASE-word/%s
              5. ./build.sh grade starters       notes the starter's text, for reset and hand-in
              6. ./build.sh grade gate %s        says what is still missing
            """, files.get(0), files.get(1), files.get(2), files.get(3), MARK, files.get(1), Path.of(files.get(0)).getFileName(), name);
    }
}
