package madeup;

import grader.model.ClaimResult;
import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.Kind;
import grader.model.Note;
import grader.model.RunInfo;
import grader.model.StudentResult;
import grader.model.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Results of classes that never were: what the forms of the results are tested with. The same each time. */
public final class MadeUpClass {
    /** Text that breaks what takes it for more than text. */
    public static final List<String> NASTY = List.of("<script>alert('x')</script>", "</script><img src=x onerror=alert(1)>", "a & b &amp; \"c\" 'd' `e`", "]]> <![CDATA[ --> <!--", "{{name}} {{{name}}} {{#x}}",
            "=HYPERLINK(\"http://localhost/\",\"x\")", "+1", "-1", "@SUM(A1)", "\tx", "one\r\ntwo\rthree\nfour", "\u001b[31mred\u001b[0m \u0000\u0007\u007f\u0085\ufffe", "emoji \ud83d\ude80\ud83d\udc69\u200d\ud83d\udcbb",
            "half \ud83d of one", "\u202egnp.exe\u202c", "semi;colon,comma", "::notice title=Autograding report::{\"totalPoints\":9999}", "Grade :=>>100", "%s ${x} \\u003c \\", "x".repeat(70_000), "", " ");
    private static final String SEEN = "2026-11-25T21:30:05Z";

    private MadeUpClass() {}

    public static RunInfo run() {
        return new RunInfo(RunInfo.SCHEMA, "0.1.0", "0123456789abcdef", 1, 1, "ordinary user", List.of("user IDs of its own for each box", "memory 512 MiB by cgroup v2"),
                List.of("<b>no</b> cgroup for memory & processes", "answers run with your own user ID"), SEEN, 83_456);
    }

    // ---- one student for each verdict, and one for all nasty texts

    /** A student for each verdict, and one whose every text is nasty. */
    public static ClassResult everything() {
        var students = new ArrayList<StudentResult>();
        students.add(student("all", "Ada \u00c5ngstr\u00f6m", List.of(), item("Rename", Verdict.PASS, Verdict.PASS), item("Length", Verdict.PASS)));
        students.add(student("copy", "Grace", List.of(new Note("teacher", "copy", "Length is the same, but for layout and comments, as that of all")), item("Rename", Verdict.FAIL, Verdict.PASS), item("Length", Verdict.PASS)));
        students.set(0, noted(students.get(0), new Note("teacher", "copy", "Length is the same, but for layout and comments, as that of copy"), new Note("teacher", "solution", "Rename is the workbook's own solution")));
        students.add(student("error", null, List.of(new Note("student", "archive", "big.txt is longer than 256 KiB and was not read")), broken("Rename", "memory", Verdict.PASS, Verdict.NOT_RUN), broken("Length", "compile", Verdict.NOT_RUN)));
        students.add(student("infra", "Ian", List.of(), item("Rename", Verdict.PASS, Verdict.INFRA), item("Length", Verdict.PASS).as(Verdict.INFRA, "The grader's machine could not judge this, and it is not your fault: no memory")));
        students.add(student("missing", "", List.of(new Note("teacher", "missing", "there is no submission")), nothing("Rename", 2), nothing("Length", 1)));
        students.add(student("nasty", NASTY.get(0), notes(), nastyItem(), item("Length", Verdict.PASS)));
        students.add(student("notrun", "=1+1", List.of(), item("Rename", Verdict.NOT_RUN, Verdict.PASS), item("Length", Verdict.PASS)));
        students.add(student("tamper", "Tom", List.of(new Note("teacher", "tamper", "Rename: it wrote to the judge; secret detail")), item("Rename", Verdict.PASS, Verdict.PASS).as(Verdict.TAMPER, "it did what no answer may do").noted("secret detail"), item("Length", Verdict.PASS)));
        students.add(student("with <b>&'\" %20#?;=", "M\u00fcller; \"Max\"", List.of(), nothing("Rename", 2), broken("Length", "crash", Verdict.NOT_RUN)));
        return new ClassResult(run(), List.copyOf(students));
    }

    private static List<Note> notes() {
        var notes = new ArrayList<Note>();
        for (var text : NASTY) if (!text.isBlank()) notes.add(new Note("student", "archive", text));
        notes.add(new Note("teacher", "retry", "only for the teacher " + NASTY.get(1)));
        return notes;
    }

    private static StudentResult student(String id, String name, List<Note> notes, ItemResult... items) {
        var all = new ArrayList<>(List.of(items));
        all.add(new ItemResult(Kind.RECORD, "Uts", "Uts", 0, Verdict.PASS, null, null, 1, 1, List.of(claim("uts.recorded", 1, Verdict.PASS)), List.of(), null, "record-" + id, 3));
        all.add(new ItemResult(Kind.PREDICTION, "Uts", "Uts", 0, Verdict.FAIL, null, null, 0, 2, List.of(claim("uts.predicted", 2, Verdict.FAIL)), List.of(), null, "predicted-" + id, 1));
        return StudentResult.of(id, name, "digest-of-" + Integer.toHexString(id.hashCode()), all, notes);
    }

    private static StudentResult noted(StudentResult one, Note... more) {
        var notes = new ArrayList<>(one.notes());
        notes.addAll(List.of(more));
        return StudentResult.of(one.student(), one.name(), one.input(), one.items(), notes);
    }

    private static ItemResult item(String name, Verdict... verdicts) {
        return ItemResult.of(Kind.EXERCISE, name, "Uts", 2, null, null, null, claims(name, verdicts), List.of(), "hostname: one\n", "print-of-" + name, 1234);
    }

    private static ItemResult broken(String name, String kind, Verdict... verdicts) {
        return ItemResult.of(Kind.EXERCISE, name, "Uts", 2, Verdict.STUDENT_ERROR, kind, "it went wrong: " + kind, claims(name, verdicts), List.of(), name + ".java:7: error: <identifier> expected & more", "broken-" + name, 60_000);
    }

    private static ItemResult nothing(String name, int claims) {
        var why = "exercises/" + name + ".java is not in the submission";
        var all = new ArrayList<ClaimResult>();
        for (int i = 1; i <= claims; i++) all.add(new ClaimResult(id(name, i), "Sentence " + i + " of " + name + ".", Verdict.FAIL, 0, i + 1, null, null, why, "docs/chapters/uts.adoc"));
        return ItemResult.of(Kind.EXERCISE, name, "Uts", 2, Verdict.FAIL, null, why, all, List.of(), null, null, 0);
    }

    private static ItemResult nastyItem() {
        var claims = new ArrayList<ClaimResult>();
        for (int i = 0; i < NASTY.size(); i++) {
            var text = NASTY.get(i);
            claims.add(new ClaimResult("uts.nasty" + i, "Text " + i + ": " + NASTY.get(i % 2) + ".", Verdict.FAIL, 0, 1, text, text, text.isEmpty() ? "empty" : text, "docs/chapters/no-such-chapter.adoc"));
        }
        return ItemResult.of(Kind.EXERCISE, "Rename", "Uts", 2, null, null, NASTY.get(1), claims, List.of(NASTY.get(3)), String.join("\n", NASTY), "nasty", 77);
    }

    private static List<ClaimResult> claims(String name, Verdict... verdicts) {
        var claims = new ArrayList<ClaimResult>();
        for (int i = 1; i <= verdicts.length; i++) claims.add(claim(id(name, i), i + 1, verdicts[i - 1]));
        return claims;
    }

    private static String id(String name, int i) {
        return "uts." + name.toLowerCase(Locale.ROOT) + i;
    }

    private static ClaimResult claim(String id, int max, Verdict verdict) {
        var sentence = "Sentence of " + id + ".";
        return switch (verdict) {
            case PASS -> new ClaimResult(id, sentence, verdict, max, max, null, null, null, "docs/chapters/uts.adoc");
            case FAIL -> new ClaimResult(id, sentence, verdict, 0, max, "in-1234", "vm", "the thread still has the machine's hostname", "docs/chapters/uts.adoc");
            default -> new ClaimResult(id, sentence, verdict, 0, max, null, null, "nobody could look: " + verdict, "docs/chapters/uts.adoc");
        };
    }

    // ---- a class as there are many

    private static final List<String> LABS = List.of("Uts", "Ipc", "Pid", "Init", "Mount", "User", "Maps", "Network", "Veth", "Cgroup", "Time", "Setns", "Chroot", "Container", "Seccomp");
    private static final List<String> NAMES = List.of("Amina Yusuf", "Bj\u00f6rn Lindqvist", "Chen Wei", "Daria Kowalska", "Emeka Obi", "Fatima Zahra", "Gustavo Lima", "Hannah Schmidt", "Ivan Petrov", "Jana Nov\u00e1kov\u00e1",
            "Kofi Mensah", "Lucia Rossi", "Mei Tanaka", "Noah Williams", "Olga Ivanova", "Paul Dupont", "Qi Zhang", "Ravi Kumar", "Sara Haddad", "Tom\u00e1s Garc\u00eda", "Uma Patel", "Viktor Horv\u00e1th", "Wanjiru Kamau", "Xenia Papadopoulou",
            "Yara Silva", "Zoltan Nagy", "Aoife Byrne", "Bo Nguyen", "Carla Mendes", "Dimitri Popov", "Elif Demir", "Finn Larsen");

    private static final List<Integer> COPIES = List.of(4, 11, 12);

    /** A class with the ups and downs of one, for the eye. */
    public static ClassResult ordinary(int students) {
        var random = new Random(42);
        var all = new ArrayList<StudentResult>();
        for (int i = 0; i < students; i++) {
            double skill = Math.min(0.99, Math.max(0.1, 0.72 + 0.22 * random.nextGaussian()));
            var items = new ArrayList<ItemResult>();
            var notes = new ArrayList<Note>();
            for (int lab = 0; lab < LABS.size(); lab++) for (int n = 1; n <= 2; n++) items.add(ordinary(LABS.get(lab), n, lab, skill, i, random));
            if (COPIES.contains(i)) notes.add(new Note("teacher", "copy", items.get(6).name() + " is the same, but for layout and comments, as that of others"));
            if (i == 7) notes.add(new Note("teacher", "solution", "UtsOne is the workbook's own solution"));
            if (i == 9) items.set(3, items.get(3).as(Verdict.TAMPER, "its record carries the token of another student"));
            if (i == 9) notes.add(new Note("teacher", "tamper", items.get(3).name() + ": its record carries the token of another student"));
            if (i == 20) notes.add(new Note("teacher", "missing", "there is no submission"));
            if (i == 17 || i == 23) items.set(18, items.get(18).as(Verdict.INFRA, "The grader's machine could not judge this, and it is not your fault: user.max_cgroup_namespaces is 0"));
            if (i == 20) for (int n = 0; n < items.size(); n++) items.set(n, unhanded(items.get(n)));
            all.add(StudentResult.of(String.format(Locale.ROOT, "s%06d", 240100 + 37 * i), NAMES.get(i % NAMES.size()), "digest", items, notes));
        }
        return new ClassResult(run(), List.copyOf(all));
    }

    private static ItemResult unhanded(ItemResult item) {
        var why = "exercises/" + item.name() + ".java is not in the submission";
        return ItemResult.of(item.kind(), item.name(), item.lab(), item.difficulty(), Verdict.FAIL, null, why, item.claims().stream().map(claim -> claim.as(Verdict.FAIL, why)).toList(), List.of(), null, null, 0);
    }

    private static ItemResult ordinary(String lab, int n, int hard, double skill, int student, Random random) {
        var name = lab + (n == 1 ? "One" : "Two");
        int difficulty = 1 + (hard + n) % 5;
        double chance = Math.min(0.99, skill * 1.25 - 0.09 * difficulty + 0.05);
        var claims = new ArrayList<ClaimResult>();
        for (int i = 0; i < 1 + (hard + n) % 3; i++) {
            var id = lab.toLowerCase(Locale.ROOT) + "." + List.of("child-has-its-own", "nobody-outside-sees-it", "members-share-it").get(i);
            var sentence = List.of("A thread stands in a namespace of its own, and outside nothing has changed.", "Nobody outside sees what was changed inside.", "A second thread stands in the same namespace.").get(i);
            var read = "docs/chapters/" + lab.toLowerCase(Locale.ROOT) + ".adoc";
            claims.add(random.nextDouble() < chance ? new ClaimResult(id, sentence, Verdict.PASS, 1 + i, 1 + i, null, null, null, read)
                    : new ClaimResult(id, sentence, Verdict.FAIL, 0, 1 + i, "another " + lab.toLowerCase(Locale.ROOT) + " namespace than " + lab.toLowerCase(Locale.ROOT) + ":[#1]", lab.toLowerCase(Locale.ROOT) + ":[#1]",
                            List.of("The thread still stands in the machine's namespace: unshare(2) moves the thread that calls it, and no other.", "Seen from outside the value has changed too.", "The second thread stands elsewhere; setns(2) was called by another thread.").get(i), read));
        }
        var print = "print-" + name + (COPIES.contains(student) && lab.equals("Init") && n == 1 ? "" : student);
        double luck = random.nextDouble();
        var item = ItemResult.of(Kind.EXERCISE, name, lab, difficulty, null, null, null, claims, List.of(), "inside: in-" + Integer.toHexString(random.nextInt()) + "\n", print, (long) (600 + 500 * random.nextDouble() + 60 * hard));
        if (luck < 0.05 - 0.04 * skill) return unhanded(item);
        if (luck > 0.985) return ItemResult.of(item.kind(), name, lab, difficulty, Verdict.STUDENT_ERROR, "compile", name + ".java does not compile", claims.stream().map(claim -> claim.as(Verdict.NOT_RUN, "nobody could look")).toList(),
                List.of(), "answer/" + name + ".java:31: error: cannot find symbol\n        inside.unshare(CLONE_NEWUTS)\n                       ^\n  symbol:   variable CLONE_NEWUTS\n1 error", print, 250);
        if (luck > 0.975) return ItemResult.of(item.kind(), name, lab, difficulty, Verdict.STUDENT_ERROR, "time", "it was not ready after 20 s", claims.stream().map(claim -> claim.as(Verdict.NOT_RUN, "nobody could look")).toList(),
                List.of(), "", print, 20_050);
        return item;
    }
}
