package grader.box;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import kit.Libc;

/** Compiles answers, each content once for all workers, in a {@link JavacServer} in a box of its own. */
public final class Compiler implements AutoCloseable {
    /**
     * What came of it.
     *
     * @param jar the classes; null if there are none, and then {@code text} says why
     */
    public record Compiled(byte[] jar, String text) {}

    private static final int MOST_CLASSES = 500, MOST_BYTES = 8 << 20;
    private static final ConcurrentHashMap<String, Compiled> DONE = new ConcurrentHashMap<>();

    private final Boxes boxes;
    private final List<String> java;
    private final String classPath;
    private Box box;
    private int served;

    /**
     * @param boxes only for this: its answer directory holds the server
     * @param java the command line of a JVM without its class path
     * @param classPath what an answer may use: the labs and their libraries
     */
    public Compiler(Boxes boxes, List<String> java, String classPath) throws IOException {
        this.boxes = boxes;
        this.java = java;
        this.classPath = classPath;
        Path to = Files.createDirectories(boxes.answer.resolve("grader/box"));
        for (Class<?> each : withNested(JavacServer.class)) {
            String name = each.getName().replaceFirst(".*\\.", "") + ".class";
            try (InputStream in = JavacServer.class.getResourceAsStream(name)) {
                Files.write(to.resolve(name), in.readAllBytes());
            }
        }
    }

    private static List<Class<?>> withNested(Class<?> type) {
        List<Class<?>> all = new ArrayList<>(List.of(type));
        for (Class<?> nested : type.getDeclaredClasses()) all.addAll(withNested(nested));
        return all;
    }

    /** Compiles a source for this Java release. An answer that breaks the compiler gets a new one for the next. */
    public synchronized Compiled compile(String name, String source, int release) {
        String key = name + "\n" + release + "\n" + source;
        Compiled known = DONE.get(key);
        if (known == null) {
            known = ask(name, source, release);
            DONE.put(key, known);
        }
        return known;
    }

    private Compiled ask(String name, String source, int release) {
        if (box == null || served++ > 500) restart();
        try {
            byte[] text = source.getBytes(StandardCharsets.UTF_8);
            var request = new ByteArrayOutputStream();
            var data = new DataOutputStream(request);
            data.writeByte(1);
            data.writeInt(text.length);
            data.writeUTF(name);
            data.writeUTF(String.valueOf(release));
            data.write(text);
            byte[] bytes = request.toByteArray();
            for (int sent = 0; sent < bytes.length; ) {
                byte[] piece = Arrays.copyOfRange(bytes, sent, Math.min(bytes.length, sent + 4096)); // a pipe takes it or blocks; the server reads
                sent += (int) Libc.write(box.stdin(), piece, piece.length);
            }
            DataInputStream in = new DataInputStream(new Answer(box.stdout(), System.nanoTime() + Limits.patience(Limits.WALL_MILLIS) * 1_000_000));
            boolean done = in.readBoolean();
            String said = new String(in.readNBytes(Math.min(in.readInt(), 20_000)), StandardCharsets.UTF_8);
            int count = in.readInt();
            if (count > MOST_CLASSES) throw new IOException("more than " + MOST_CLASSES + " classes");
            Map<String, byte[]> classes = new LinkedHashMap<>();
            long total = 0;
            for (int i = 0; i < count; i++) {
                String type = in.readUTF();
                int length = in.readInt();
                total += length;
                if (length < 0 || total > MOST_BYTES) throw new IOException("more than " + (MOST_BYTES >> 20) + " MiB of classes");
                classes.put(type, in.readNBytes(length));
            }
            return done ? new Compiled(jar(classes), said) : new Compiled(null, said.isBlank() ? "the compiler gave no reason" : said);
        } catch (IOException | LastErrorException e) {
            String exceeded = box.exceeded();
            stop();
            return new Compiled(null, "the compiler did not finish: " + (exceeded != null ? "it went over its limit of " + exceeded : e.getMessage()));
        }
    }

    /** Reads the server's pipe, but not for ever. */
    private static final class Answer extends InputStream {
        private final int fd;
        private final long deadline;
        private final byte[] buffer = new byte[65536];
        private int at, filled;

        Answer(int fd, long deadline) {
            this.fd = fd;
            this.deadline = deadline;
        }

        @Override
        public int read() throws IOException {
            if (at == filled) {
                Memory pollfd = new Memory(8);
                pollfd.setInt(0, fd);
                pollfd.setInt(4, POLLIN);
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0 || poll(pollfd, 1, (int) left) == 0) throw new IOException("it took longer than " + Limits.WALL_MILLIS / 1000 + " s");
                filled = (int) Libc.read(fd, buffer, buffer.length);
                at = 0;
                if (filled <= 0) {
                    filled = 0;
                    throw new IOException("it ended");
                }
            }
            return buffer[at++] & 0xff;
        }
    }

    private static byte[] jar(Map<String, byte[]> classes) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var jar = new JarOutputStream(bytes)) {
            jar.setLevel(0);
            for (var each : classes.entrySet()) {
                var entry = new JarEntry(each.getKey().replace('.', '/') + ".class");
                entry.setTime(0);
                jar.putNextEntry(entry);
                jar.write(each.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private void restart() {
        stop();
        List<String> argv = new ArrayList<>(java);
        argv.addAll(List.of("-Xss8m", "-Xmx320m", "-cp", "/answer", JavacServer.class.getName(), classPath));
        box = Box.make(boxes, new Box.Job(argv, false, false, Map.of(), true, Integer.MAX_VALUE));
        box.start();
        served = 0;
    }

    private void stop() {
        if (box != null) box.close();
        box = null;
    }

    @Override
    public synchronized void close() {
        stop();
    }
}
