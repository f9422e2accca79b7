package grader.plan;

/** A claim that an exercise asks for, and what it is worth. */
public record PlannedClaim(String id, int points, String sentence) {}
