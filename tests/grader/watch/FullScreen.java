package grader.watch;

import static kit.Libc.SIGTSTP;

import java.io.IOError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import kit.Libc;
import org.jline.keymap.BindingReader;
import org.jline.keymap.KeyMap;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.ControlChar;
import org.jline.terminal.Attributes.InputFlag;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.Signals;

/**
 * A session on a terminal: one screenful, drawn anew where it has changed, on the terminal's second screen, so that the first one
 * is as it was when this ends. JLine's provider "exec" asks stty(1) for all that takes system calls, and needs no native library.
 *
 * <p>Two things follow from stty. The keys Ctrl-C, Ctrl-\ and Ctrl-Z come as keys, not as signals, for these would also end or stop
 * an stty that is just running. And a read sets the terminal's state first, so nobody may give that back while another thread reads:
 * only the thread of {@link #show} touches the terminal, and a signal's handler just notes that it came.
 */
final class FullScreen implements AutoCloseable {
    private static final int MILLIS = 150;

    private final Terminal terminal;
    private final Attributes before;
    private final Display display;
    private final KeyMap<String> keys;
    private final boolean colours = System.getenv("NO_COLOR") == null || System.getenv("NO_COLOR").isEmpty();
    private boolean entered;
    private volatile boolean redraw;
    /** The exit code, as a shell says it, when a signal has come that ends this; else 0. */
    private volatile int ended;

    private FullScreen(Terminal terminal) {
        this.terminal = terminal;
        before = terminal.getAttributes();
        display = new Display(terminal, true);
        keys = keys(terminal, before);
    }

    /** Takes the terminal that this program was started on; null if that cannot show a screenful. */
    static FullScreen take() {
        Terminal terminal;
        try {
            terminal = TerminalBuilder.builder().system(true).provider("exec").dumb(false).encoding(StandardCharsets.UTF_8).nativeSignals(true).build();
        } catch (IOException | IllegalStateException e) {
            return null;
        }
        if (terminal.getType().startsWith("dumb") || terminal.getStringCapability(Capability.cursor_address) == null) {
            closeQuietly(terminal);
            return null;
        }
        var screen = new FullScreen(terminal);
        Map.of("HUP", 129, "INT", 130, "TERM", 143).forEach((signal, code) -> Signals.register(signal, () -> screen.ended = code));
        terminal.handle(Terminal.Signal.WINCH, signal -> screen.redraw = true);
        screen.enter();
        return screen;
    }

    /** Shows the session and passes the keys, until one of them, or a signal, ends it; gives the exit code. */
    int show(Session session) throws IOException, InterruptedException {
        var reader = new BindingReader(terminal.reader());
        try {
            draw(session);
            while (ended == 0) {
                var key = key(reader);
                switch (key) {
                    case "interrupt" -> ended = 130;
                    case "quit" -> ended = 131;
                    case "suspend" -> suspend();
                    default -> {
                        if (!key.isEmpty() && !session.key(key)) return ended;
                    }
                }
                if (session.tick() | !key.isEmpty() | redraw) draw(session);
            }
        } catch (IOException | IOError e) {
            if (ended == 0) throw e; // else the signal has ended an stty too, or the terminal has gone
        }
        return ended;
    }

    /** The next key, or its name; empty if there is none for a while. */
    private String key(BindingReader reader) throws IOException {
        int key = terminal.reader().peek(MILLIS);
        if (key == -1) return "q"; // the terminal has gone
        if (key < 0) return "";
        var word = reader.readBinding(keys);
        return word == null ? "q" : word.isEmpty() ? reader.getLastBinding() : word;
    }

    private static KeyMap<String> keys(Terminal terminal, Attributes before) {
        var keys = new KeyMap<String>();
        keys.setUnicode("");
        keys.setNomatch("");
        keys.setAmbiguousTimeout(100);
        Map.of("interrupt", ControlChar.VINTR, "quit", ControlChar.VQUIT, "suspend", ControlChar.VSUSP).forEach((word, which) -> {
            int c = before.getControlChar(which);
            if (c > 0) keys.bind(word, String.valueOf((char) c)); // else this user has none
        });
        for (char c = ' '; c < 127; c++) keys.bind(String.valueOf(c), String.valueOf(c));
        keys.bind("enter", "\r", "\n");
        keys.bind("backspace", "\b", "\177");
        keys.bind("escape", "\033");
        Map.of("up", Capability.key_up, "down", Capability.key_down, "pageup", Capability.key_ppage, "pagedown", Capability.key_npage, "home", Capability.key_home, "end", Capability.key_end)
                .forEach((word, capability) -> keys.bind(word, KeyMap.key(terminal, capability)));
        keys.bind("up", "\033[A", "\033OA"); // whatever mode the keys are in
        keys.bind("down", "\033[B", "\033OB");
        return keys;
    }

    private void draw(Session session) {
        var size = terminal.getSize();
        int width = size.getColumns() > 0 ? size.getColumns() : 80, height = size.getRows() > 0 ? size.getRows() : 24;
        if (redraw) {
            redraw = false;
            display.clear();
            terminal.puts(Capability.clear_screen);
        }
        display.resize(height, width);
        display.update(lines(session, width - 1, height), -1);
        terminal.flush();
    }

    /** Two lines of header, the body as far as it fits, a status line and one of keys. */
    private List<AttributedString> lines(Session session, int width, int height) {
        var lines = new ArrayList<AttributedString>(Pages.header(session, width).lines(width));
        var foot = new Page().line(0, Page.Look.STRONG, Pages.status(session)).line(0, Page.Look.FAINT, Pages.keyLine(session)).lines(width);
        int room = Math.max(1, height - lines.size() - foot.size() - 2);
        var body = session.view == Session.View.LIST ? Table.window(session, room).lines(width) : Pages.body(session).lines(width);
        int most = Math.max(0, body.size() - room);
        session.scroll = Math.max(0, Math.min(most, session.scroll));
        lines.add(AttributedString.EMPTY);
        lines.addAll(body.subList(session.scroll, Math.min(body.size(), session.scroll + room)));
        while (lines.size() < height - foot.size() - 1) lines.add(AttributedString.EMPTY);
        lines.add(most == 0 ? AttributedString.EMPTY : new AttributedString("-- " + (session.scroll < most ? "more below: Down, Space" : "the end") + " --"));
        lines.addAll(foot);
        var shown = lines.subList(0, Math.min(lines.size(), height));
        return colours ? shown : shown.stream().map(line -> new AttributedString(line.toString())).toList();
    }

    // ---- the terminal's state ----

    private void enter() {
        terminal.setAttributes(raw());
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.cursor_invisible);
        terminal.flush();
        entered = true;
        redraw = true;
    }

    private void leave() {
        if (!entered) return;
        entered = false;
        try {
            terminal.puts(Capability.cursor_normal);
            terminal.puts(Capability.exit_ca_mode);
            terminal.flush();
            terminal.setAttributes(before);
        } catch (RuntimeException | IOError e) {
            // the terminal has gone
        }
    }

    /** Every key comes at once, as it is, and is not shown; VMIN and VTIME are as JLine sets them before it reads. */
    private Attributes raw() {
        var raw = new Attributes(before);
        raw.setLocalFlags(EnumSet.of(LocalFlag.ICANON, LocalFlag.ECHO, LocalFlag.IEXTEN, LocalFlag.ISIG), false);
        raw.setInputFlags(EnumSet.of(InputFlag.IXON, InputFlag.ICRNL, InputFlag.INLCR), false);
        raw.setControlChar(ControlChar.VMIN, 0);
        raw.setControlChar(ControlChar.VTIME, 1);
        return raw;
    }

    /** Ctrl-Z: gives the terminal back and stops with all of its job, as the terminal would have it; goes on when the shell says so. */
    private void suspend() throws InterruptedException {
        leave();
        Libc.kill(0, SIGTSTP);
        Thread.sleep(MILLIS); // it may be another thread that takes the signal first; and a job without a shell is not stopped
        enter();
    }

    private static void closeQuietly(Terminal terminal) {
        try {
            terminal.close();
        } catch (IOException | IOError e) {
            // then nobody looks at it any more
        }
    }

    @Override
    public void close() {
        leave();
        closeQuietly(terminal);
    }
}
