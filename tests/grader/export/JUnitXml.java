package grader.export;

import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.Out;
import grader.model.StudentResult;
import grader.model.Verdict;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * junit.xml: a suite for each student, a case for each claim. An error is what the grader's machine failed at; all else that did not
 * pass is a failure, also what nobody could look at, for a skipped case would leave a build green. Points are properties of the suite.
 */
public final class JUnitXml implements Exporter {
    @Override
    public void write(ClassResult all, Plan plan, Roster roster, Out out) throws IOException {
        try {
            var document = DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument();
            var root = document.createElement("testsuites");
            document.appendChild(root);
            attributes(root, "name", "Linux namespaces");
            int[] sums = new int[3];
            for (var student : all.students()) {
                int[] counts = suite(root, student, all.run().time());
                for (int i = 0; i < 3; i++) sums[i] += counts[i];
            }
            attributes(root, "tests", sums[0], "failures", sums[1], "errors", sums[2], "time", seconds(all.run().millis()));
            out.write("junit.xml", text(document));
        } catch (ParserConfigurationException | TransformerException e) {
            throw new IOException(e);
        }
    }

    /** How many cases, failures and errors. */
    private static int[] suite(Element root, StudentResult student, String time) {
        var suite = child(root, "testsuite");
        attributes(suite, "name", student.student());
        var properties = child(suite, "properties");
        if (student.name() != null) attributes(child(properties, "property"), "name", "name", "value", student.name());
        if (student.points() != null) attributes(child(properties, "property"), "name", "points", "value", student.points());
        attributes(child(properties, "property"), "name", "max", "value", student.max());
        int[] counts = new int[3];
        for (var item : student.items()) {
            var first = true;
            for (var claim : Outcome.of(item)) {
                testcase(suite, item, claim, first);
                first = false;
                counts[0]++;
                if (claim.verdict() == Verdict.INFRA) counts[2]++;
                else if (!claim.passed()) counts[1]++;
            }
        }
        attributes(suite, "tests", counts[0], "failures", counts[1], "errors", counts[2], "skipped", 0,
                "time", seconds(student.items().stream().mapToLong(ItemResult::millis).sum()), "timestamp", time.replaceFirst("Z$", ""));
        return counts;
    }

    /** The time and the output of an item stand with its first claim. */
    private static void testcase(Element suite, ItemResult item, Outcome claim, boolean first) {
        var testcase = child(suite, "testcase");
        attributes(testcase, "name", claim.id() + ": " + claim.sentence(), "classname", Words.title(item), "time", seconds(first ? item.millis() : 0));
        if (!claim.passed()) {
            var fault = child(testcase, claim.verdict() == Verdict.INFRA ? "error" : "failure");
            attributes(fault, "type", claim.verdict(), "message", claim.reason() != null ? claim.reason() : Words.verdict(claim.verdict(), item.error()));
            fault.setTextContent(legal(claim.message(item)));
        }
        if (first && item.output() != null) child(testcase, "system-out").setTextContent(legal(item.output()));
    }

    private static Element child(Element parent, String name) {
        var child = parent.getOwnerDocument().createElement(name);
        parent.appendChild(child);
        return child;
    }

    private static void attributes(Element element, Object... pairs) {
        for (int i = 0; i < pairs.length; i += 2) element.setAttribute(pairs[i].toString(), legal(pairs[i + 1].toString()));
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.3f", millis / 1000.0);
    }

    /** XML 1.0 has no way to write some characters, not even escaped. */
    private static String legal(String text) {
        var kept = new StringBuilder(text.length());
        text.codePoints().forEach(c -> kept.appendCodePoint(c == '\t' || c == '\n' || c == '\r' || c >= 0x20 && c < 0xd800 || c >= 0xe000 && c < 0xfffe || c > 0xffff ? c : 0xfffd));
        return kept.toString();
    }

    private static String text(Document document) throws TransformerException {
        var transformer = TransformerFactory.newInstance().newTransformer();
        transformer.setOutputProperty(OutputKeys.INDENT, "yes");
        var text = new StringWriter();
        transformer.transform(new DOMSource(document), new StreamResult(text));
        return text.toString();
    }
}
