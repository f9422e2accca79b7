package kit;

import com.grack.nanojson.JsonStringWriter;
import com.grack.nanojson.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;

/** A lab's output as data; the schema is docs/record.schema.json. */
final class Record {
    private Record() {}

    static String of(Lab lab, Outcome outcome, long millis) {
        JsonStringWriter json = JsonWriter.indent("  ").string().object()
                .value("schema", "namespace-labs/record/1")
                .value("lab", lab.name)
                .value("version", Lab.VERSION)
                .value("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                .object("machine")
                .value("kernel", Machine.kernel())
                .value("arch", Machine.arch())
                .value("jdk", System.getProperty("java.version"))
                .value("uid", Rootless.outerUid())
                .value("privilege", lab.privilege())
                .value("cgroup", Machine.cgroupVersion())
                .end()
                .value("student", lab.options.student)
                .value("token", lab.token.toString())
                .array("claims");
        for (Claim.Result result : outcome.results()) {
            json.object();
            claim(json, result.claim());
            json.object("expected");
            result.sides().forEach(side -> json.value(side.name(), side.expected()));
            json.end().object("saw");
            result.sides().forEach(side -> json.value(side.name(), side.saw()));
            json.end().value("holds", result.holds());
            if (result.reason() != null) {
                json.value("reason", result.reason());
            }
            json.end();
        }
        json.end().value("verdict", outcome.verdict());
        Problem problem = outcome.problem();
        if (problem == null) {
            json.nul("error");
        } else {
            json.object("error").value("call", problem.call).value("errno", problem.errno)
                    .value("name", Errno.name(problem.errno)).value("message", Libc.strerror(problem.errno))
                    .value("cause", problem.diagnosis.cause()).value("remedy", problem.diagnosis.remedy()).end();
        }
        return json.value("duration_ms", millis).end().done();
    }

    /** The table of claims, as {@code --claims} prints it. */
    static String claims(Collection<Claim> claims) {
        JsonStringWriter json = JsonWriter.indent("  ").string().array();
        for (Claim claim : claims) {
            json.object();
            claim(json, claim);
            json.end();
        }
        return json.end().done();
    }

    private static void claim(JsonStringWriter json, Claim claim) {
        json.value("id", claim.id()).array("rows", claim.rows()).value("sentence", claim.sentence());
    }

    /** Writes the file whole or not at all. */
    static void write(Path dir, String lab, String json) throws IOException {
        Path temporary = dir.resolve("." + lab + ".json." + ProcessHandle.current().pid());
        try {
            Files.writeString(temporary, json + "\n");
            Files.move(temporary, dir.resolve(lab + ".json"), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
