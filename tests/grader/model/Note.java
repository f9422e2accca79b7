package grader.model;

/**
 * Something that a person should know and that changes no score by itself.
 *
 * @param to {@code teacher} or {@code student}
 * @param kind one word: copy, solution, tamper, archive, retry, missing
 */
public record Note(String to, String kind, String text) {}
