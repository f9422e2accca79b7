package outside;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;

/** What lsns(8) of util-linux lists. It ends with 1 when a process ends while it reads about it: then it is asked again. */
public final class Lsns {
    private Lsns() {}

    /** The lines of these columns, such as "NS,TYPE", with one space between two. */
    public static List<String> lines(String columns, String... options) {
        assumeTrue(Ran.has("lsns"), "lsns(8) is not installed");
        var command = new ArrayList<>(List.of("lsns", "--noheadings", "--list", "--output", columns));
        command.addAll(List.of(options));
        var ran = Ran.command(command.toArray(String[]::new));
        for (int i = 0; ran.exit() != 0 && i < 20; i++) ran = Ran.command(command.toArray(String[]::new));
        return ran.text().lines().map(line -> line.strip().replaceAll(" +", " ")).toList();
    }

    /** Its name for a namespace. */
    public static String inode(String link) {
        return link.replaceAll("\\D", "");
    }
}
