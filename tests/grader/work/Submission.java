package grader.work;

import grader.judge.Answer;
import grader.model.Note;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a student has handed in, in memory. Nothing of it is ever unpacked to a disk.
 *
 * @param files text and other small files, by their path in the submission
 * @param links symbolic links, and where they point
 * @param rejected why nothing of it is graded, such as an archive with a bad entry; null if it is
 */
public record Submission(String student, Map<String, byte[]> files, Map<String, String> links, List<Note> notes, String rejected) {
    public static final int MOST_BYTES = 256 << 10, MOST_FILES = 500;

    /** Nobody has handed in anything. */
    static Submission none(String student) {
        return new Submission(student, Map.of(), Map.of(), List.of(new Note("teacher", "missing", "there is no submission")), null);
    }

    static Submission rejected(String student, String why) {
        return new Submission(student, Map.of(), Map.of(), List.of(new Note("teacher", "archive", why), new Note("student", "archive", why)), why);
    }

    /** Where a file may lie: {@code exercises/X}, {@code labs/exercises/X} or X, in the submission or in one folder in it. Null if it is not there. */
    public String find(String folder, String name) {
        for (var at : List.of(folder + "/" + name, "labs/" + folder + "/" + name, name))
            for (var path : new TreeMap<>(all()).keySet())
                if (path.equals(at) || path.indexOf('/') > 0 && path.substring(path.indexOf('/') + 1).equals(at)) return path;
        return null;
    }

    /** A file that is called nearly so: in another case, or with something after the name. */
    public String nearly(String name) {
        var like = Pattern.compile("(?i)" + Pattern.quote(name) + "(?![A-Za-z0-9]).*");
        return all().keySet().stream().filter(path -> like.matcher(path.substring(path.lastIndexOf('/') + 1)).matches()).sorted().findFirst().orElse(null);
    }

    private Map<String, Object> all() {
        var all = new TreeMap<String, Object>(files);
        all.putAll(links);
        return all;
    }

    /** Another one for other contents. */
    public String digest() {
        var all = new ByteArrayOutputStream();
        new TreeMap<>(files).forEach((path, bytes) -> {
            all.writeBytes((path + "\0" + bytes.length + "\0").getBytes());
            all.writeBytes(bytes);
        });
        all.writeBytes((new TreeMap<>(links) + "\0" + rejected).getBytes());
        return Answer.digest(all.toByteArray());
    }
}
