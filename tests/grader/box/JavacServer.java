package grader.box;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Compiles one source after the other, from memory to memory; runs in a box. It runs nothing of what it compiles: no
 * annotation processor, no plugin. Requests come on stdin: name, source, release; the answers on stdout: a text, then the classes.
 */
final class JavacServer {
    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String name, String text) {
            super(URI.create("string:///" + name), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public String getName() { // in what the compiler says
            return toUri().getPath().substring(1);
        }

        @Override
        public CharSequence getCharContent(boolean ignore) {
            return text;
        }
    }

    private static final class Code extends SimpleJavaFileObject {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Code(String name) {
            super(URI.create("mem:///" + name.replace('.', '/') + ".class"), Kind.CLASS);
        }

        @Override
        public OutputStream openOutputStream() {
            return bytes;
        }
    }

    private static final class Classes extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, Code> codes = new TreeMap<>();

        Classes(JavaFileManager manager) {
            super(manager);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            return codes.computeIfAbsent(name, Code::new);
        }

        @Override
        public void close() {} // the files below are opened once for all
    }

    public static void main(String[] args) throws IOException {
        DataInputStream in = new DataInputStream(System.in);
        DataOutputStream out = new DataOutputStream(System.out);
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        var compiler = ToolProvider.getSystemJavaCompiler();
        var files = compiler.getStandardFileManager(null, null, null);
        while (true) {
            int length = in.read() < 0 ? -1 : in.readInt();
            if (length < 0) return;
            String name = in.readUTF();
            String release = in.readUTF();
            String source = new String(in.readNBytes(length), java.nio.charset.StandardCharsets.UTF_8);
            StringWriter text = new StringWriter();
            Classes classes = new Classes(files);
            boolean done;
            try {
                done = compiler.getTask(text, classes, null, List.of("--release", release, "-proc:none", "-nowarn", "-Xlint:none", "-Xmaxerrs", "20", "-XDuseUnsharedTable=true",
                        "-cp", args[0]), null, List.of(new Source(name, source))).call();
            } catch (RuntimeException | StackOverflowError e) { // javac's own defects, or a source that is nested too deeply
                text.write("the compiler gave up: " + e + "\n");
                done = false;
            }
            byte[] said = text.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            out.writeBoolean(done);
            out.writeInt(Math.min(said.length, 20_000));
            out.write(said, 0, Math.min(said.length, 20_000));
            out.writeInt(done ? classes.codes.size() : 0);
            for (var code : done ? classes.codes.entrySet() : Map.<String, Code>of().entrySet()) {
                out.writeUTF(code.getKey());
                out.writeInt(code.getValue().bytes.size());
                code.getValue().bytes.writeTo(out);
            }
            out.flush();
        }
    }
}
