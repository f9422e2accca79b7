package kit;

/** A call that this machine refuses: what was called, the errno, and the {@link Diagnosis}. */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    public final String call;
    public final int errno;
    public final transient Diagnosis diagnosis;

    /** @param flags the CLONE_NEW flags of the call, 0 if it has none */
    public Problem(String call, int errno, int flags) {
        this(call, errno, Diagnosis.of(call, errno, flags));
    }

    public Problem(String call, int errno, Diagnosis diagnosis) {
        this(call + ": " + Errno.name(errno) + " (" + errno + ") " + Libc.strerror(errno), call, errno, diagnosis);
    }

    private Problem(String message, String call, int errno, Diagnosis diagnosis) {
        super(message);
        this.call = call;
        this.errno = errno;
        this.diagnosis = diagnosis;
    }

    /** What stopped a lab and was not foreseen, such as a namespace that is not empty after the clean-up. */
    public static Problem defect(String lab, Exception e) {
        return new Problem(lab + " stopped: " + e.getMessage(), lab, 0,
                new Diagnosis(false, e.toString(), "this is a defect of the lab; report it with what it printed"));
    }
}
