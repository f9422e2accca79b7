package grader.watch;

import static grader.watch.Page.Look.FAINT;
import static grader.watch.Page.Look.GOOD;
import static grader.watch.Page.Look.PLAIN;
import static grader.watch.Page.Look.STRONG;

import java.util.List;

/** The list of exercises. */
final class Table {
    private Table() {}

    /** All that the search has found, for a pipe. */
    static Page all(Session session, List<Lesson> lessons) {
        var page = new Page();
        for (var lesson : lessons) row(page, session, lesson, false);
        return page.line(0, PLAIN, session.states.summary());
    }

    /** As much of it around the selected one as fits into a height, with the title of that. */
    static Page window(Session session, int height) {
        var found = session.found();
        var page = new Page();
        if (session.searching || !session.search.isEmpty()) page.line(0, STRONG, "Search: ", PLAIN, session.search + (session.searching ? "_" : ""));
        if (found.isEmpty()) return page.line(0, PLAIN, "No exercise has this in its name, lab, title or claims.");
        int rows = Math.max(1, height - 3 - (session.search.isEmpty() && !session.searching ? 0 : 1));
        int from = Math.max(0, Math.min(session.selected - rows / 2, found.size() - rows));
        for (int i = from; i < Math.min(found.size(), from + rows); i++) row(page, session, found.get(i), i == session.selected);
        var title = found.get(session.selected).title();
        return page.blank().line(0, FAINT, title.length() <= 150 ? title : title.substring(0, title.lastIndexOf(' ', 147)) + " ...");
    }

    private static void row(Page page, Session session, Lesson lesson, boolean selected) {
        var state = session.states.of(lesson);
        boolean done = state == States.State.DONE;
        var plan = lesson.plan();
        var mark = (selected ? "> " : "  ") + (done ? "✔ " : "  ");
        var points = session.states.points(lesson) + "/" + plan.points();
        page.line(0, done ? GOOD : PLAIN, mark, selected ? STRONG : PLAIN,
                String.format(java.util.Locale.ROOT, "%-24s %-16s %d  %5s  %s%s", plan.name(), plan.lab(), plan.difficulty(), points, state.words, lesson.equals(session.lesson) ? ", current" : ""));
    }
}
