///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import java.util.List;
import java.util.Map;
import kit.*;

// cheat: E3 | STUDENT_ERROR compile | Keeps the compiler busy for ever.
class UtsRename {
    static <T> T same(T value) {
        return value;
    }

    static <T> List<T> two(T a, T b) {
        return List.of(a, b);
    }

    static <A, B> Map<A, B> map(A a, B b) {
        return Map.of(a, b);
    }

    public static void main(String[] args) {
        var x = map(two(1, "a"), map(two(1, "a"), map(two(1, "a"), map(two(1, "a"), map(two(1, "a"), map(two(1, "a"), map(two(1, "a"), map(two(1, "a"), map(two(1, "a"), map(two(1, "a"), map(two(1, "a"), map(two(1, "a"), map(two(1, "a"), map(two(1, "a"), 1))))))))))))));
        Object y = two(map(1, "x"), two("y", two(map(1, "x"), two("y", two(map(1, "x"), two("y", two(map(1, "x"), two("y", two(map(1, "x"), two("y", two(map(1, "x"), two("y", two(map(1, "x"), two("y", two(map(1, "x"), two("y", two(map(1, "x"), two("y", two(map(1, "x"), two("y", two(map(1, "x"), two("y", two(map(1, "x"), two("y", 1))))))))))))))))))))))));
        new Exercise("UtsRename").main(args, exercise -> exercise.show("" + x + y));
    }
}
