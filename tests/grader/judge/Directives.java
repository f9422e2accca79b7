package grader.judge;

import grader.plan.ExercisePlan;

/**
 * What an answer's first bytes and JBang directives may be. The grader does not run JBang, so none of them has a power here; but
 * an answer that needs another library, agent or option is no answer to this exercise.
 */
final class Directives {
    private Directives() {}

    private static final int JDK = Runtime.version().feature();

    /** Why this answer is not one to the exercise; null if it may be. */
    static String fault(ExercisePlan plan, Answer answer) {
        var text = answer.text();
        if (text.startsWith("\uFEFF")) return plan.file() + " begins with a byte order mark; save it as UTF-8 without BOM";
        if (text.indexOf('\0') >= 0) return plan.file() + " is not text";
        if (!plan.isJava()) return null;
        if (ExercisePlan.code(text).matches("(?s).*\\bpackage\\s+\\w[\\w.]*\\s*;.*")) return plan.file() + " has a package statement; an exercise has none";
        int number = 0;
        for (var line : text.lines().toList()) {
            number++;
            for (var directive : ExercisePlan.directives(line)) {
                if (plan.directives().contains(directive)) continue;
                int release = release(directive);
                if (release > JDK) return "line " + number + ": " + directive + ", but this is graded with JDK " + JDK;
                if (release == 0) return "line " + number + ": " + directive + " is not among the directives of this exercise";
            }
        }
        if (!ExercisePlan.code(text).matches("(?s).*\\b(class|record|enum|interface)\\s+" + plan.name() + "\\b.*")) return plan.file() + " holds no class " + plan.name();
        return null;
    }

    /** The Java release that the answer is written for. */
    static int release(Answer answer) {
        return answer.text().lines().flatMap(line -> ExercisePlan.directives(line).stream()).mapToInt(Directives::release).filter(n -> n > 0).max().orElse(17);
    }

    /** N of {@code //JAVA N+}; 0 for another directive. */
    private static int release(String directive) {
        var found = java.util.regex.Pattern.compile("//JAVA\\s+(\\d{1,3})\\+?\\s*").matcher(directive);
        return found.matches() ? Math.max(17, Integer.parseInt(found.group(1))) : 0;
    }
}
