package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class UtsNestedCheck extends Check {
    @Test
    @Verifies("uts.later-change-outside")
    void copied(Live live) {
        live.apart("uts");
        var names = hostnames(live);
        assertTrue(names.containsValue(live.value("second")), () -> "None of your UTS namespaces has the second name: " + names.values() + ".");
        assertTrue(names.containsValue(live.value("first")), () -> "None of your UTS namespaces has kept the first name: " + names.values() + ".");
        live.unchanged();
    }

    @Test
    @Verifies("uts.domain-name-too")
    void domain(Live live) {
        live.apart("uts");
        var names = hostnames(live);
        var inner = names.keySet().stream().filter(task -> names.get(task).equals(live.value("first"))).findFirst()
                .orElseThrow(() -> new AssertionError("There is no UTS namespace with the first name, so none where to look for the domain name."));
        assertEquals(live.value("domain"), domainname(live, inner), "The NIS domain name where the hostname is " + live.value("first") + " is wrong");
        for (var task : names.keySet()) {
            if (task != inner) assertTrue(!domainname(live, task).equals(live.value("domain")), () -> "The domain name is also there where the hostname is " + names.get(task) + ".");
        }
    }

    /** One task of each of the answer's UTS namespaces, and the hostname there. */
    private static Map<Proc, String> hostnames(Live live) {
        var seen = new HashSet<String>();
        var names = new LinkedHashMap<Proc, String>();
        live.allApart("uts").stream().filter(task -> seen.add(task.identity("uts"))).limit(8).forEach(task -> names.put(task, live.hostname(task)));
        return names;
    }

    /** The file in /proc/sys shows the name of whoever reads it. */
    private static String domainname(Live live, Proc task) {
        return live.enter(task, "uts").text("cat", "/proc/sys/kernel/domainname");
    }

    @Override
    public List<String> hints() {
        return List.of("A thread starts where the thread stands that makes it. What does unshare(2) copy into the new namespace, and when?",
                "outer.another(\"inner\") starts inner where outer stands. They share the name until inner calls unshare(2).",
                "The order is: first name, inner, its unshare(2), second name.",
                "setdomainname(domain, domain.length()), on the thread inner.");
    }

    @Override
    public String hint(Live live) {
        var names = hostnames(live);
        return names.size() == 1 ? "Your threads have one UTS namespace besides that of main, with the hostname " + names.values().iterator().next() + "; it takes two." : null;
    }

    @Override
    public String explanation() {
        return """
            unshare(CLONE_NEWUTS) copies both names, hostname and NIS domain name, at the moment of the call. From then on the two
            namespaces have nothing to do with each other: there is no parent, and no change passes in either direction.""";
    }
}
