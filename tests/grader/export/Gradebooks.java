package grader.export;

import grader.model.ClassResult;
import grader.model.Out;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.IOException;
import java.util.List;

/** What the gradebooks of course platforms take in. They know students by IDs that only a roster tells. */
public final class Gradebooks implements Exporter {
    private static final List<Exporter> ALL = List.of(new CanvasCsv(), new MoodleCsv());

    @Override
    public void write(ClassResult all, Plan plan, Roster roster, Out out) throws IOException {
        if (!roster.students().isEmpty()) {
            for (var each : ALL) each.write(all, plan, roster, out);
            return;
        }
        out.remove(CanvasCsv.FILE);
        out.remove(MoodleCsv.FILE);
        System.err.println("Note: " + CanvasCsv.FILE + " and " + MoodleCsv.FILE + " are not written; they need a --roster.");
    }
}
