package io.remitflow.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipFile;

/** The unpacked Camunda distribution. */
final class CamundaServer {

    private CamundaServer() {}

    static ProcessBuilder command(String program, String javaOptions) {
        Path script = LocalDirectories.camunda().resolve("bin").resolve(program);
        if (!Files.isExecutable(script)) {
            throw new IllegalStateException("the Camunda server is missing at " + script
                    + ": `mvn generate-test-resources` downloads and unpacks it (300 MB, once)");
        }
        var command = new ProcessBuilder(script.toString());
        command.environment().put("JAVA_HOME", LocalJava.home().toString());
        command.environment().put("JAVA_OPTS", javaOptions);
        // Would be read by the server as its own settings.
        command.environment().remove("JAVA_TOOL_OPTIONS");
        command.environment().remove("SPRING_PROFILES_ACTIVE");
        return command;
    }

    /**
     * A directory to put before the classpath of Tasklist, with index templates that take times without a fraction.
     *
     * <p>Tasklist 8.6.0 writes the time of a task created in the very first millisecond of a second without a fraction, its
     * own templates for OpenSearch refuse that, and its importer then stumbles over the refusal for good: one task in a
     * thousand would end all task lists.
     */
    static Path tasklistSchema(Path directory) {
        Path target = directory.resolve("tasklist-schema");
        Path jar = LocalDirectories.camunda().resolve("lib/tasklist-els-schema-8.6.0.jar");
        try (var zip = new ZipFile(jar.toFile())) {
            for (var entry : zip.stream()
                    .filter(each -> each.getName().startsWith("schema/os/create/")
                            && each.getName().endsWith(".json"))
                    .toList()) {
                String template = new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
                String patched = template.replace(
                        "\"date_time || epoch_millis\"", "\"date_time||date_time_no_millis||epoch_millis\"");
                if (!patched.equals(template)) {
                    Path file = target.resolve(entry.getName());
                    Files.createDirectories(file.getParent());
                    Files.writeString(file, patched);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the index templates of Tasklist cannot be read from " + jar, e);
        }
        return target;
    }
}
