package grader.export;

import java.util.List;

/** All forms in which results are written. */
public final class Exports {
    private Exports() {}

    public static final List<Exporter> ALL = List.of(
            new ResultJson(),
            new StudentPages(),
            new GradesCsv(),
            new Gradebooks(),
            new JUnitXml(),
            new Gradescope(),
            new Classroom(),
            new Exercism(),
            new Lti(),
            new ClassReport());
}
