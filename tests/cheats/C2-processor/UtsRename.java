///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.element.TypeElement;
import javax.tools.Diagnostic;
import kit.*;

// cheat: C2 | FAIL | Is an annotation processor, which would read files while the compiler works.
@SupportedAnnotationTypes("*")
class UtsRename extends AbstractProcessor {
    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
        try {
            for (Path file : Files.list(Path.of("/")).toList()) processingEnv.getMessager().printMessage(Diagnostic.Kind.ERROR, file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return false;
    }

    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            exercise.value("hostname");
            exercise.ready();
        });
    }
}
