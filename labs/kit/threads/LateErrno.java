package kit.threads;

import com.sun.jna.LastErrorException;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.File;
import java.util.List;
import kit.*;

/** What becomes of errno, a variable of each thread, when Java asks for it later; errno(3). */
public final class LateErrno {
    private LateErrno() {}

    /** Lets a call fail, then Java look for a file that is not there: the errno in the exception, and the one that the variable has by then. */
    public static List<String> after(Errno.Call fails, String missing) throws Exception {
        Pointer errno = (Pointer) NativeLibrary.getInstance("c").getFunction("__errno_location").invoke(Pointer.class, new Object[0]);
        int taken = 0;
        try {
            fails.run();
        } catch (LastErrorException e) {
            taken = e.getErrorCode();
        }
        new File(missing).length();
        return List.of(Errno.name(taken), Errno.name(errno.getInt(0)));
    }
}
