package grader.model;

/** What a student hands in: an answer to an exercise, a lab's record, or predictions for a chapter. */
public enum Kind { EXERCISE, RECORD, PREDICTION }
