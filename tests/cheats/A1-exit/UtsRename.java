///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

// cheat: A1 | STUDENT_ERROR ended | Ends the JVM with success before anybody could look.
class UtsRename {
    public static void main(String[] args) {
        System.out.println("Tests run: 2, Failures: 0");
        System.exit(0);
    }
}
