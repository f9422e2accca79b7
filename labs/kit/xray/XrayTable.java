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
    private static final int WIDTH = 98;

    private final Lab lab;
    private final Xray host;
    private final Map<String, Xray> pictures = new LinkedHashMap<>();
    private final List<List<String>> lines = new ArrayList<>();

    /** @param host what the others are compared with; it gets the first column */
    public XrayTable(Lab lab, Xray host, List<Subject> others) {
        this.lab = lab;
        this.host = host;
        pictures.put("host", host);
        others.forEach(each -> pictures.put(each.name(), each.picture()));
        lines.add(new ArrayList<>(List.of("")));
        lines.get(0).addAll(pictures.keySet());
    }

    /** Shows the table, and after it what does not fit into a cell. */
    public void show() {
        line("program", xray -> xray.status("Name"));
        for (Namespace type : Namespace.values()) {
            compare(type.proc + " namespace", xray -> xray.against(host, type));
        }
        compare("root directory", Xray::root);
        line("PID inside", Xray::innerPid);
        line("PID 1 there is", Xray::init);
        line("root there is uid", xray -> xray.rootIs("uid_map"));
        line("root there is gid", xray -> xray.rootIs("gid_map"));
        for (String set : Capability.SETS) {
            line(set, xray -> count(Capability.names(xray.capabilities(set))));
        }
        line("no_new_privs", xray -> xray.status("NoNewPrivs"));
        line("seccomp", Xray::seccomp);
        line("security label", xray -> xray.label().equals("none") ? "none" : xray == host ? "-" : xray.against(host));
        compare("cgroup", xray -> xray.cgroup(host));
        line("masked paths", xray -> xray.showsMounts() ? count(xray.masked()) : Xray.UNKNOWN);
        line("read-only paths", xray -> xray.showsMounts() ? count(xray.readOnly()) : Xray.UNKNOWN);
        compare("rlimits changed", xray -> count(xray.limitsUnlike(host)));
        line("oom_score_adj", xray -> xray.file("oom_score_adj"));
        print();
        lab.step("In full", "");
        for (String map : List.of("uid_map", "gid_map")) {
            list(map, xray -> xray.ids(map).equals(host.ids(map)) ? List.of() : xray.ids(map));
        }
        list("CapBnd", xray -> shorter(Capability.names(xray.capabilities("CapBnd"))));
        list("security label", xray -> xray.label().equals("none") ? List.of() : List.of(xray.label()));
        list("cgroup", xray -> xray.cgroups().entrySet().stream().collect(Collectors.groupingBy(Map.Entry::getValue, LinkedHashMap::new,
                Collectors.mapping(Map.Entry::getKey, Collectors.joining(" ")))).entrySet().stream().map(each -> each.getKey() + " (" + each.getValue() + ")").toList());
        list("masked", Xray::masked);
        list("read-only", Xray::readOnly);
        list("rlimits, soft/hard", xray -> xray.limitsUnlike(host));
    }

    private void line(String title, Function<Xray, String> cell) {
        List<String> cells = new ArrayList<>(List.of(title));
        pictures.values().forEach(xray -> cells.add(cell.apply(xray)));
        lines.add(cells);
    }

    /** A line about the others in comparison with the host. */
    private void compare(String title, Function<Xray, String> cell) {
        line(title, xray -> xray == host ? "-" : cell.apply(xray));
    }

    private void print() {
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
    }

    private static String count(List<String> values) {
        return values.isEmpty() ? "none" : String.valueOf(values.size());
    }

    /** All but the missing ones, if that says it in fewer words. */
    private static List<String> shorter(List<String> names) {
        List<String> missing = new ArrayList<>(Capability.names(Capability.all()));
        missing.removeAll(names);
        return missing.isEmpty() ? List.of("all") : missing.size() < names.size() ? List.of("all but " + String.join(", ", missing)) : names;
    }

    /** Long values, each once, with who has it. */
    private void list(String title, Function<Xray, List<String>> values) {
        Map<List<String>, List<String>> who = new LinkedHashMap<>();
        pictures.forEach((name, xray) -> who.computeIfAbsent(values.apply(xray), key -> new ArrayList<>()).add(name));
        who.remove(List.of());
        who.forEach((value, names) -> wrap(title + " of " + String.join(", ", names) + ": " + String.join(", ", value)));
    }

    private void wrap(String text) {
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ")) {
            if (line.length() + word.length() > WIDTH) {
                lab.show(line.toString().stripTrailing());
                line = new StringBuilder("    ");
            }
            line.append(word).append(' ');
        }
        lab.show(line.toString().stripTrailing());
    }
}
