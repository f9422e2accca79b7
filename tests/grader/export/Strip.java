package grader.export;

import grader.model.ItemResult;
import grader.model.StudentResult;
import grader.model.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A student's items as a strip of little bars, as high as their points, in the order of the class's items. */
record Strip(int width, List<Path> paths, String label) {
    static final int STEP = 6, BAR = 5, HEIGHT = 16, FOOT = 4;

    /** @param d a path of SVG: all bars of one kind */
    record Path(String kind, String d) {}

    static Strip of(StudentResult student, List<ItemResult> columns) {
        var paths = new LinkedHashMap<String, StringBuilder>();
        var counts = new LinkedHashMap<String, Integer>(Map.of());
        for (int i = 0; i < columns.size(); i++) {
            var item = Words.item(student, columns.get(i));
            bar(paths, "track", i, HEIGHT);
            if (item == null) continue;
            count(counts, item);
            if (item.verdict() == Verdict.INFRA || item.verdict() == Verdict.TAMPER) bar(paths, StudentPages.kind(item.verdict()), i, HEIGHT);
            else if (item.points() != null && item.points() > 0) bar(paths, "pass", i, Math.max(FOOT, HEIGHT * item.points() / item.max()));
            else if (Words.handedIn(item)) bar(paths, "fail", i, FOOT);
        }
        var label = new ArrayList<String>();
        counts.forEach((what, count) -> label.add(count + " " + what));
        return new Strip(Math.max(1, columns.size() * STEP), paths.entrySet().stream().map(path -> new Path(path.getKey(), path.getValue().toString())).toList(), String.join(", ", label));
    }

    private static void bar(Map<String, StringBuilder> paths, String kind, int at, int height) {
        paths.computeIfAbsent(kind, none -> new StringBuilder()).append('M').append(at * STEP).append(' ').append(HEIGHT).append('v').append(-height).append('h').append(BAR).append('v').append(height).append('z');
    }

    private static void count(Map<String, Integer> counts, ItemResult item) {
        counts.merge(switch (item.verdict()) {
            case PASS -> "solved";
            case INFRA -> "without a score";
            case TAMPER -> "not counted";
            default -> item.points() != null && item.points() > 0 ? "partly solved" : Words.handedIn(item) ? "not solved" : "not handed in";
        }, 1, Integer::sum);
    }
}
