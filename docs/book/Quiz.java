package book;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.asciidoctor.ast.ContentModel;
import org.asciidoctor.ast.StructuralNode;
import org.asciidoctor.extension.BlockProcessor;
import org.asciidoctor.extension.Contexts;
import org.asciidoctor.extension.Name;
import org.asciidoctor.extension.Reader;

/**
 * A question in the middle of the text, with an explanation for each answer, the wrong ones too:
 *
 * <pre>
 * [quiz]
 * ====
 * What does each side print?
 *
 * inside:
 * (x) its own name | sethostname(2) changed the UTS namespace that it stands in.
 * ( ) the machine's | That was so before sethostname(2).
 *
 * outside:
 * …
 * ====
 * </pre>
 *
 * <p>A line with a colon at its end begins another group of answers; a quiz of one group needs none. Exactly one answer of
 * a group is right. On the page the reader chooses; without a script, and on paper, the answers stand below the question.
 */
@Name("quiz")
@Contexts(Contexts.EXAMPLE)
@ContentModel(ContentModel.RAW)
final class Quiz extends BlockProcessor {
    private record Answer(boolean right, String text, String why) {}

    private record Group(String name, List<Answer> answers) {}

    private final Macros.Context context;
    private int number;

    Quiz(Macros.Context context) {
        this.context = context;
    }

    @Override
    public Object process(StructuralNode parent, Reader reader, Map<String, Object> attributes) {
        List<String> question = new ArrayList<>();
        List<Group> groups = new ArrayList<>();
        List<String> lines = reader.readLines();
        Path file = Path.of(parent.getDocument().getAttribute("docfile").toString());
        Consumer<String> problem = message -> context.problems().add(file, Check.line(file, lines.isEmpty() ? "[quiz]" : lines.get(0)), message);
        for (String line : lines) {
            String text = line.strip();
            if (text.startsWith("( ) ") || text.startsWith("(x) ")) {
                if (groups.isEmpty()) {
                    groups.add(new Group("", new ArrayList<>()));
                }
                String[] cells = text.substring(4).split("\\s+\\|\\s+", 2);
                groups.get(groups.size() - 1).answers().add(new Answer(text.startsWith("(x)"), cells[0], cells.length > 1 ? cells[1] : ""));
            } else if (text.endsWith(":") && !question.isEmpty() && !text.contains(" ")) {
                groups.add(new Group(text.substring(0, text.length() - 1), new ArrayList<>()));
            } else if (groups.isEmpty()) {
                question.add(line);
            } else if (!text.isEmpty()) {
                problem.accept("quiz: a line that is no answer: " + text);
            }
        }
        check(problem, groups);
        number++;
        if (parent.getDocument().isBasebackend("html") && !parent.getDocument().getAttribute("backend", "").toString().startsWith("epub")) {
            return createBlock(parent, "pass", page(parent, String.join("\n", question).strip(), groups), new HashMap<>(), new HashMap<>());
        }
        var block = createBlock(parent, "open", "", new HashMap<>(Map.of("role", "quiz")), new HashMap<>(Map.of("content_model", ":compound")));
        parseContent(block, paper(question, groups));
        return block;
    }

    private static void check(Consumer<String> problem, List<Group> groups) {
        if (groups.isEmpty()) {
            problem.accept("quiz: it has no answers");
        }
        for (Group group : groups) {
            if (group.answers().size() < 2 || group.answers().stream().filter(Answer::right).count() != 1) {
                problem.accept(("quiz: " + group.name()).strip() + " needs two answers or more, and one of them right");
            }
            group.answers().stream().filter(answer -> answer.why().isBlank()).forEach(answer ->
                    problem.accept("quiz: no explanation for the answer: " + answer.text()));
        }
    }

    private String page(StructuralNode parent, String question, List<Group> groups) {
        String id = parent.getDocument().getAttribute("quiz-prefix", "quiz") + "-quiz-" + number;
        var html = new StringBuilder("<form class=\"quiz\" id=\"" + id + "\"><div class=\"question\"><strong>Question.</strong> "
                + inline(parent, question) + "</div>\n");
        for (int i = 0; i < groups.size(); i++) {
            Group group = groups.get(i);
            html.append("<fieldset><legend" + (group.name().isEmpty() ? " class=\"unseen\">Your answer" : ">" + inline(parent, group.name())) + "</legend>\n");
            for (Answer answer : group.answers()) {
                html.append("<label><input type=\"radio\" name=\"").append(id).append('-').append(i).append("\" data-right=\"")
                        .append(answer.right()).append("\"><span>").append(inline(parent, answer.text())).append("</span></label>\n<p class=\"why\">")
                        .append(answer.right() ? "<strong>Right.</strong> " : "<strong>No.</strong> ").append(inline(parent, answer.why())).append("</p>\n");
            }
            html.append("</fieldset>\n");
        }
        return html.append("<p class=\"result\" role=\"status\"></p></form>").toString();
    }

    private String inline(StructuralNode parent, String text) {
        return createBlock(parent, "paragraph", text, new HashMap<>(), new HashMap<>(Map.of("subs", ":default"))).getContent().toString();
    }

    private static List<String> paper(List<String> question, List<Group> groups) {
        List<String> lines = new ArrayList<>(List.of("*Question.*"));
        lines.addAll(question);
        for (Group group : groups) {
            lines.add("");
            if (!group.name().isEmpty()) {
                lines.add("_" + group.name() + "_:");
                lines.add("");
            }
            for (Answer answer : group.answers()) {
                lines.add("* " + answer.text() + " -- " + (answer.right() ? "*Right.* " : "*No.* ") + answer.why());
            }
        }
        return lines;
    }
}
