package grader.export;

import grader.model.Out;
import java.io.IOException;
import java.util.List;

/** Says what is not written for want of something in the roster. */
final class Skipped {
    private static final int NAMED = 10;

    private Skipped() {}

    /** Nothing at all; one from an earlier run would be taken for this one's. */
    static void file(Out out, String file, String needs) throws IOException {
        out.remove(file);
        System.err.println("Note: " + file + " is not written; it needs a --roster with a column " + needs);
    }

    static void students(String file, String needs, List<String> students) {
        var named = String.join(", ", students.subList(0, Math.min(NAMED, students.size()))) + (students.size() > NAMED ? ", ..." : "");
        System.err.println("Note: " + students.size() + " students are not in " + file + ", because the roster has no " + needs + " for them: " + named);
    }
}
