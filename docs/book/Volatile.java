package book;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes out of a captured output what differs from run to run, so that the same experiment always gives the same text: the
 * numbers of namespaces, processes and mounts, times, sizes. Equal numbers stay equal, and different ones different.
 *
 * <p>What differs is found by running twice. What two runs may have in common by accident is known by its form.
 */
final class Volatile {
    private static final Pattern WORD = Pattern.compile("0x[0-9a-f]+|\\d+:\\d\\d(?::\\d\\d)?(?!\\d)|\\d+(?:\\.\\d+)*|[A-Za-z]+");
    private static final Pattern NAMESPACE = Pattern.compile("402653\\d{4}");
    /** The namespaces that a machine starts with have the same numbers everywhere; linux/nsfs.h. */
    private static final Pattern INITIAL = Pattern.compile("402653183\\d");
    /** What stands before the number of a namespace where its type is told. */
    private static final Pattern TYPE = Pattern.compile("[a-z]+:\\[$");
    /** What stands before a number that the kernel gives to a mount or a peer group, the lowest that is free. */
    private static final Pattern MOUNT = Pattern.compile("(?:shared:|master:|propagate_from:|mount ID )$");

    private static final Pattern TIME = Pattern.compile("\\d+:\\d\\d(:\\d\\d)?");
    /** What stands behind a number of threads, of lines of a ps(1) or of the ids that one sees, which two runs may share and a third not. */
    private static final Pattern COUNT = Pattern.compile("^ ids\"|^ (?:threads|lines)\\b(?!.*\\[[a-z]+\\.[a-z0-9-]+]\\n)"); // not in a claim

    private static final Pattern MEASURED = Pattern.compile("\\d+\\.\\d{3,}");

    private final Map<String, String> names = new HashMap<>();
    private int namespaces, mounts, counts, others;

    private Volatile() {}

    /** What both runs have in common, or null where they differ in more than numbers. */
    static String settle(String first, String second) {
        return new Volatile().common(plain(first), plain(second));
    }

    /** What is another on each machine, although no two runs on this one differ in it. */
    private static String plain(String text) {
        return text.replaceAll("(?<=Linux |kernel {17})(\\d+\\.\\d+)\\.\\d+[\\w.+~-]*", "$1").replaceAll("(?<=\\buid {1,20})\\d{3,}", "1000")
                .replaceAll("(?m)^( *)\\d+ \\d+ \\d+:\\d+ (?=/)", "$1101 100 0:9 ") // the numbers in a line of mountinfo
                .replaceAll("(?s)(?<=\nThis machine\n).*?(?=\nClean-up\n)", "") // of the lab Tree: whatever else runs here
                .replaceAll("(?m)^(  PID 1 there is +)\\w+", "$1init") // outside: whatever this machine was started with
                .replaceAll("/[\\w-]+/[0-9a-f]{32}\\b", "/jobs/7") // the cgroup into which a machine has put this program
                .replaceAll("\\bhostname-[0-9a-f]{8}\\b", "hostname-1a2b3c4d") // what a judge asks an exercise for
                .replaceAll("\\b20\\d\\d-\\d\\d-\\d\\d\\b", "2026-11-24")
                .replaceAll("\\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d]\\d (\\d\\d:\\d\\d:\\d\\d \\w+) 20\\d\\d\\b", "Tue Nov 24 $1 2026")
                .replaceAll("(?m)^(  device:inode of / +)\\d+(:1) +(?=\\d)", "$1" + "100$2" + " ".repeat(28)) // that of a file system in memory
                .replaceAll("(?m)^(  /etc/subuid).*$", "$1")
                .replaceAll("(?m)^(  JDK +\\d+)\\S* in \\S+$", "$1").replaceAll("(?m)^(  max\\. \\w+ namespaces +)\\d+$", "$1" + "60000");
    }

    private String common(String first, String second) {
        List<MatchResult> one = words(first), two = words(second);
        if (one.size() != two.size() || !shape(first).equals(shape(second))) {
            return null;
        }
        var text = new StringBuilder();
        int end = 0;
        for (int i = 0; i < one.size(); i++) {
            String word = one.get(i).group(), other = two.get(i).group();
            boolean number = Character.isDigit(word.charAt(0));
            if (!word.equals(other) && !(number && Character.isDigit(other.charAt(0)))) {
                return null;
            }
            text.append(first, end, one.get(i).start());
            boolean mount = MOUNT.matcher(text).find(), count = COUNT.matcher(first.substring(one.get(i).end())).find();
            text.append(!number ? word : NAMESPACE.matcher(word).matches() ? namespace(word, text) : name(word, mount, count, MEASURED.matcher(word).matches() || !word.equals(other)));
            end = one.get(i).end();
        }
        return text.append(first.substring(end)).toString();
    }

    private String name(String number, boolean mount, boolean count, boolean differs) {
        if (TIME.matcher(number).matches()) {
            return number.length() > 5 ? "12:00:00" : "12:00";
        }
        if (mount) {
            return names.computeIfAbsent("mount " + number, none -> String.valueOf(101 + mounts++));
        }
        if (count) {
            return names.computeIfAbsent("count " + number, none -> String.valueOf(20 + counts++));
        }
        return !differs ? number : names.computeIfAbsent(number, none -> number.startsWith("0x")
                ? "0x%08x".formatted(0x1001 + others++) : number.contains(".") ? "1.23" : String.valueOf(1001 + others++));
    }

    /**
     * The name of a namespace's number. The kernel gives the number of one that is gone to the next, of whatever type: so those of
     * two types are two, although they may have been equal. Where no type is told, as by lsns(8), it is that of the last one with this number.
     */
    private String namespace(String number, CharSequence before) {
        if (INITIAL.matcher(number).matches()) return number;
        Matcher type = TYPE.matcher(before);
        boolean typed = type.find();
        String key = typed ? type.group() + number : number, like = typed ? number : "last " + number;
        if (!names.containsKey(key)) names.put(key, names.containsKey(like) ? names.get(like) : String.valueOf(4026532001L + namespaces++));
        if (typed) names.put("last " + number, names.get(key));
        return names.get(key);
    }

    private static List<MatchResult> words(String text) {
        List<MatchResult> words = new ArrayList<>();
        for (Matcher word = WORD.matcher(text); word.find(); ) {
            words.add(word.toMatchResult());
        }
        return words;
    }

    /** What stands between the words; a column may be wider or narrower by the length of a number. */
    private static String shape(String text) {
        return WORD.matcher(text).replaceAll("").replaceAll("[ \\t]+", " ");
    }
}
