package grader.judge;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives each test the run that it is to look at. Several judges look at the same time, each at its own. */
final class LiveParameter implements ParameterResolver {
    static final String KEY = "grader.live";
    static final Map<String, Live> LIVE = new ConcurrentHashMap<>();

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Live.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return LIVE.get(context.getConfigurationParameter(KEY).orElseThrow());
    }
}
