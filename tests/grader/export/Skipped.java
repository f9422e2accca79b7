package grader.export;

import grader.model.Out;
import java.io.IOException;
import java.util.List;

/** Says what is not written for want of something in the roster. */
final class Skipped {
    private static final int NAMED = 10;

    private Skipped() {}

    /** No file at all; one from an earlier run would be taken for this one's. */
    static void file(Out out, String file, String needs) throws IOException {
        out.remove(file);
        System.err.println("Note: " + file + " is not written; the roster has no column " + needs);
    }

    static void students(String file, String needs, List<String> students) {
        var named = String.join(", ", students.subList(0, Math.min(NAMED, students.size()))) + (students.size() > NAMED ? ", ..." : "");
        System.err.println("Note: not in " + file + ", because the roster has no " + needs + " for them: " + named + (students.size() == 1 ? "" : " (" + students.size() + " students)"));
    }
}
