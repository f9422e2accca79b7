package grader.model;

import java.util.List;

/** A class: its students by ID, each with the items of the plan in its order. */
public record ClassResult(RunInfo run, List<StudentResult> students) {}
