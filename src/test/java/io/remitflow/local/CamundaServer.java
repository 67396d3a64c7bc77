package io.remitflow.local;

import java.nio.file.Files;
import java.nio.file.Path;

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
}
