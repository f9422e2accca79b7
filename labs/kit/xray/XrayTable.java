package kit.xray;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import kit.*;

/** X-rays beside each other: a line for each thing that makes a container, a column for each process. */
public final class XrayTable {
    private final Xray host;
    private final Map<String, Xray> pictures;

    /** @param host what the others are compared with; it gets the first column */
    public XrayTable(Xray host, Map<String, Xray> pictures) {
        this.host = host;
        this.pictures = new LinkedHashMap<>(Map.of("host", host));
        this.pictures.putAll(pictures);
    }

    /** Shows the table, and after it what does not fit into a cell. */
    public void show(Lab lab) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(new ArrayList<>(List.of("")));
        lines.get(0).addAll(pictures.keySet());
        for (Namespace type : Namespace.values()) {
            line(lines, type.proc + " namespace", xray -> xray == host ? "-" : xray.against(host, type));
        }
        line(lines, "root directory by", Xray::root);
        line(lines, "PID inside", xray -> xray.status("NSpid").replaceFirst(".* ", ""));
        line(lines, "PID 1 there is", Xray::init);
        line(lines, "root there is uid", xray -> xray.rootIs("uid_map"));
        line(lines, "root there is gid", xray -> xray.rootIs("gid_map"));
        for (String set : Capability.SETS) {
            line(lines, set, xray -> count(Capability.names(xray.capabilities(set)).size(), "none"));
        }
        line(lines, "no_new_privs", xray -> xray.status("NoNewPrivs"));
        line(lines, "seccomp", Xray::seccomp);
        line(lines, "security label", Xray::label);
        line(lines, "cgroup", xray -> xray == host ? "-" : xray.cgroups().equals(host.cgroups()) ? "shared" : "apart");
        line(lines, "masked paths", xray -> xray.showsMounts() ? count(xray.masked().size(), "none") : Xray.UNKNOWN);
        line(lines, "read-only paths", xray -> xray.showsMounts() ? count(xray.readOnly().size(), "none") : Xray.UNKNOWN);
        line(lines, "rlimits changed", xray -> xray == host ? "-" : count(xray.limitsUnlike(host).size(), "none"));
        line(lines, "oom_score_adj", xray -> xray.file("oom_score_adj"));
        int[] widths = new int[pictures.size() + 1];
        lines.forEach(cells -> {
            for (int i = 0; i < cells.size(); i++) {
                widths[i] = Math.max(widths[i], cells.get(i).length());
            }
        });
        lines.forEach(cells -> {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < cells.size(); i++) {
                text.append(String.format("%-" + widths[i] + "s  ", cells.get(i)));
            }
            lab.show(text.toString().stripTrailing());
        });
        lab.show("");
        list(lab, "capabilities (CapBnd)", xray -> Capability.mask(Capability.NAMES) == xray.capabilities("CapBnd") ? List.of("all")
                : shorter(Capability.names(xray.capabilities("CapBnd"))));
        list(lab, "cgroup", xray -> xray.cgroups().entrySet().stream().collect(Collectors.groupingBy(Map.Entry::getValue, LinkedHashMap::new,
                Collectors.mapping(Map.Entry::getKey, Collectors.joining(",")))).entrySet().stream().map(e -> e.getKey() + " (" + e.getValue() + ")").toList());
        list(lab, "masked", Xray::masked);
        list(lab, "read-only", Xray::readOnly);
        list(lab, "rlimits, soft/hard", xray -> xray == host ? List.of() : xray.limitsUnlike(host));
    }

    private void line(List<List<String>> lines, String title, Function<Xray, String> cell) {
        List<String> cells = new ArrayList<>(List.of(title));
        pictures.values().forEach(xray -> cells.add(cell.apply(xray)));
        lines.add(cells);
    }

    private static String count(int number, String none) {
        return number == 0 ? none : String.valueOf(number);
    }

    /** All but the missing ones, if that says it in fewer words. */
    private static List<String> shorter(List<String> names) {
        List<String> missing = new ArrayList<>(Capability.names(Capability.all()));
        missing.removeAll(names);
        return missing.size() < names.size() ? List.of("all but " + String.join(" ", missing)) : names;
    }

    /** Long values, each once, with who has it. */
    private void list(Lab lab, String title, Function<Xray, List<String>> values) {
        Map<List<String>, List<String>> who = new LinkedHashMap<>();
        pictures.forEach((name, xray) -> who.computeIfAbsent(values.apply(xray), key -> new ArrayList<>()).add(name));
        who.remove(List.of());
        who.forEach((value, names) -> lab.show(title + " of " + String.join(", ", names) + ": " + String.join(" ", value)));
    }
}
