package outside;

import java.util.ArrayList;
import java.util.List;

/**
 * One line of /proc/PID/mountinfo. Source: proc_pid_mountinfo(5); the tags: mount_namespaces(7).
 *
 * @param tags the optional fields: {@code shared:N}, {@code master:N}, {@code propagate_from:N}, {@code unbindable}; empty when private
 */
public record Mount(int id, int parent, String device, String root, String point, String options, List<String> tags,
        String type, String source, String superOptions) {

    static Mount parse(String line) {
        var fields = line.split(" ");
        var tags = new ArrayList<String>();
        int at = 6;
        while (!fields[at].equals("-")) tags.add(fields[at++]);
        return new Mount(Integer.parseInt(fields[0]), Integer.parseInt(fields[1]), fields[2], plain(fields[3]), plain(fields[4]),
                fields[5], List.copyOf(tags), fields[at + 1], plain(fields[at + 2]), fields.length > at + 3 ? fields[at + 3] : "");
    }

    /** No tag: nothing propagates to it or from it. */
    public boolean isPrivate() {
        return tags.isEmpty();
    }

    /** The number of its peer group, or -1. */
    public int peerGroup() {
        return number("shared:");
    }

    /** The number of the peer group that it receives from, or -1. */
    public int master() {
        return number("master:");
    }

    private int number(String tag) {
        return tags.stream().filter(t -> t.startsWith(tag)).mapToInt(t -> Integer.parseInt(t.substring(tag.length()))).findFirst().orElse(-1);
    }

    /** The kernel writes space, tab, newline and backslash as three octal digits. */
    private static String plain(String escaped) {
        return escaped.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\");
    }
}
