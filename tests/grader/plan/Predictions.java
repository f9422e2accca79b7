package grader.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/** The small text file in which a student answers the questions of a chapter before running its lab. */
public final class Predictions {
    private Predictions() {}

    private static final Pattern ANSWER = Pattern.compile("(?mi)^\\s*answer\\s+(\\d{1,2})\\s*:");

    /** The file without answers. */
    public static String template(LabPlan lab) {
        var text = new StringBuilder("Predictions for the lab " + lab.name() + ". Answer in your own words, before you run it: ./build.sh run " + lab.name() + "\n"
                + "A wrong prediction costs nothing. Write after each \"Answer\", as many lines as you like.\n");
        if (!lab.premise().isEmpty()) text.append("\n").append(lab.premise()).append("\n");
        for (int i = 0; i < lab.questions().size(); i++) text.append("\n").append(i + 1).append(". ").append(lab.questions().get(i)).append("\nAnswer ").append(i + 1).append(":\n");
        return text.toString();
    }

    /** What was answered to each question; an empty text for one that was not. */
    public static List<String> answers(LabPlan lab, String text) {
        var answers = new ArrayList<>(Collections.nCopies(lab.questions().size(), ""));
        var plain = text.replace("\r\n", "\n");
        var found = ANSWER.matcher(plain);
        while (found.find()) {
            int number = Integer.parseInt(found.group(1));
            if (number < 1 || number > answers.size()) continue;
            var rest = plain.substring(found.end());
            var next = ANSWER.matcher(rest);
            if (next.find()) rest = rest.substring(0, next.start());
            rest = rest.split("\n\\s*" + (number + 1) + "\\. ", 2)[0]; // the next question is no answer to this one
            if (answers.get(number - 1).isEmpty()) answers.set(number - 1, rest.strip());
        }
        return answers;
    }
}
