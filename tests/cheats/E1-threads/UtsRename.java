///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import java.util.concurrent.locks.LockSupport;
import kit.*;

// cheat: E1 | STUDENT_ERROR pids | Makes threads without end.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            while (true) {
                Thread thread = new Thread(LockSupport::park);
                thread.setDaemon(true);
                try {
                    thread.start();
                } catch (OutOfMemoryError e) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
        });
    }
}
