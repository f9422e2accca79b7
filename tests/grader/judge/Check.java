package grader.judge;

import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Looks from outside whether an answer to an exercise has made its claims true. A subclass NAMECheck has JUnit tests with a
 * parameter {@link Live} and {@code @Verifies("claim.id")}; they run in the judge, while the answer lives in its box.
 */
@ExtendWith(SubjectParameter.class)
public abstract class Check {
    /** What helps, a little more each time; the last one nearly is the answer. */
    public abstract List<String> hints();

    /** What the kernel shows right now that helps, such as: your child stands in the same UTS namespace as before. Null if nothing. */
    public String hint(Live live) {
        return null;
    }

    /** What there is to understand, for who has solved it. */
    public abstract String explanation();

    /** The check of an exercise. */
    public static Class<? extends Check> of(String exercise) {
        try {
            return Class.forName("grader.checks." + exercise + "Check").asSubclass(Check.class);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException("tests/grader/checks/" + exercise + "Check.java is not there", e);
        }
    }

    /** The same, to ask for hints. */
    public static Check make(String exercise) {
        try {
            var constructor = of(exercise).getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
