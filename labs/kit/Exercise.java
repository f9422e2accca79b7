//SOURCES Lab.java
//SOURCES OrdinaryUser.java
package kit;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The frame of an exercise. It tells the student which names to use, runs the answer, and holds still while somebody looks at
 * it from outside. It decides nothing: {@code ./build.sh watch} and the grader do, and they ask the kernel.
 *
 * <p>An exercise works as root of a user namespace made for its run, whoever starts it. There a call with a wrong flag
 * is refused, and no machine gets another name. Some start as an ordinary user instead, and make that namespace themselves.
 */
public final class Exercise {
    /** What the student writes. */
    public interface Answer {
        void run(Exercise exercise) throws Exception;
    }

    /** Who looks from outside passes the token by this variable, and ends the program when it has seen enough. */
    private static final String TOKEN = "NSLABS_TOKEN";

    private final String name;
    private final String given = System.getenv(TOKEN);
    private final Token token;
    private boolean asUser;

    public Exercise(String name) {
        this.name = name;
        token = given != null ? new Token(given) : new Token(null, name);
    }

    /** For an answer that starts without any privilege: if root runs it by hand, root becomes an ordinary user first. */
    public Exercise asUser() {
        asUser = true;
        return this;
    }

    /** Runs the answer and ends the program: 0, or 1 if the answer fails, or 77 if this machine cannot. */
    public void main(String[] args, Answer answer) {
        System.exit(run(answer));
    }

    private int run(Answer answer) {
        try {
            if (given == null && asUser) { // else whoever looks has made it start as it must
                OrdinaryUser.become();
            } else if (given == null && !Rootless.isSecond() && (!Machine.privileged() || initialUserNamespace())) {
                return Rootless.runAgain();
            }
            Machine.completePath();
            answer.run(this);
            return 0;
        } catch (Problem e) {
            System.err.println("ERROR " + e.getMessage());
            System.err.println("cause: " + e.diagnosis.cause());
            System.err.println("remedy: " + e.diagnosis.remedy());
            return e.diagnosis.known() ? 77 : 1;
        } catch (LastErrorException e) {
            System.err.println("ERROR " + Lab.libcCall(e) + ": " + Errno.name(e.getErrorCode()) + " (" + e.getErrorCode() + ") " + strerror(e.getErrorCode()));
            return 1;
        } catch (Exception e) {
            e.printStackTrace();
            return 1;
        }
    }

    /** Whether root here is root of the machine: only there every uid is mapped to itself; user_namespaces(7). */
    private static boolean initialUserNamespace() {
        return Proc.read("/proc/self/uid_map").strip().replaceAll("\\s+", " ").equals("0 0 4294967295");
    }

    /** A name for one purpose, such as {@code hostname-1a2b3c4d}: another one in each run. */
    public String value(String purpose) {
        return shown(purpose, purpose + "-" + token.hex(purpose));
    }

    /** Eight hexadecimal digits for one purpose. */
    public String hex(String purpose) {
        return shown(purpose, token.hex(purpose));
    }

    /** A number for one purpose, at least {@code from} and less than {@code to}. */
    public int number(String purpose, int from, int to) {
        return shown(purpose, token.number(purpose, from, to));
    }

    /** Some of these words, in the order in which they stand here. */
    public List<String> some(String purpose, List<String> words, int count) {
        List<String> some = token.some(purpose, words, count);
        shown(purpose, String.join(" ", some));
        return some;
    }

    /** For what is not to be shown. */
    Token token() {
        return token;
    }

    private <T> T shown(String purpose, T value) {
        System.out.println(name + ": " + purpose + " is to be " + value);
        return value;
    }

    /** Prints a line for the student. */
    public void show(String text) {
        System.out.println(text);
    }

    /** Says that all is done, and holds it so: until Enter, or until whoever looks from outside ends the program. */
    public void ready() {
        System.out.println("ready");
        System.out.flush();
        while (given != null) {
            LockSupport.park();
        }
        System.err.println("Look at process " + getpid() + " from another terminal, or let ./build.sh watch do it. Enter ends this.");
        try {
            for (int c = System.in.read(); c != '\n' && c != -1; c = System.in.read()) {}
        } catch (IOException e) {
            System.err.println("stdin cannot be read (" + e.getMessage() + "); going on");
        }
    }
}
