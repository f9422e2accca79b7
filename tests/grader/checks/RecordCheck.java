package grader.checks;

import grader.judge.SubjectParameter;
import grader.plan.PlannedClaim;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import outside.Recorded;
import outside.Verifies;

/** Whether a lab's record that was handed in is what it says. The assertions are those of the labs' own tests, see tests/RecordTest.java. */
@ExtendWith(SubjectParameter.class)
public final class RecordCheck {
    /** A record, and whose it is to be. */
    public record Handed(Recorded record, String student) {}

    /** What each record is worth. */
    public static final List<PlannedClaim> CLAIMS = List.of(
            new PlannedClaim("record.whole", 1, "The record is whole: it is as docs/record.schema.json says, and tells of every claim of the lab."),
            new PlannedClaim("record.yours", 1, "It was made with your ID: the token and the values in it are yours."),
            new PlannedClaim("record.possible", 1, "What it says to have seen is such as a kernel shows."),
            new PlannedClaim("record.holds", 1, "Every claim that the machine could show holds in it."));

    @Test
    @Verifies("record.whole")
    void whole(Handed handed) {
        handed.record.whole();
    }

    @Test
    @Verifies("record.yours")
    void yours(Handed handed) {
        handed.record.of(handed.student);
    }

    @Test
    @Verifies("record.possible")
    void possible(Handed handed) {
        handed.record.whole();
        handed.record.possible();
    }

    @Test
    @Verifies("record.holds")
    void holds(Handed handed) {
        handed.record.whole();
        handed.record.holds();
    }
}
