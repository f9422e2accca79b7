package grader.work;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Grades a class. */
@Command(name = "./build.sh grade")
public final class GradeWord implements Callable<Integer> {
    @Override
    public Integer call() {
        return 2;
    }
}
