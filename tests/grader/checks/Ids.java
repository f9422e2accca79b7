package grader.checks;

import grader.judge.Live;
import java.util.List;
import java.util.stream.Collectors;
import outside.Proc;

/** The ids of an answer's processes as the answer knows them: the judge, who reads the same files, sees those of the machine. */
final class Ids {
    private Ids() {}

    /** A process's uid_map or gid_map, told as the answer reads it: {@code 0 1000 1}; its lines separated by a comma. */
    static String map(Live live, Proc task, String file) {
        return ranges(task, file).stream().map(range -> range.inside() + " " + inBox(live, range.outside(), file) + " " + range.count())
                .collect(Collectors.joining(", "));
    }

    /** The uid (uid_map) or gid (gid_map) that the answer was started with. */
    static long own(Live live, String file) {
        var init = live.init();
        return inBox(live, (file.equals("uid_map") ? init.uids() : init.gids()).get(0), file);
    }

    private static List<Proc.IdRange> ranges(Proc task, String file) {
        return file.equals("uid_map") ? task.uidMap() : task.gidMap();
    }

    private static long inBox(Live live, long outside, String file) {
        return ranges(live.init(), file).stream().filter(range -> range.outside() <= outside && outside < range.outside() + range.count())
                .map(range -> range.inside() + outside - range.outside()).findFirst().orElse(65534L);
    }
}
