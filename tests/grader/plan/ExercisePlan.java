package grader.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What an exercise asks for: the header of its starter. Always read from the workbook's own file, never from a student's copy.
 *
 * @param file its name, by which an answer is known: UtsRename.java
 * @param asUser the answer starts as an ordinary user; else as root of a user namespace made for it
 * @param text the task as the student reads it
 */
public record ExercisePlan(String name, String file, String lab, int difficulty, boolean asUser, boolean needsCgroup, String text, List<PlannedClaim> claims,
        List<String> directives) {
    private static final Pattern FIRST = Pattern.compile("Exercise (\\w+) \\| lab (\\w+) \\| difficulty ([1-5])((?: \\| [a-z ]+)*)");
    private static final Pattern CLAIM = Pattern.compile("([a-z]+\\.[a-z0-9]+(?:-[a-z0-9]+)*)\\s+\\| +(\\d+) +\\| +(\\S.*\\.)");

    /** All that JBang 0.132 obeys in a source; TODO is none of them. */
    private static final Pattern DIRECTIVE = Pattern.compile("//(?:DEPS|REPOS|SOURCES|FILES|MAIN|MODULE|DESCRIPTION|GAV|JAVA|JAVAAGENT|JAVA_OPTIONS|RUNTIME_OPTIONS"
            + "|COMPILE_OPTIONS|JAVAC_OPTIONS|NATIVE_OPTIONS|NATIVE|MANIFEST|CDS|PREVIEW|ENABLE_PREVIEW|NOINTEGRATIONS|DOCS|KOTLIN|GROOVY|SOURCE_TYPE)(?:[ \\t:].*)?");

    /** Reads a starter. Throws IllegalArgumentException for a header that is not as it must be. */
    public static ExercisePlan read(Path starter) throws IOException {
        return of(starter.getFileName().toString(), Files.readString(starter));
    }

    /** The same from a starter's name and text. */
    public static ExercisePlan of(String file, String source) {
        var name = file.replaceFirst("\\.[^.]*$", "");
        ExercisePlan plan = null;
        var text = new ArrayList<String>();
        var claims = new ArrayList<PlannedClaim>();
        boolean open = false;
        for (var raw : source.lines().toList()) {
            var line = raw.replaceFirst("^\\s*(?:\\*/|\\*|/\\*|#) ?", "");
            var first = FIRST.matcher(line.strip());
            if (plan == null && first.matches()) {
                var more = first.group(4);
                plan = new ExercisePlan(first.group(1), file, first.group(2), Integer.parseInt(first.group(3)), more.contains("| starts as user"),
                        more.contains("| needs cgroup"), "", List.of(), List.of());
                open = true;
            } else if (open) {
                var claim = CLAIM.matcher(line.strip());
                if (claim.matches()) claims.add(new PlannedClaim(claim.group(1), Integer.parseInt(claim.group(2)), claim.group(3)));
                open = raw.strip().startsWith("*") && !raw.strip().startsWith("*/") || raw.startsWith("#");
                if (open) text.add(line.stripTrailing());
            }
        }
        if (plan == null) throw new IllegalArgumentException(file + ": no line 'Exercise " + name + " | lab LAB | difficulty N'");
        if (!plan.name.equals(name)) throw new IllegalArgumentException(file + ": its header calls it " + plan.name);
        if (claims.isEmpty()) throw new IllegalArgumentException(file + ": its header states no claim");
        return new ExercisePlan(name, file, plan.lab, plan.difficulty, plan.asUser, plan.needsCgroup, String.join("\n", text).strip(), List.copyOf(claims),
                directives(source));
    }

    /** The lines of a source that JBang would obey. */
    public static List<String> directives(String source) {
        return source.lines().map(String::stripTrailing).filter(line -> DIRECTIVE.matcher(line).matches()).toList();
    }

    /** A Java source without its comments and strings. */
    public static String code(String source) {
        var code = new StringBuilder();
        for (int i = 0; i < source.length(); ) {
            String end = source.startsWith("/*", i) ? "*/" : source.startsWith("//", i) ? "\n" : source.startsWith("\"\"\"", i) ? "\"\"\"" : null;
            if (end != null) {
                int to = source.indexOf(end, i + end.length());
                i = to < 0 ? source.length() : to + end.length();
                code.append('\n');
            } else if (source.charAt(i) == '"') {
                for (i++; i < source.length() && source.charAt(i) != '"' && source.charAt(i) != '\n'; i++) if (source.charAt(i) == '\\') i++;
                i++;
            } else {
                code.append(source.charAt(i++));
            }
        }
        return code.toString();
    }

    public boolean isJava() {
        return file.endsWith(".java");
    }

    public int points() {
        return claims.stream().mapToInt(PlannedClaim::points).sum();
    }

    /** Where to read about it. */
    public String read() {
        return "docs/chapters/" + lab.toLowerCase(Locale.ROOT) + ".adoc";
    }
}
