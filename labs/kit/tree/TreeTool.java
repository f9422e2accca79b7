//SOURCES Svg.java
package kit.tree;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import kit.*;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine;

/** Draws the namespaces of one process, which may belong to a lab that stands open in another terminal. The lab Tree has the same options. */
@Command(name = "Tree", description = "Draws the namespaces of one process, what they belong to, and what belongs to them.", separator = " ")
public final class TreeTool implements Callable<Integer> {
    /** 0 without the option. */
    @Option(names = "--pid", paramLabel = "PID", converter = Running.class,
            description = "Draws the namespaces of this process and does nothing else, for a lab with --hold in another terminal.")
    public int pid;

    /** Null without the option. */
    @Option(names = "--svg", paramLabel = "FILE", converter = Writable.class, description = "Writes the drawing to FILE as well, as an SVG image.")
    public Path svg;

    static final class Running implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            if (!text.matches("[1-9]\\d{0,8}")) {
                throw new TypeConversionException("'" + text + "' is no PID; 'ps -e' lists them");
            }
            if (!Proc.exists("/proc/" + text)) {
                throw new TypeConversionException("there is no process " + text + "; 'ps -e' lists them");
            }
            return Integer.parseInt(text);
        }
    }

    static final class Writable implements ITypeConverter<Path> {
        @Override
        public Path convert(String name) {
            Path file = Path.of(name).toAbsolutePath();
            Path there = Files.exists(file) ? file : file.getParent();
            if (name.isBlank() || Files.isDirectory(file) || !Files.isWritable(there)) {
                throw new TypeConversionException("'" + name + "' is no file that you can write to" + (Files.exists(there) ? "" : ", for there is no directory "
                        + there) + "; name another one");
            }
            return file;
        }
    }

    /** Whether these arguments ask for a drawing alone. */
    public static boolean isMeant(String... args) {
        for (String arg : args) {
            if (arg.equals("--pid") || arg.startsWith("--pid=")) {
                return true;
            }
        }
        return false;
    }

    /** Does what they ask for: the exit code. */
    public static int main(String... args) {
        TreeTool tool = new TreeTool();
        CommandLine line = new CommandLine(tool);
        line.addMixin("help", new Help());
        line.setParameterExceptionHandler((e, given) -> {
            System.err.println("Tree: " + e.getMessage());
            CommandLine.UnmatchedArgumentException.printSuggestions(e, System.err);
            System.err.println("Try: Tree --help");
            return 2;
        });
        line.setExecutionExceptionHandler((e, command, result) -> {
            if (!(e instanceof Problem problem)) {
                throw e;
            }
            System.err.println("ERROR " + problem.getMessage());
            System.err.println("cause: " + problem.diagnosis.cause());
            System.err.println("remedy: " + problem.diagnosis.remedy());
            return 77;
        });
        return line.execute(args);
    }

    /** The help of the tool alone; the lab has it from elsewhere. */
    static final class Help {
        @Option(names = {"-h", "--help"}, usageHelp = true, description = "Prints this help.")
        boolean help;
    }

    @Override
    public Integer call() {
        mustBeReadable(pid);
        NamespaceTree tree = NamespaceTree.read().of(pid);
        System.out.println(tree.text(pid));
        if (tree.unreadable() > 0) {
            System.err.println(note(tree));
        }
        return write(tree, "Namespaces of " + NamespaceTree.name(pid), pid);
    }

    /** What the drawing lacks. */
    public static String note(NamespaceTree tree) {
        return tree.unreadable() == 0 ? "" : tree.unreadable() + " processes may not be looked at by who runs this, and are not in the drawing: those of other users, or with more capabilities.";
    }

    /** Writes the image, if one is wanted: the exit code. */
    public int write(NamespaceTree tree, String title, int first) {
        if (svg != null) {
            try {
                Files.writeString(svg, Svg.of(tree, title, first));
            } catch (IOException e) {
                System.err.println("ERROR --svg: cannot write to '" + svg + "' (" + e.getMessage() + "); name another file");
                return 2;
            }
        }
        return 0;
    }

    private static void mustBeReadable(int pid) {
        String link = "/proc/" + pid + "/ns/uts";
        try {
            Libc.close(Libc.open(link, Libc.O_RDONLY | Libc.O_CLOEXEC, 0));
        } catch (LastErrorException e) {
            boolean ended = e.getErrorCode() == Errno.ENOENT;
            throw new Problem("open(" + link + ")", e.getErrorCode(), new Diagnosis(true, ended ? "process " + pid + " has ended, and is in no namespace any more"
                    : "process " + pid + " belongs to uid " + Proc.status(pid, "Uid").split(" ")[0] + ", and you are uid " + Libc.getuid() + " and may not look at it",
                    ended ? "name one that runs; 'ps -e' lists them" : "run it as root: sudo ./build.sh run Tree --pid " + pid));
        }
    }
}
