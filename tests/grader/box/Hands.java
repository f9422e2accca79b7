package grader.box;

import com.sun.jna.Function;
import com.sun.jna.LastErrorException;
import kit.Problem;
import kit.Puppet;

/** Who makes system calls: a thread of this JVM, or a child that obeys it. */
interface Hands {
    /** Makes one: its errno, 0 for success. */
    int attempt(String function, Object... arguments);

    /** A path of theirs as this JVM finds it. */
    String seen(String path);

    /** Makes one that must succeed. */
    default void call(String function, Object... arguments) {
        int errno = attempt(function, arguments);
        if (errno != 0) throw new Problem(function + "(" + java.util.Arrays.toString(arguments).replaceAll("^\\[|]$", "") + ")", errno, 0);
    }

    /** The calling thread. */
    Hands OWN = new Hands() {
        @Override
        public int attempt(String function, Object... arguments) {
            try {
                Function.getFunction("c", function, Function.THROW_LAST_ERROR).invokeInt(arguments);
                return 0;
            } catch (LastErrorException e) {
                return e.getErrorCode();
            }
        }

        @Override
        public String seen(String path) {
            return path; // asked on the thread itself
        }
    };

    static Hands of(Puppet puppet) {
        return new Hands() {
            @Override
            public int attempt(String function, Object... arguments) {
                return puppet.attempt(function, arguments);
            }

            @Override
            public String seen(String path) {
                return "/proc/" + puppet.pid() + "/root" + path;
            }
        };
    }
}
