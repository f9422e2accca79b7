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
        super(call + ": " + Errno.name(errno) + " (" + errno + ") " + Libc.strerror(errno));
        this.call = call;
        this.errno = errno;
        this.diagnosis = diagnosis;
    }
}
