import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import outside.As;
import outside.Grader;
import outside.Home;
import outside.Ran;
import outside.Slurm;
import outside.Solutions;

/**
 * What lies ready in docs/teachers for more machines than one: the files themselves are run here, each shard as its platform
 * would start it, and what is merged has to be what one machine gives.
 */
@Timeout(1200)
@EnabledIf(value = "outside.Solutions#here", disabledReason = Solutions.MISSING)
@Tag("grader")
@DisplayName("Ready for teachers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TeachersTest {
    private static final As AS = As.TESTS_ARE_ROOT ? As.ROOT : As.ORDINARY_USER;
    private static final String WHAT = "Uts";
    private final Path teachers = Home.path().resolve("docs/teachers");
    private Path folder, submissions;
    private Map<String, String> one;

    /** A class of six with good, bad and missing answers, graded in one go. */
    @BeforeAll
    void grade() throws IOException {
        assumeTrue(AS.obstacle() == null, AS.obstacle());
        folder = Grader.folder(AS);
        submissions = folder.resolve("class");
        hand("ada", "tests/solutions/UtsRename.java");
        hand("bob", "labs/exercises/UtsRename.java");
        hand("cy", "tests/cheats/E11-compile/UtsRename.java");
        hand("dora", "tests/solutions/UtsLength.java");
        hand("eve", "tests/cheats/B2-fixed/UtsRename.java");
        Files.createDirectories(submissions.resolve("fay"));
        assertEquals(0, Grader.run(AS, 300, submissions.toString(), "--out", folder.resolve("one").toString(), "--only", WHAT).exit());
        one = Grader.results(folder.resolve("one"));
        assertTrue(one.get("grades.csv").lines().count() == 7, () -> one.get("grades.csv"));
    }

    private void hand(String student, String file) throws IOException {
        var from = Home.path().resolve(file);
        Files.copy(from, Files.createDirectories(submissions.resolve(student).resolve("exercises")).resolve(from.getFileName()));
    }

    private void merged(Path parts, String out) throws IOException {
        var words = new ArrayList<>(List.of("merge", "--out", folder.resolve(out).toString()));
        for (var part : Ran.names(parts).toList()) words.add(parts.resolve(part).toString());
        var ran = Grader.run(AS, 120, words.toArray(String[]::new));
        assertEquals(0, ran.exit(), ran::toString);
        assertEquals(one, Grader.results(folder.resolve(out)));
    }

    @Test
    @DisplayName("slurm.sh grades as an array of four jobs, and does a shard again whose results were lost")
    void slurm() throws Exception {
        assumeTrue(Slurm.obstacle() == null, Slurm.obstacle());
        var parts = folder.resolve("slurm");
        try (var cluster = new Slurm(Files.createDirectory(folder.resolve("cluster")))) {
            array(cluster, "1-4", parts);
            assertEquals(List.of("shard-1", "shard-2", "shard-3", "shard-4"), Ran.names(parts).sorted().toList());
            Ran.command("rm", "-r", parts.resolve("shard-3").toString()).okay();
            array(cluster, "3", parts);
        }
        merged(parts, "slurm-class");
    }

    private void array(Slurm cluster, String tasks, Path parts) throws IOException {
        var ran = cluster.command(600, "sbatch", "--wait", "--array=" + tasks, "--output=" + folder.resolve("slurm-%a.log"), teachers.resolve("slurm.sh").toString(), "4", submissions.toString(), parts.toString(), "--only", WHAT);
        var logs = new StringBuilder();
        for (var log : Ran.names(folder).filter(name -> name.startsWith("slurm-") && name.endsWith(".log")).sorted().toList()) logs.append(Files.readString(folder.resolve(log)));
        assertEquals(0, ran.exit(), () -> ran + "\n" + logs + cluster.command(10, "scontrol", "show", "jobs").stdout());
    }

    @Test
    @DisplayName("kubernetes.yaml grades as an Indexed Job, one shard in each pod")
    void kubernetes() throws IOException {
        var job = new ObjectMapper(new YAMLFactory()).readTree(teachers.resolve("kubernetes.yaml").toFile());
        assertEquals("batch/v1 Job Indexed", job.path("apiVersion").asText() + " " + job.path("kind").asText() + " " + job.at("/spec/completionMode").asText());
        int completions = job.at("/spec/completions").asInt();
        var container = job.at("/spec/template/spec/containers/0");
        var environment = new HashMap<String, String>();
        for (var each : container.path("env")) environment.put(each.path("name").asText(), each.path("value").asText());
        assertEquals("" + completions, environment.get("SHARDS"), "as many pods as shards");
        environment.put("SUBMISSIONS", submissions.toString());
        environment.put("OUT", folder.resolve("pods").toString());
        for (int index = 0; index < completions; index++) {
            environment.put("JOB_COMPLETION_INDEX", "" + index);
            var line = new ArrayList<String>();
            for (var words : List.of(container.path("command"), container.path("args"))) for (var word : words) line.add(word.asText());
            var ran = start(Home.path(), environment, line);
            assertEquals(0, ran.exit(), ran::toString);
        }
        merged(folder.resolve("pods"), "pods-class");
    }

    @Test
    @DisplayName("github-actions.yml grades as a matrix, and merges")
    void github() throws IOException {
        var flow = new ObjectMapper(new YAMLFactory()).readTree(teachers.resolve("github-actions.yml").toFile());
        var here = Files.createDirectory(folder.resolve("repository"));
        Files.createSymbolicLink(here.resolve("workbook"), Home.path());
        Ran.command("cp", "-R", submissions.toString(), here.resolve("submissions").toString()).okay();
        var environment = new HashMap<String, String>();
        flow.path("env").fields().forEachRemaining(each -> environment.put(each.getKey(), each.getValue().asText()));
        environment.put("PATH", sudo(here.resolve("bin")) + ":" + System.getenv("PATH"));
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        var matrix = flow.at("/jobs/grade/strategy/matrix/shard");
        assertEquals(environment.get("SHARDS"), "" + matrix.size(), "as many machines as shards");
        for (var shard : matrix) {
            var ran = start(here, environment, List.of("bash", "-e", "-c", step(flow, "grade").replace("${{ matrix.shard }}", shard.asText())));
            assertEquals(0, ran.exit(), ran::toString);
        }
        var ran = start(here, environment, List.of("bash", "-e", "-c", step(flow, "merge")));
        assertEquals(0, ran.exit(), ran::toString);
        assertEquals(one, Grader.results(here.resolve("class")));
    }

    private static String step(JsonNode flow, String job) {
        for (var step : flow.at("/jobs/" + job + "/steps")) if (step.has("run")) return step.path("run").asText();
        throw new AssertionError(job + " has no step that runs anything");
    }

    /** A sudo for where there is none: the tests are root, or stay who they are. */
    private static Path sudo(Path folder) throws IOException {
        var file = Files.createDirectory(folder).resolve("sudo");
        Files.writeString(file, "#!/bin/sh\nexec env \"$@\"\n");
        assertTrue(file.toFile().setExecutable(true));
        return folder;
    }

    @Test
    @DisplayName("gradescope/run_autograder grades one submission")
    void gradescope() throws IOException {
        assumeTrue(Ran.has("jq"), "jq is not installed");
        assertEquals(Map.of("ada", "PASS", "bob", "FAIL", "cy", "STUDENT_ERROR"), Map.of("ada", autograder("ada"), "bob", autograder("bob"), "cy", autograder("cy")));
    }

    /** The verdict of the result.json behind the file that Gradescope reads, whose score has to be the same. */
    private String autograder(String student) throws IOException {
        var here = Files.createDirectory(folder.resolve("gradescope-" + student));
        var email = student + "@example.org";
        Files.createDirectories(here.resolve("source"));
        Files.createDirectory(here.resolve("results"));
        Files.createSymbolicLink(here.resolve("source/workbook"), Home.path());
        Files.copy(teachers.resolve("gradescope/options"), here.resolve("source/options"));
        Ran.command("cp", "-R", submissions.resolve(student).toString(), here.resolve("submission").toString()).okay();
        Files.writeString(here.resolve("submission_metadata.json"), "{\"id\": 1, \"users\": [{\"email\": \"" + email + "\", \"id\": 7, \"name\": \"A Student\"}]}");
        var ran = start(here, Map.of("AUTOGRADER", here.toString()), List.of(teachers.resolve("gradescope/run_autograder").toString()));
        assertEquals(0, ran.exit(), ran::toString);
        var json = new ObjectMapper();
        var told = json.readTree(here.resolve("results/results.json").toFile());
        var result = json.readTree(here.resolve("graded/students/" + email + "/result.json").toFile());
        var points = new TreeMap<String, Integer>();
        for (var item : result.path("items")) points.put(item.path("name").asText(), item.path("points").asInt());
        double sum = 0;
        for (var test : told.path("tests")) sum += test.path("score").asDouble();
        assertEquals(points.values().stream().mapToInt(each -> each).sum(), sum, told::toString);
        for (var item : result.path("items")) if (item.path("name").asText().equals("UtsRename")) return item.path("verdict").asText();
        throw new AssertionError(result.toString());
    }

    private static Ran start(Path directory, Map<String, String> environment, List<String> line) {
        var builder = new ProcessBuilder(line).directory(directory.toFile());
        builder.environment().putAll(environment);
        return Ran.run(builder, "", 600);
    }
}
