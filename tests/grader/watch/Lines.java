package grader.watch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A session in a pipe, or on a terminal that can only print lines: a result is printed whenever there is one, and commands are
 * read as lines, each when all before it is done. No control sequences.
 */
final class Lines {
    private static final String END = "\0";

    private final Session session;
    private final BlockingQueue<String> typed = new LinkedBlockingQueue<>();
    private Judging.Report printed;
    private Lesson current;

    Lines(Session session) {
        this.session = session;
    }

    void run() throws InterruptedException {
        var reader = new Thread(this::read, "commands");
        reader.setDaemon(true);
        reader.start();
        System.out.println("Each time that the file is saved it is judged. Commands, one in a line: h t o r l n c e x q, l WORD, or the name of an exercise; ? explains them.");
        while (true) {
            boolean idle = session.idle(); // asked first: all results of what is done are there then
            session.tick();
            if (idle) print();
            if (!idle || !session.idle()) {
                Thread.sleep(20);
                continue;
            }
            var line = typed.poll(150, TimeUnit.MILLISECONDS);
            if (line == null) continue;
            if (line.equals(END) || !command(line.strip())) return;
            message(); // now: the result that follows may take a while
        }
    }

    private void read() {
        try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (var line = in.readLine(); line != null; line = in.readLine()) typed.add(line);
        } catch (IOException e) {
            // that is the end, too
        }
        typed.add(END);
    }

    /** A result that was not printed yet. */
    private void print() {
        if (!session.lesson.equals(current)) {
            current = session.lesson;
            System.out.println("\n" + current.name() + ": " + current.shown());
        }
        if (session.report != null && session.report != printed) System.out.print(Results.page(session.report.result(), false).text());
        printed = session.report;
        message();
    }

    private void message() {
        if (!session.message.isEmpty()) System.out.println(session.message);
        session.message = "";
    }

    /** False for the one that ends it. */
    private boolean command(String line) {
        if (session.asking) return session.key(line.toLowerCase(java.util.Locale.ROOT).startsWith("y") ? "y" : "n");
        var exercise = session.course.find(line);
        if (exercise != null) {
            session.go(exercise);
        } else if (line.startsWith("l ")) {
            var search = line.substring(2).strip();
            System.out.print(Table.all(session, session.course.lessons().stream().filter(each -> each.matches(search)).toList()).text());
        } else if (line.equals("l")) {
            System.out.print(Table.all(session, session.course.lessons()).text());
        } else if (line.length() == 1) {
            session.view = line.equals("h") ? Session.View.HINTS : Session.View.RESULT;
            if (!session.key(line)) return false;
            if (session.view != Session.View.RESULT && session.view != Session.View.LIST) System.out.print(Pages.body(session).text());
        } else if (!line.isEmpty()) {
            System.out.println("There is no command " + Page.printable(line) + ", nor an exercise of that name. ? explains the commands.");
        }
        return true;
    }
}
