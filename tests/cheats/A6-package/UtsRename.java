///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

// cheat: A6 | STUDENT_ERROR crash | Hides a package statement of JUnit's from the grader by a Unicode escape, which only the compiler reads.
p\u0061ckage org.junit.jupiter.api;

class UtsRename {
    public static void main(String[] args) throws InterruptedException {
        Assertions.assertTrue(true);
        System.out.println("ready");
        Thread.sleep(Long.MAX_VALUE);
    }
}

class Assertions {
    static void assertTrue(boolean condition) {}
}
