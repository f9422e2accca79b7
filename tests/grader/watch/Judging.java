package grader.watch;

import grader.judge.Answer;
import grader.judge.Check;
import grader.judge.Judge;
import grader.judge.Live;
import grader.judge.Stop;
import grader.model.ItemResult;
import grader.model.Verdict;
import grader.plan.Plan;
import grader.work.Machinery;
import grader.work.References;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import kit.Problem;

/**
 * The grader's judge, at work beside the keys. Who asks for a file does not wait for those that are to be judged some time, nor for
 * the end of an older text of that file.
 */
final class Judging implements AutoCloseable {
    /** A text of an exercise. */
    record Job(Lesson lesson, byte[] text) {
        String digest() {
            return Answer.digest(text);
        }
    }

    /**
     * What came of it.
     *
     * @param seen what the kernel showed while the answer lived, as a hint; null if nothing that helps
     */
    record Report(Job job, ItemResult result, String seen) {}

    private final Plan plan;
    private final References references;
    private final Queue<Report> reports = new ConcurrentLinkedQueue<>();
    private final Deque<Job> later = new ArrayDeque<>();
    private final Thread thread = new Thread(this::work, "judging");
    private Job next, now;
    private Stop stop; // of the answer that runs now
    private boolean closed;
    private Machinery machinery; // only the thread's, until it has ended
    private Judge judge;

    Judging(Plan plan) {
        this.plan = plan;
        references = new References(plan.home());
        thread.setDaemon(true);
        thread.start();
    }

    /** Judges this at once. What is running is stopped. */
    synchronized void judge(Job job) {
        next = job;
        if (stop != null) stop.now();
        notifyAll();
    }

    /** Judges these when there is nothing else to do; no others that were asked for so. */
    synchronized void judgeLater(List<Job> jobs) {
        later.clear();
        later.addAll(jobs);
        notifyAll();
    }

    /** How many are waiting or running. */
    synchronized int open() {
        return (next == null ? 0 : 1) + (now == null ? 0 : 1) + later.size();
    }

    /** Whether this exercise is being judged, or is the next. */
    synchronized boolean busyWith(Lesson lesson) {
        return next != null && next.lesson.equals(lesson) || now != null && now.lesson.equals(lesson);
    }

    /** A result that nobody has taken yet; null if there is none. */
    Report poll() {
        return reports.poll();
    }

    private void work() {
        try {
            for (var job = take(); job != null; job = take()) put(job, report(job));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Job take() throws InterruptedException {
        while (next == null && later.isEmpty() && !closed) wait();
        now = closed ? null : next != null ? next : later.poll();
        next = null;
        return now;
    }

    /** A result counts unless somebody has asked for another one meanwhile. */
    private synchronized void put(Job job, Report report) {
        now = null;
        if (next == null) reports.add(report);
        else if (!next.lesson.equals(job.lesson)) later.addFirst(job);
    }

    private Report report(Job job) {
        var exercise = job.lesson.plan();
        try {
            if (judge == null) {
                machinery = new Machinery(plan, List.of(), false);
                judge = machinery.judge();
            }
            var seen = new String[1];
            var result = judge.judge(exercise, new Answer(exercise.file(), job.text), live -> seen[0] = hint(exercise.name(), live), begin());
            if (!end() || result.verdict() == Verdict.PASS || "compile".equals(result.error())) return new Report(job, result, seen[0]);
            // Before anybody looks for a fault in the answer: can this machine show what is asked? Found out once for each exercise.
            var obstacle = references.obstacle(exercise, judge);
            return obstacle.isEmpty() ? new Report(job, result, seen[0]) : infra(job, obstacle);
        } catch (Problem e) {
            return infra(job, e.getMessage() + "; cause: " + e.diagnosis.cause() + "; remedy: " + e.diagnosis.remedy());
        } catch (Exception | AssertionError e) {
            if (System.getenv("NSLABS_DEBUG") != null) e.printStackTrace();
            return infra(job, String.valueOf(e));
        } finally {
            end();
        }
    }

    private static Report infra(Job job, String why) {
        return new Report(job, Judge.missing(job.lesson.plan(), why).as(Verdict.INFRA, why), null);
    }

    private synchronized Stop begin() {
        stop = new Stop();
        if (next != null || closed) stop.now();
        return stop;
    }

    /** The answer has been looked at: whether its result is still wanted. */
    private synchronized boolean end() {
        stop = null;
        return next == null && !closed;
    }

    /** A hint is a favour: where it cannot be had, there is none. */
    private static String hint(String exercise, Live live) {
        try {
            return Check.make(exercise).hint(live);
        } catch (Exception | AssertionError e) {
            return null;
        }
    }

    /** Ends what runs, and removes all that was made for it. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (stop != null) stop.now();
            notifyAll();
        }
        try {
            thread.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (machinery != null) machinery.close();
    }
}
