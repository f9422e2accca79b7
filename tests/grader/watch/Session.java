package grader.watch;

import grader.judge.Answer;
import grader.model.Verdict;
import grader.plan.Starters;
import java.util.ArrayList;
import java.util.List;

/** What a student does with one exercise after the other; how it looks is the affair of {@link Pages}, and who asks that of the screen or the pipe. */
final class Session {
    enum View { RESULT, TASK, HINTS, EXPLANATION, OUTPUT, LIST, KEYS }

    final Course course;
    final States states;
    private final Notebook notebook;
    private final Judging judging;
    private final Reset reset;

    Lesson lesson;
    View view = View.RESULT;
    /** The last result of the exercise, and whether it is that of the file as it is. */
    Judging.Report report;
    int hints;
    String message = "";
    boolean asking;
    /** In the list. */
    String search = "";
    boolean searching;
    int selected;
    int scroll;
    private SavedFile file;
    private boolean checking;
    private long start;

    Session(Course course, Notebook notebook, Judging judging, Lesson first) {
        this.course = course;
        this.notebook = notebook;
        this.judging = judging;
        states = new States(course, notebook);
        reset = new Reset(course);
        go(first != null ? first : states.firstOpen());
        if (!course.faults().isEmpty()) message = String.join(" ", course.faults());
        trouble();
    }

    /** Turns to an exercise, and judges it as it is. Who has not begun it sees the task first. */
    void go(Lesson other) {
        lesson = other;
        file = new SavedFile(lesson.path());
        report = null;
        hints = 0;
        searching = false;
        message = "";
        show(states.of(lesson) == States.State.NOT_BEGUN ? View.TASK : View.RESULT);
        run();
    }

    private void show(View other) {
        view = other;
        scroll = 0;
    }

    /** Judges the current file. */
    void run() {
        var text = Starters.read(lesson.path());
        if (text == null) {
            message = lesson.shown() + " is not there, or cannot be read. x brings the starter back.";
            return;
        }
        start = System.nanoTime();
        judging.judge(new Judging.Job(lesson, text));
    }

    boolean busy() {
        return judging.busyWith(lesson);
    }

    boolean idle() {
        return judging.open() == 0;
    }

    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    boolean passed() {
        return report != null && report.result().verdict() == Verdict.PASS;
    }

    /** Whether the file has another text now than that which was judged last. */
    boolean outdated() {
        var text = Starters.read(lesson.path());
        return report != null && (text == null || !report.job().digest().equals(Answer.digest(text)));
    }

    /** Looks for a saved file and for results; whether there is something new to show. */
    boolean tick() {
        boolean news = busy();
        if (file.saved()) {
            message = "";
            states.refresh();
            if (!asking) show(View.RESULT);
            run();
            news = true;
        }
        for (var each = judging.poll(); each != null; each = judging.poll()) {
            notebook.put(each.job().lesson().name(), each.job().digest(), each.result());
            if (each.job().lesson().equals(lesson)) report = each;
            states.refresh();
            trouble();
            news = true;
        }
        if (checking && idle()) {
            checking = false;
            message = "All are checked: " + states.summary();
        }
        return news;
    }

    private void trouble() {
        var trouble = notebook.trouble();
        if (trouble != null) message = trouble;
    }

    // ---- keys ----

    /** Does what a key is for; false for the one that ends it all. */
    boolean key(String key) {
        if (asking) {
            asking = false;
            if (key.equalsIgnoreCase("y")) reset();
            else message = "Nothing is reset.";
            return true;
        }
        if (view == View.LIST && listKey(key)) return true;
        message = "";
        switch (key) {
            case "q" -> {
                return false;
            }
            case "h" -> hint();
            case "t" -> show(view == View.TASK ? View.RESULT : View.TASK);
            case "o" -> show(view == View.OUTPUT ? View.RESULT : View.OUTPUT);
            case "e" -> explain();
            case "l" -> list();
            case "n" -> next();
            case "c" -> checkAll();
            case "x" -> ask();
            case "r" -> {
                show(View.RESULT);
                run();
            }
            case "?" -> show(View.KEYS);
            case "enter", "escape" -> show(View.RESULT);
            case "down" -> scroll += 1;
            case "up" -> scroll--;
            case "pagedown", " " -> scroll += 10;
            case "pageup" -> scroll -= 10;
            default -> message = key.length() == 1 ? "The key " + key + " does nothing here. ? lists the keys." : "";
        }
        return true;
    }

    private void hint() {
        int all = lesson.hints().size();
        if (view == View.HINTS || hints == 0) hints = Math.min(all, hints + 1);
        show(View.HINTS);
        scroll = Integer.MAX_VALUE; // the last one is the new one
    }

    private void explain() {
        if (passed() && !outdated()) show(View.EXPLANATION);
        else message = "The explanation comes when all claims hold. Until then there are hints: h.";
    }

    private void next() {
        var after = states.nextOpen(lesson);
        if (after == null) message = "All exercises are done: " + states.summary();
        else if (after.equals(lesson)) message = "This is the only one that is left.";
        else go(after);
    }

    private void ask() {
        message = reset.obstacle(lesson);
        if (!message.isEmpty()) return;
        asking = true;
        message = "Put the starter of " + lesson.name() + " back? Your version is kept in .workbook/backups. y/n";
    }

    private void reset() {
        var done = reset.now(lesson);
        states.refresh();
        go(lesson);
        message = done;
    }

    private void checkAll() {
        var jobs = new ArrayList<Judging.Job>();
        for (var each : course.lessons()) {
            var text = Starters.read(each.path());
            if (text != null && !course.starters().isStarter(each.plan().file(), text)) jobs.add(new Judging.Job(each, text));
        }
        judging.judgeLater(jobs);
        checking = true;
        list();
        if (jobs.isEmpty()) message = "There is nothing to check: every exercise is as you got it.";
    }

    // ---- the list ----

    private void list() {
        search = "";
        searching = false;
        selected = course.lessons().indexOf(lesson);
        show(View.LIST);
        states.refresh();
    }

    /** Those that the search has found. */
    List<Lesson> found() {
        return course.lessons().stream().filter(each -> each.matches(search)).toList();
    }

    void search(String text) {
        search = text;
        selected = 0;
    }

    /** Whether a key is one of the list's own. */
    private boolean listKey(String key) {
        int last = Math.max(0, found().size() - 1);
        switch (key) {
            case "down" -> selected = Math.min(last, selected + 1);
            case "up" -> selected = Math.max(0, selected - 1);
            case "pagedown" -> selected = Math.min(last, selected + 10);
            case "pageup" -> selected = Math.max(0, selected - 10);
            case "home" -> selected = 0;
            case "end" -> selected = last;
            case "enter" -> {
                if (searching && found().size() > 1) searching = false;
                else if (!found().isEmpty()) go(found().get(selected));
            }
            case "escape" -> {
                if (search.isEmpty() && !searching) show(View.RESULT);
                searching = false;
                search("");
                selected = course.lessons().indexOf(lesson);
            }
            case "backspace" -> search(search.isEmpty() ? "" : search.substring(0, search.length() - 1));
            case "/" -> searching = true;
            case "l" -> {
                if (!searching) show(View.RESULT);
                else search(search + key);
            }
            default -> {
                if (!searching) return false;
                if (key.length() == 1) search(search + key);
            }
        }
        return true;
    }
}
