package kit.byhand;

import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Shell commands with what they are good for, one step after the other: {@code # name: why}, then the commands, and lines
 * {@code ? command} for what somebody else looks at meanwhile. An empty line ends a step.
 */
public record Recipe(List<Step> steps) {

    /** One step. The commands may go over several lines. */
    public record Step(String name, String why, String commands, List<String> looks) {
        private static Step of(String text) {
            String[] head = text.lines().findFirst().orElseThrow().substring(2).split(": ", 2);
            List<String> rest = text.lines().skip(1).toList();
            return new Step(head[0], head[1], rest.stream().filter(line -> !line.startsWith("? ")).collect(Collectors.joining("\n")),
                    rest.stream().filter(line -> line.startsWith("? ")).map(line -> line.substring(2)).toList());
        }
    }

    /** Reads a text; {@code replacements} are words in it, each followed by what takes its place. */
    public static Recipe of(String text, String... replacements) {
        for (int i = 0; i < replacements.length; i += 2) {
            text = text.replace(replacements[i], replacements[i + 1]);
        }
        return new Recipe(Stream.of(text.strip().split("\n\n")).map(Step::of).toList());
    }

    public Recipe without(String name) {
        return new Recipe(steps.stream().filter(step -> !step.name.equals(name)).toList());
    }

    /** All but the last step, which starts the shell where the next recipe goes on. */
    public List<Step> first() {
        return steps.subList(0, steps.size() - 1);
    }

    public Step last() {
        return steps.get(steps.size() - 1);
    }

    private String text() {
        return steps.stream().map(step -> "\n# " + step.why + "\n" + step.commands + "\n").collect(Collectors.joining());
    }

    /** How a recipe's last command starts the shell where the next one goes on: not a command is given to any other. */
    private static final String NEXT = " sh -e; exit";

    /**
     * Recipes that follow one another, as one shell script. Where a recipe ends in a new shell, that one runs the script's
     * next part, after it has made sure that it stands apart.
     */
    public static String script(String title, Recipe... recipes) {
        StringBuilder script = new StringBuilder("""
            #!/bin/sh
            # TITLE
            set -eu
            links() { for type in mnt uts ipc net "$@"; do readlink "/proc/self/ns/$type"; done; }
            apart() { for link; do if links pid cgroup | grep -qxF "$link"; then echo "$0: still in $link" >&2; exit 1; fi; done; }
            case ${1-0} in
            """.replace("TITLE", title));
        for (int i = 0; i < recipes.length; i++) {
            String next = " sh \"$0\" " + (i + 1) + " $(links" + (i == 0 ? ")" : " pid cgroup)");
            script.append(i).append(")\n").append(i == 0 ? "" : "shift\napart \"$@\"\n").append(recipes[i].text().replace(NEXT, next)).append(";;\n\n");
        }
        return script.append("esac\n").toString();
    }
}
