package outside;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names the claims that a test method verifies from outside. ClaimsTest fails for a claim that nothing verifies. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Verifies {
    /** Claim ids, such as {@code uts.child-renames-itself}. */
    String[] value();
}
