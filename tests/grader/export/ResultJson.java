package grader.export;

import grader.model.ClassResult;
import grader.model.Out;
import grader.model.StudentResult;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.IOException;

/** The model itself: run.json, and a result.json for each student. All other forms can be made from these. */
public final class ResultJson implements Exporter {
    @Override
    public void write(ClassResult all, Plan plan, Roster roster, Out out) throws IOException {
        for (var student : all.students()) write(student, out);
        out.write("run.json", Out.json(all.run()));
    }

    public static void write(StudentResult student, Out out) throws IOException {
        out.write(path(student.student()), Out.json(student));
    }

    public static String path(String student) {
        return folder(student) + "result.json";
    }

    static String folder(String student) {
        return "students/" + student + "/";
    }
}
