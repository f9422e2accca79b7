//SOURCES Svg.java
package kit.tree;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import kit.*;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine;

/** Draws the namespaces of one process, which may belong to a lab that stands open in another terminal. The lab Tree has the same options. */
@Command(name = "Tree", description = "Draws the namespaces of one process, what they belong to, and what belongs to those in which you are not.", separator = " ",
        exitCodeListHeading = "%nExit codes:%n", exitCodeList = {"0:drawn", "2:wrong usage: there is no such process, or FILE is there already or cannot be made",
            "77:you may not look at the process, or FILE cannot be written; the cause and the remedy are printed"})
public final class TreeTool implements Callable<Integer> {
    /** How wide the text is. */
    public static final int WIDTH = 100;

    /** 0 without the option. */
    @Option(names = "--pid", paramLabel = "PID", converter = Running.class,
            description = "Draws the namespaces of this process and does nothing else, for a lab with --hold in another terminal.")
    public int pid;

    /** Null without the option. */
    @Option(names = "--svg", paramLabel = "FILE", converter = NewFile.class, description = "Writes the drawing to a new FILE as well, as an SVG image.")
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
            String process = Proc.status(text, "Tgid");
            if (!process.equals(text)) {
                throw new TypeConversionException(text + " is a thread of process " + process + "; take that");
            }
            return Integer.parseInt(text);
        }
    }

    static final class NewFile implements ITypeConverter<Path> {
        @Override
        public Path convert(String name) {
            Path file = Path.of(name).toAbsolutePath().normalize(), directory = file.getParent();
            String reason = name.isBlank() || directory == null ? "is no name of a file" : Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? "is there already"
                    : !Files.isDirectory(directory) ? "cannot be made: there is no directory " + directory
                    : !Files.isWritable(directory) ? "cannot be made: you may not write to " + directory : null;
            if (reason != null) {
                throw new TypeConversionException("'" + name + "' " + reason + "; name another file");
            }
            return file;
        }
    }

    /** Whether these arguments ask for a drawing alone. */
    public static boolean isMeant(String... args) {
        return Arrays.stream(args).anyMatch(arg -> arg.equals("--pid") || arg.startsWith("--pid="));
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
        NamespaceTree tree = mayBeLookedAt(pid) ? NamespaceTree.read().of(pid) : null;
        if (tree == null || !tree.has(pid)) { // it may have ended at any time
            System.err.println("Tree: process " + pid + " has ended, and is in no namespace any more; 'ps -e' lists those that run");
            return 2;
        }
        System.out.println(tree.text(pid, WIDTH));
        if (tree.unreadable() > 0) {
            System.err.println(note(tree));
        }
        write(tree, "Namespaces of " + NamespaceTree.name(pid), pid);
        return 0;
    }

    /** What the drawing lacks. */
    public static String note(NamespaceTree tree) {
        int count = tree.unreadable();
        return count == 0 ? "" : (count == 1 ? "One process is not in the drawing, for you may not look at it: it is another user's, or has"
                : count + " processes are not in the drawing, for you may not look at them: they are other users', or have") + " more capabilities than you.";
    }

    /**
     * Writes the image, if one is wanted.
     *
     * @throws Problem if that fails: there is no half of an image then
     */
    public void write(NamespaceTree tree, String title, int first) {
        if (svg == null) {
            return;
        }
        byte[] image = Svg.of(tree, title, first).getBytes(StandardCharsets.UTF_8);
        boolean made = false;
        try {
            int fd = open(svg.toString(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
            made = true;
            for (int done = 0; done < image.length; ) {
                byte[] rest = Arrays.copyOfRange(image, done, image.length);
                done += (int) Libc.write(fd, rest, rest.length);
            }
            close(fd);
        } catch (LastErrorException e) {
            if (made) {
                svg.toFile().delete();
            }
            throw new Problem("--svg " + svg, e.getErrorCode(), new Diagnosis(true, "the image could not be written to that file", "name another file"));
        }
    }

    /** Whether it is there. */
    private static boolean mayBeLookedAt(int pid) {
        String link = "/proc/" + pid + "/ns/uts";
        try {
            close(open(link, O_RDONLY | O_CLOEXEC, 0));
            return true;
        } catch (LastErrorException e) {
            if (e.getErrorCode() != Errno.EACCES && e.getErrorCode() != Errno.EPERM) {
                return false;
            }
            String uid = Proc.status(pid, "Uid").split(" ")[0];
            throw new Problem("open(" + link + ")", e.getErrorCode(), new Diagnosis(true, "process " + pid + " is uid " + uid + "'s, and you are uid " + getuid()
                    + (uid.equals("" + getuid()) ? "; it has more capabilities than you, or hides from you" : "") + ": you may not look at it",
                    getuid() == 0 ? "take a process that you have started, or get CAP_SYS_PTRACE" : "run it as root: sudo ./build.sh run Tree --pid " + pid));
        }
    }
}
