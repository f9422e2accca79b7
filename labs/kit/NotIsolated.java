package kit;

/** The kernel said that a namespace was made, and the links in /proc say that it was not. */
public final class NotIsolated extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NotIsolated(String message) {
        super(message);
    }

    /** Throws unless the link that a call should have changed has changed. */
    public static void unlessDifferent(String call, String before, String after) {
        if (before.equals(after)) {
            throw new NotIsolated(call + " reported success, but the namespace is still " + after);
        }
    }
}
