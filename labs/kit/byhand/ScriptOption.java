package kit.byhand;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The option of a lab that also writes what it does as a shell script. */
public final class ScriptOption {
    @Option(names = "--script", paramLabel = "FILE", converter = Writable.class,
            description = "Writes the commands to FILE, as a shell script that runs by itself: sh FILE.")
    private Path file;

    /** Writes these recipes to the file, if there is one. */
    public void write(String title, Recipe... recipes) throws IOException {
        if (file != null) {
            Files.writeString(file, Recipe.script(title, recipes));
        }
    }

    static final class Writable implements ITypeConverter<Path> {
        @Override
        public Path convert(String name) {
            Path file = Path.of(name).toAbsolutePath();
            if (Files.isDirectory(file) || !Files.isWritable(Files.exists(file) ? file : file.getParent())) {
                throw new TypeConversionException("'" + name + "' is no file that you can write to; name another one");
            }
            return file;
        }
    }
}
