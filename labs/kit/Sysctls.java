package kit;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Limits in files below /proc/sys that belong to the namespace of whoever opens the file; proc_sys(5). */
public final class Sysctls {
    private Sysctls() {}

    /** Settles a claim: values, by the names of the files in a directory, are written inside, and the files read on both sides. */
    public static void claim(Lab lab, String id, String dir, Map<String, String> values, Caller inside, Caller outside) {
        SortedMap<String, String> wanted = new TreeMap<>(values);
        String before = outside.call(() -> read(dir, wanted));
        for (String file : wanted.keySet()) {
            String errno = inside.errno(() -> Proc.write(dir + file, wanted.get(file)));
            if (errno.equals("EROFS")) {
                lab.cannot(id, dir + file + " is read-only (EROFS), as in a container; run outside of the container");
                return;
            } else if (errno.equals("EACCES")) {
                lab.cannot(id, "this kernel (" + Machine.kernel() + ") lets only the machine's root write " + dir + file
                        + " (EACCES), as older ones do; run as root");
                return;
            }
        }
        lab.claim(id, Claim.inside(String.join(", ", wanted.values()), inside.call(() -> read(dir, wanted))),
                Claim.outside(before, outside.call(() -> read(dir, wanted))));
    }

    private static String read(String dir, SortedMap<String, String> files) {
        return files.keySet().stream().map(file -> Proc.read(dir + file).replace('\t', ' ')).collect(Collectors.joining(", "));
    }
}
