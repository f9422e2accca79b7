package kit;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Gives signals that come to this JVM to somebody else. Java has no public class for it; of sun.misc.Signal, which every
 * JVM has, the compiler warns at each use, so it is called by name.
 */
public final class Signals {
    private Signals() {}

    /** The signals by which a user or a system ends, wakes or resizes a program. SIGQUIT and SIGUSR2 are the JVM's own. */
    private static final List<String> NAMES = List.of("HUP", "INT", "TERM", "USR1", "CONT", "WINCH");

    /** From now on this is told the number of each such signal, and nothing else happens. */
    public static void forward(IntConsumer to) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal"), handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    to.accept((int) signal.getMethod("getNumber").invoke(arguments[0]));
                }
                return null;
            });
            for (String name : NAMES) {
                signal.getMethod("handle", signal, handler).invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
