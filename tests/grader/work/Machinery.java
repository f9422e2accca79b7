package grader.work;

import grader.judge.Judge;
import grader.plan.Plan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import outside.TemporaryFolder;

/** What all words of the grader need: the plan, a directory for files of a run, and judges. */
public final class Machinery implements AutoCloseable {
    /**
     * A text that only the teacher knows. The values that an answer is to use follow from it, from the workbook and from the answer's bytes.
     * Without it they can be computed by whoever has the workbook, and by trying many comments an answer be found that fits them.
     */
    private static final String KEY = "NSLABS_GRADE_KEY";

    public final Plan plan;
    private final Path work;
    private final Process remover;
    private final Judge.Setting setting;
    private final List<Judge> judges = new ArrayList<>();
    private final Thread hook = new Thread(this::end);

    /**
     * @param secret directories that no answer may see, besides the workbook and the home of whoever grades
     * @param repeatable the same answer gets the same token each time
     */
    public Machinery(List<Path> secret, boolean repeatable) throws IOException {
        this(Plan.read(outside.Home.path().toRealPath()), secret, repeatable);
    }

    /** The same for a plan that was read already. */
    public Machinery(Plan plan, List<Path> secret, boolean repeatable) throws IOException {
        this.plan = plan;
        var built = System.getenv("NSLABS_BUILT");
        if (built == null) throw new IllegalStateException("NSLABS_BUILT is not set; start with ./build.sh grade");
        work = TemporaryFolder.make("grade");
        // Killed with SIGKILL we could not remove it. A shell that waits for the end of its input can, as with the cgroups; and what is killed with it the next run removes.
        remover = new ProcessBuilder("setsid", "sh", "-c", "read -r nothing; rm -rf -- \"$0\"", work.toString()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        Runtime.getRuntime().addShutdownHook(hook);
        var hidden = new ArrayList<Path>(List.of(plan.home(), work));
        var user = Path.of(System.getProperty("user.home"));
        if (user.getNameCount() > 0) hidden.add(user);
        for (var each : secret) hidden.add(each.toRealPath());
        setting = new Judge.Setting(Path.of(System.getProperty("java.home")).toRealPath(), Path.of(built).toRealPath(), work, List.copyOf(hidden), repeatable ? plan.digest() + Objects.requireNonNullElse(System.getenv(KEY), "") : null);
    }

    /** A judge for one more worker. */
    public synchronized Judge judge() throws IOException {
        var judge = new Judge(setting, judges.size());
        judges.add(judge);
        return judge;
    }

    private synchronized void end() {
        judges.forEach(Judge::close);
        judges.clear();
        try {
            remover.getOutputStream().close();
            remover.waitFor(10, TimeUnit.SECONDS);
        } catch (IOException e) {
            // somebody has ended it, so it is left to us
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            TemporaryFolder.remove(work);
        } catch (IOException | UncheckedIOException e) {
            System.err.println("grade: " + work + " stays behind: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // it is running: then all has been ended
        }
    }
}
