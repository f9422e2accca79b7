package kit.xray;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kit.*;

/**
 * Settles claims about containers by what their pictures show.
 *
 * @param host who started the lab
 * @param all the containers, in the order of their columns
 * @param place where those of the engines were made
 */
public record Comparison(Lab lab, Xray host, List<Subject> all, EnginePlace place) {

    /** A claim about all of these: what is expected of each, and what it shows. */
    public void claim(String id, List<Subject> those, Function<Subject, String> expected, Function<Subject, String> saw, Claim.Side... outside) {
        lab.claim(id, Stream.concat(Stream.of(Claim.inside(list(those, expected), list(those, saw))), Stream.of(outside)).toArray(Claim.Side[]::new));
    }

    /** A claim about engines: shown by a container of theirs, and by no other. */
    public void claim(String id, Function<Subject, String> expected, Function<Subject, String> saw, Engine... engines) {
        List<Subject> those = all.stream().filter(each -> Stream.of(engines).anyMatch(engine -> each.by(engine.program()))).toList();
        if (those.isEmpty()) {
            lab.cannot(id, place.refusals(engines));
        } else {
            claim(id, those, expected, saw);
        }
    }

    /** {@code chroot: recipe; pivoted: own, docker}. */
    public static String list(List<Subject> containers, Function<Subject, String> value) {
        Map<String, List<String>> names = new LinkedHashMap<>();
        containers.forEach(each -> names.computeIfAbsent(value.apply(each), key -> new ArrayList<>()).add(each.name()));
        return names.entrySet().stream().map(each -> each.getKey() + ": " + String.join(", ", each.getValue())).collect(Collectors.joining("; "));
    }
}
