///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: A3 | STUDENT_ERROR crash | Throws what a test framework takes for an assumption that does not hold.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            exercise.show(name);
            throw new TestAbortedException();
        });
    }

    static class TestAbortedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        TestAbortedException() {
            super("Assumption failed: assumption is not true");
        }
    }
}
