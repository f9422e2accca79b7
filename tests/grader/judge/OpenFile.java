package grader.judge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import outside.Proc;

/**
 * A file that a process has open.
 *
 * @param path where it is: /proc/PID/fd/N
 * @param link what /proc calls it, such as {@code uts:[4026532178]}
 */
public record OpenFile(Path path, String link, boolean directory) {
    private static final String LIST = "for file in \"$0\"/*; do if [ -d \"$file\" ]; then kind=d; else kind=-; fi; echo \"$file $kind $(readlink \"$file\")\"; done";

    long pid() {
        return Long.parseLong(path.getName(1).toString());
    }

    static List<OpenFile> of(Live live, Proc process) {
        var folder = process.folder().resolve("fd");
        var all = new ArrayList<OpenFile>();
        if (Files.isReadable(folder)) {
            try (var files = Files.list(folder)) {
                for (var file : files.toList()) {
                    try {
                        all.add(new OpenFile(file, Files.readSymbolicLink(file).toString(), Files.isDirectory(file)));
                    } catch (IOException closed) {
                        // meanwhile
                    }
                }
            } catch (IOException ended) {
                // meanwhile
            }
        } else { // it runs with a subordinate ID, and this judge is no root
            for (var line : live.asOwner("sh", "-c", LIST, folder.toString()).stdout().lines().toList()) {
                var words = line.split(" ", 3);
                if (words.length == 3 && !words[2].isEmpty()) all.add(new OpenFile(Path.of(words[0]), words[2], words[1].equals("d")));
            }
        }
        return all;
    }
}
