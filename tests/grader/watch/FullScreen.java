package grader.watch;

import static kit.Libc.SIGSTOP;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kit.Libc;
import org.jline.keymap.BindingReader;
import org.jline.keymap.KeyMap;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;

/**
 * A session on a terminal: one screenful, drawn anew where it has changed, on the terminal's second screen, so that the first one
 * is as it was when this ends. JLine's provider "exec" asks stty(1) for all that takes system calls, and needs no native library.
 */
final class FullScreen implements AutoCloseable {
    private static final int MILLIS = 150;

    private final Terminal terminal;
    private final Attributes before;
    private final Display display;
    private final KeyMap<String> keys;
    private final boolean colours = System.getenv("NO_COLOR") == null || System.getenv("NO_COLOR").isEmpty();
    private final Thread hook = new Thread(this::leave);
    private boolean entered;
    private volatile boolean redraw;

    private FullScreen(Terminal terminal) {
        this.terminal = terminal;
        before = terminal.getAttributes();
        display = new Display(terminal, true);
        keys = keys(terminal);
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
        // JLine has given the signals of the keyboard their first meaning back, which runs no hook.
        terminal.handle(Terminal.Signal.INT, signal -> screen.exit(130));
        terminal.handle(Terminal.Signal.QUIT, signal -> screen.exit(131));
        terminal.handle(Terminal.Signal.WINCH, signal -> screen.redraw = true);
        terminal.handle(Terminal.Signal.TSTP, signal -> screen.suspend());
        Runtime.getRuntime().addShutdownHook(screen.hook);
        screen.enter();
        return screen;
    }

    /** Shows the session and passes the keys, until one of them ends it. */
    void show(Session session) throws IOException {
        var reader = new BindingReader(terminal.reader());
        draw(session);
        while (true) {
            int key = terminal.reader().peek(MILLIS);
            if (key == -1) return; // the terminal has gone
            boolean news = false;
            if (key >= 0) {
                var word = reader.readBinding(keys);
                if (word == null || !session.key(word.isEmpty() ? reader.getLastBinding() : word)) return;
                news = true;
            }
            if (session.tick() | news | redraw) draw(session);
        }
    }

    private static KeyMap<String> keys(Terminal terminal) {
        var keys = new KeyMap<String>();
        keys.setUnicode("");
        keys.setNomatch("");
        keys.setAmbiguousTimeout(100);
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

    private synchronized void draw(Session session) {
        if (!entered) return;
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

    private synchronized void enter() {
        terminal.enterRawMode();
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.cursor_invisible);
        terminal.flush();
        entered = true;
        redraw = true;
    }

    private synchronized void leave() {
        if (!entered) return;
        entered = false;
        try {
            terminal.puts(Capability.cursor_normal);
            terminal.puts(Capability.exit_ca_mode);
            terminal.flush();
            terminal.setAttributes(before);
        } catch (RuntimeException | java.io.IOError e) {
            // the terminal has gone
        }
    }

    /** Ctrl-Z: stops as other programs do, and goes on when the shell says so. */
    private void suspend() {
        leave();
        Libc.kill(Libc.getpid(), SIGSTOP);
        enter();
    }

    private void exit(int code) {
        new Thread(() -> { // a handler must not wait for what the hooks wait for
            leave(); // JLine has a hook of its own, which closes the terminal, and nobody knows which hook comes first
            System.exit(code);
        }).start();
    }

    private static void closeQuietly(Terminal terminal) {
        try {
            terminal.close();
        } catch (IOException | java.io.IOError e) {
            // then nobody looks at it any more
        }
    }

    @Override
    public void close() {
        leave();
        closeQuietly(terminal);
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // it is running
        }
    }
}
