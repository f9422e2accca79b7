package book;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.hunspell.Dictionary;
import org.apache.lucene.analysis.hunspell.Hunspell;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.jsoup.Jsoup;

/** The spelling of what a reader reads, by a dictionary of English and docs/words.txt, the field's own words. Code is not read. */
final class Spelling {
    private static final String DICTIONARY = "/META-INF/resources/webjars/typo-js/1.2.1/dictionaries/en_US/en_US.";
    private static final Pattern WORD = Pattern.compile("\\p{L}+(?:['’]\\p{L}+)*");
    /** What is no prose: a path, a flag, a call, a name with a digit or a capital inside. */
    private static final Pattern NAME = Pattern.compile("\\S*[/_=@\\d]\\S*|\\S+\\(\\S*|\\S*\\.\\w+\\S*|\\S*\\p{Ll}\\p{Lu}\\S*|\\P{L}*\\p{Lu}{2,}\\S*|--?\\p{L}\\S*");

    private final Hunspell english;
    private final Set<String> words;

    Spelling(Path wordList) throws IOException {
        try (InputStream affixes = Spelling.class.getResourceAsStream(DICTIONARY + "aff"); InputStream stems = Spelling.class.getResourceAsStream(DICTIONARY + "dic");
                var scratch = new ByteBuffersDirectory()) {
            english = new Hunspell(new Dictionary(scratch, "en", affixes, stems));
        } catch (ParseException e) {
            throw new IOException(e);
        }
        words = Set.copyOf(Files.readAllLines(wordList));
    }

    /** Adds a problem for each word that neither list knows, at the first line of the chapter that has it. */
    void check(List<Page> pages, Problems problems) {
        for (Page page : pages) {
            var body = Jsoup.parseBodyFragment(page.body());
            body.select("pre, code, kbd, svg, .mark, .man").remove();
            var unknown = new TreeSet<String>();
            for (String text : body.text().split("\\s+")) {
                if (!NAME.matcher(text).matches()) {
                    WORD.matcher(text).results().map(word -> word.group().replace('’', '\'')).filter(word -> !known(word)).forEach(unknown::add);
                }
            }
            Path file = page.chapter().file();
            for (String word : unknown) {
                problems.add(file, Check.line(file, word), "spelling: \"" + word + "\"; correct it, or add it to docs/words.txt");
            }
        }
    }

    private boolean known(String word) {
        String stem = word.replaceFirst("'s?$", ""), one = stem.replaceFirst("s$", "").toLowerCase(Locale.ROOT);
        return words.contains(stem.toLowerCase(Locale.ROOT)) || words.contains(one) || stem.length() < 2 || english.spell(stem);
    }
}
