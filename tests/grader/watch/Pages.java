package grader.watch;

import static grader.watch.Page.Look.FAINT;
import static grader.watch.Page.Look.PLAIN;
import static grader.watch.Page.Look.STRONG;

import java.util.List;

/** What is to be seen of a session, one page for each view. */
final class Pages {
    private Pages() {}

    /** Where one is, in two lines. */
    static Page header(Session session, int width) {
        var plan = session.lesson.plan();
        var course = session.course.lessons();
        var left = plan.name() + "  " + (course.indexOf(session.lesson) + 1) + "/" + course.size() + ", lab " + plan.lab() + ", difficulty " + plan.difficulty() + " of 5";
        int done = session.states.done(), all = course.size(), room = Math.min(30, width - left.length() - 20);
        var bar = "";
        if (room >= 5) {
            int full = all == 0 ? 0 : room * done / all;
            bar = "[" + "#".repeat(full) + "-".repeat(room - full) + "] ";
        }
        var right = bar + done + "/" + all + " done";
        return new Page().line(0, STRONG, left + " ".repeat(Math.max(2, width - left.length() - right.length())), PLAIN, right)
                .line(0, PLAIN, session.lesson.shown());
    }

    static Page body(Session session) {
        return switch (session.view) {
            case RESULT -> result(session);
            case TASK -> task(session);
            case HINTS -> hints(session);
            case EXPLANATION -> explanation(session);
            case OUTPUT -> output(session);
            case LIST -> new Page(); // a table, which knows the height
            case KEYS -> keys();
        };
    }

    /** One line: what is going on, or what a key has done. */
    static String status(Session session) {
        if (!session.message.isEmpty()) return session.message;
        if (session.busy()) return String.format(java.util.Locale.ROOT, "Judging, %.0f s ...", session.seconds());
        if (session.report == null) return "";
        if (session.outdated()) return "This is the result of an older text of the file.";
        var said = Results.headline(session.report.result());
        return session.view == Session.View.RESULT ? "Save the file, and it is judged again." : said + (session.view == Session.View.TASK ? "; Enter shows more" : "");
    }

    static String keyLine(Session session) {
        if (session.asking) return "y  put the starter back     any other key  leave it as it is";
        if (session.searching) return "type a part of a name, a lab, a claim or a title   Enter  choose   Esc  all";
        return switch (session.view) {
            case LIST -> "Up Down select  Enter go there  / search  c check all  Esc back  q quit";
            default -> session.passed() ? "e explanation  n next  t task  l list  c check all  x reset  ? keys  q quit"
                    : "h hint  t task  o output  r run  l list  n next  c check all  x reset  q quit";
        };
    }

    private static Page result(Session session) {
        if (session.report == null) return new Page().line(0, PLAIN, session.busy() ? "Judging your file for the first time ..." : "There is no result yet.");
        var page = Results.page(session.report.result(), false);
        if (session.passed()) {
            var man = session.lesson.manPages();
            page.blank().line(0, STRONG, "What you can read next");
            page.line(2, PLAIN, session.report.result().claims().get(0).read() + (man.isEmpty() ? "" : ", " + man));
            page.blank().line(0, PLAIN, "e explains what there was to understand. n goes on when you like.");
        }
        return page;
    }

    /** The header's paragraphs as wide as the screen, and what earns points. */
    static Page task(Session session) {
        var plan = session.lesson.plan();
        var page = new Page();
        if (plan.asUser()) page.line(0, STRONG, "It starts as an ordinary user.").blank();
        if (plan.needsCgroup()) page.line(0, STRONG, "It gets a cgroup of its own.").blank();
        for (var paragraph : plan.text().split("\n[ \t]*\n")) {
            if (plan.claims().stream().anyMatch(claim -> paragraph.strip().startsWith(claim.id() + " "))) {
                for (var claim : plan.claims()) page.line(2, STRONG, claim.points() + (claim.points() == 1 ? " point   " : " points  "), PLAIN, claim.sentence() + "  [" + claim.id() + "]");
            } else if (paragraph.lines().noneMatch(line -> line.startsWith(" "))) {
                page.line(0, PLAIN, paragraph.replace("\n", " "));
            } else {
                page.line(0, PLAIN, paragraph); // an example stays as it is
            }
            page.blank();
        }
        return page;
    }

    static Page hints(Session session) {
        var hints = session.lesson.hints();
        var page = new Page();
        for (int i = 0; i < Math.min(session.hints, hints.size()); i++) page.line(0, STRONG, "Hint " + (i + 1) + " of " + hints.size()).line(2, PLAIN, hints.get(i)).blank();
        var seen = session.report == null || session.outdated() ? null : session.report.seen();
        if (seen != null) page.line(0, STRONG, "What the kernel showed").line(2, PLAIN, seen).blank();
        if (session.hints < hints.size()) return page.line(0, FAINT, "h again tells more.");
        var man = session.lesson.manPages();
        return page.line(0, FAINT, "That was the last hint." + (man.isEmpty() ? "" : " The man pages: " + man));
    }

    static Page explanation(Session session) {
        return new Page().line(0, PLAIN, session.lesson.explanation());
    }

    static Page output(Session session) {
        if (session.report == null) return new Page().line(0, PLAIN, "It has not run yet.");
        var output = session.report.result().output();
        return output == null || output.isBlank() ? new Page().line(0, PLAIN, "It printed nothing.") : new Page().line(0, STRONG, "What it printed").line(2, PLAIN, output);
    }

    private static Page keys() {
        var page = new Page();
        for (var each : List.of("h   a hint, a little more each time, and what the kernel showed", "t   the task", "o   what your program printed",
                "r   run it again without saving", "l   the list of exercises; there / searches", "n   the next exercise that is not done", "c   check all exercises that you have begun",
                "e   the explanation, when all claims hold", "x   put the starter back; your version is kept", "Enter, Esc   back to the result", "Up, Down, Space   scroll", "q   quit"))
            page.line(2, PLAIN, each);
        return page;
    }
}
