package grader.judge;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives each test what it is to look at: a run, or a record. Several judges look at the same time, each at its own. */
public final class SubjectParameter implements ParameterResolver {
    static final String KEY = "grader.subject";
    static final Map<String, Object> SUBJECTS = new ConcurrentHashMap<>();

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType().isInstance(subject(context));
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return subject(context);
    }

    private static Object subject(ExtensionContext context) {
        return SUBJECTS.get(context.getConfigurationParameter(KEY).orElseThrow());
    }
}
