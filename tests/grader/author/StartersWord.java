package grader.author;

import grader.plan.Starters;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Notes the starters' texts as they are now, by which a student's file is told from a starter. */
@Command(name = "./build.sh grade starters", description = "Writes tests/starters.txt anew, after a starter in labs/exercises was made or changed.",
        footer = {"", "reset and hand-in know by it which exercises a student has worked on. So run it only in a clone in which nobody has solved one."})
public final class StartersWord implements Callable<Integer> {
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
    boolean help;

    @Override
    public Integer call() throws IOException {
        var home = outside.Home.path().toRealPath();
        var text = Starters.listOf(home);
        Files.writeString(Starters.list(home), text);
        System.out.println(text.lines().count() + " starters are noted in tests/starters.txt.");
        return 0;
    }
}
