///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

// cheat: A6 | FAIL | Brings classes with the names of the test framework, the kit and the judge, which say yes to everything.
class UtsRename {
    public static void main(String[] args) throws InterruptedException {
        new Exercise().ready();
    }
}

class Exercise {
    void ready() throws InterruptedException {
        Assertions.assertTrue(false);
        System.out.println(new Live().hostname() + "\nready");
        Thread.sleep(Long.MAX_VALUE);
    }
}

class Assertions {
    static void assertTrue(boolean condition) {}

    static void assertEquals(Object expected, Object actual) {}
}

class Live {
    String hostname() {
        return "hostname-1a2b3c4d";
    }
}

class UtsRenameCheck {
    void renamed(Live live) {}
}
