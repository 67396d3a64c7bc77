package io.remitflow.local;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The JDK we run on, for the servers that need one too. */
final class LocalJava {

    private LocalJava() {}

    /** As new as the servers need: an older one does not even load this class. */
    static Path home() {
        Path home = Path.of(System.getProperty("java.home"));
        if (!Files.isExecutable(home.resolve("bin/java"))) {
            throw new IllegalStateException("no java program in " + home + "/bin");
        }
        return home;
    }

    /** A JVM of its own with our class path. */
    static ProcessBuilder run(Class<?> main, List<String> options, List<String> arguments) {
        return run(main, ownClassPath(), options, arguments);
    }

    /** Each entry once: Maven may name the directory of classes twice, and then every route in it is found twice. */
    private static String ownClassPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.isBlank())
                .map(entry -> Path.of(entry).toAbsolutePath().normalize().toString())
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    static ProcessBuilder run(Class<?> main, String classPath, List<String> options, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(home().resolve("bin/java").toString());
        command.addAll(options);
        command.add(main.getName());
        command.addAll(arguments);
        var builder = new ProcessBuilder(command);
        builder.environment().put("CLASSPATH", classPath);
        return builder;
    }
}
