package io.remitflow;

import java.util.Arrays;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.FullyQualifiedAnnotationBeanNameGenerator;
import sun.misc.Signal;

/**
 * The one application: processes, books and files of a hospital's finance office. Modules name their classes without looking
 * at each other; what a route or a template refers to has a name of its own.
 */
@SpringBootApplication(nameGenerator = FullyQualifiedAnnotationBeanNameGenerator.class)
public class Remitflow {

    public static void main(String[] args) {
        // Asked to stop, we finish what is under way and end well: the code of a killed process would look like a
        // failure.
        Signal.handle(new Signal("TERM"), asked -> System.exit(0));
        SpringApplication.run(Remitflow.class, arguments(args));
    }

    /** A command runs beside the application, which has the port. */
    static String[] arguments(String[] given) {
        boolean command = Arrays.stream(given).anyMatch(one -> one.startsWith("--import-checks"));
        boolean port = Arrays.stream(given).anyMatch(one -> one.startsWith("--server.port"));
        return command && !port
                ? Stream.concat(Arrays.stream(given), Stream.of("--server.port=0"))
                        .toArray(String[]::new)
                : given;
    }
}
