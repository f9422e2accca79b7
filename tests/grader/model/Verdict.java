package grader.model;

import java.util.Collection;
import java.util.List;

/** What is said about a claim or about a whole item. */
public enum Verdict {
    /** Seen by the judge itself. */
    PASS,
    /** Looked at, and it is not so: 0, with the reason. */
    FAIL,
    /** The answer crashed, ended too early, or went over a limit: 0, and {@link ItemResult#error()} names the kind. */
    STUDENT_ERROR,
    /** Nobody could look; it never counts as passed. */
    NOT_RUN,
    /** Made to deceive: 0 for the item, and a note for the teacher. */
    TAMPER,
    /** The grader's own machine failed: no score is written, and it is not the student's fault. */
    INFRA;

    private static final List<Verdict> WORST_FIRST = List.of(INFRA, TAMPER, STUDENT_ERROR, FAIL, NOT_RUN, PASS);

    /** The verdict on an item from those on its claims. Nothing judged is nothing passed. */
    public static Verdict worst(Collection<Verdict> all) {
        return WORST_FIRST.stream().filter(all::contains).findFirst().orElse(NOT_RUN);
    }
}
