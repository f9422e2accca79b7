package grader.model;

import java.util.List;

/**
 * All of one student.
 *
 * @param name from the roster; null without
 * @param input a digest of what was handed in
 * @param points null while any item has no score
 */
public record StudentResult(String schema, String student, String name, String input, Integer points, int max, List<ItemResult> items, List<Note> notes) {
    public static final String SCHEMA = "namespace-labs/result/1";

    public static StudentResult of(String student, String name, String input, List<ItemResult> items, List<Note> notes) {
        var whole = items.stream().allMatch(item -> item.points() != null);
        return new StudentResult(SCHEMA, student, name, input, whole ? items.stream().mapToInt(ItemResult::points).sum() : null,
                items.stream().mapToInt(ItemResult::max).sum(), List.copyOf(items), List.copyOf(notes));
    }
}
