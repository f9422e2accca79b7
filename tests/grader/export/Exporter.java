package grader.export;

import grader.model.ClassResult;
import grader.model.Out;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.IOException;

/** Writes a class's results in one form. */
public interface Exporter {
    void write(ClassResult all, Plan plan, Roster roster, Out out) throws IOException;
}
