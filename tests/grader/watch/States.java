package grader.watch;

import grader.judge.Answer;
import grader.model.Verdict;
import grader.plan.Starters;
import java.util.HashMap;
import java.util.Map;

/** How far the student is with each exercise: what the notebook says, if the file still has the text of which it says that. */
final class States {
    enum State {
        DONE("done"), WAS_DONE("was done, has changed since"), NOT_YET("not yet"), CHANGED("changed since it was judged"), NOT_JUDGED("not judged yet"),
        NOT_BEGUN("not begun"), GONE("the file is not there");

        final String words;

        State(String words) {
            this.words = words;
        }
    }

    private final Course course;
    private final Notebook notebook;
    private final Map<String, State> known = new HashMap<>();

    States(Course course, Notebook notebook) {
        this.course = course;
        this.notebook = notebook;
    }

    /** Forgets what it has looked up: a file or a result may be another one. */
    void refresh() {
        known.clear();
    }

    State of(Lesson lesson) {
        return known.computeIfAbsent(lesson.name(), none -> find(lesson));
    }

    private State find(Lesson lesson) {
        var text = Starters.read(lesson.path());
        if (text == null) return State.GONE;
        if (course.starters().isStarter(lesson.plan().file(), text)) return State.NOT_BEGUN;
        var entry = notebook.entry(lesson.name());
        if (entry == null) return State.NOT_JUDGED;
        boolean same = entry.text().equals(Answer.digest(text));
        if (entry.verdict() == Verdict.PASS) return same ? State.DONE : State.WAS_DONE;
        return same ? State.NOT_YET : State.CHANGED;
    }

    /** Points that were reached with the text that the file has now. */
    int points(Lesson lesson) {
        var entry = notebook.entry(lesson.name());
        return entry == null || entry.points() == null || of(lesson) != State.DONE && of(lesson) != State.NOT_YET ? 0 : entry.points();
    }

    int done() {
        return (int) course.lessons().stream().filter(each -> of(each) == State.DONE).count();
    }

    String summary() {
        return done() + " of " + course.lessons().size() + " done, " + course.lessons().stream().mapToInt(this::points).sum() + " of "
                + course.lessons().stream().mapToInt(each -> each.plan().points()).sum() + " points.";
    }

    /** The first that is not done; the first of all when all are. */
    Lesson firstOpen() {
        return course.lessons().stream().filter(each -> of(each) != State.DONE).findFirst().orElse(course.lessons().get(0));
    }

    /** The next one after this that is not done, and after the last one from the beginning; null when all are done. */
    Lesson nextOpen(Lesson lesson) {
        int at = course.lessons().indexOf(lesson), all = course.lessons().size();
        for (int i = 1; i <= all; i++) {
            var each = course.lessons().get((at + i) % all);
            if (of(each) != State.DONE) return each;
        }
        return null;
    }
}
