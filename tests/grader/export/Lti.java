package grader.export;

import grader.model.ClassResult;
import grader.model.Out;
import grader.model.StudentResult;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * students/ID/lti.json: the score message of LTI's Assignment and Grade Services. A platform that reads Pending ignores a score, so
 * there is none then. The user's ID in the platform is the roster's column lti user id, or else the student's ID.
 */
public final class Lti implements Exporter {
    @Override
    public void write(ClassResult all, Plan plan, Roster roster, Out out) throws IOException {
        for (var student : all.students()) {
            var user = CanvasCsv.cell(roster, student.student(), "lti user id");
            out.write(ResultJson.folder(student.student()) + "lti.json", Out.json(score(student, user.isEmpty() ? student.student() : user, all.run().time())));
        }
    }

    private static Map<String, Object> score(StudentResult student, String user, String time) {
        var all = new LinkedHashMap<String, Object>();
        var scored = student.points() != null;
        all.put("userId", user);
        if (scored) {
            all.put("scoreGiven", student.points());
            all.put("scoreMaximum", student.max());
        }
        all.put("comment", Words.summary(student));
        all.put("timestamp", time.replaceFirst("(:\\d\\d)Z$", "$1.000Z")); // it must have fractions of a second
        all.put("activityProgress", "Submitted");
        all.put("gradingProgress", scored ? "FullyGraded" : "Pending");
        return all;
    }
}
