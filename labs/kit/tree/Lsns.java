package kit.tree;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kit.*;

/** What lsns(8) of util-linux lists. It ends with 1 if a process ends while it reads about it: then it is asked again. */
public final class Lsns {
    private Lsns() {}

    /** Of each namespace also the process with the lowest PID. */
    public static final String COLUMNS = "NS,TYPE,NPROCS,PID,UID,COMMAND";

    /** What it should say in these columns of a namespace whose processes are all this user's. */
    public static String line(NamespaceTree.Node node, int uid) {
        int pid = node.processes().firstKey();
        return String.format("%s %s %d %d %d %s", inode(node.link()), node.type(), node.processes().size(), pid, uid, Proc.read("/proc/" + pid + "/cmdline").replace('\0', ' ').strip());
    }

    /** Its name for a namespace. */
    public static String inode(String link) {
        return link.replaceAll("\\D", "");
    }

    /** The lines of these columns, such as "NS,TYPE", with one space between two. Empty if it cannot list anything. */
    public static List<String> lines(Caller caller, String columns, String... options) {
        Output answer = null;
        for (int i = 0; i < 20 && (answer == null || answer.status() != 0); i++) {
            answer = caller.command("PATH=$PATH:/usr/sbin:/sbin exec lsns --noheadings --list --output " + columns + " " + String.join(" ", options));
        }
        return answer.text().lines().map(line -> line.strip().replaceAll(" +", " ")).toList();
    }

    /** Which it is: {@code 2.38.1}. */
    public static String version(Caller caller) {
        return caller.sh("PATH=$PATH:/usr/sbin:/sbin exec lsns --version").replaceFirst(".* ", "");
    }

    /** Whether that is the given version or a newer one. */
    public static boolean since(String version, int major, int minor) {
        Matcher parts = Pattern.compile("(\\d+)\\.(\\d+).*").matcher(version);
        return parts.matches() && Arrays.compare(new int[] {Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2))}, new int[] {major, minor}) >= 0;
    }
}
