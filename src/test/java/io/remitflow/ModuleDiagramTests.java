package io.remitflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModule;
import org.springframework.modulith.core.ApplicationModules;

/** The module diagram in the documentation is generated; {@code -Dremitflow.docs.update=true} writes it anew. */
class ModuleDiagramTests {

    private static final Path DOCUMENT = Path.of("docs", "modules.md");

    @Test
    void theDiagramInTheDocumentationIsTheModuleGraph() throws IOException {
        String diagram = document();
        if (Boolean.getBoolean("remitflow.docs.update")) {
            Files.writeString(DOCUMENT, diagram);
        }
        assertThat(DOCUMENT)
                .as("run this test with -Dremitflow.docs.update=true to write it anew")
                .hasContent(diagram);
    }

    private static String document() {
        ApplicationModules modules = ApplicationModules.of(Remitflow.class);
        String arrows = modules.stream()
                .sorted((a, b) -> name(a).compareTo(name(b)))
                .flatMap(module -> module.getDirectDependencies(modules)
                        .uniqueModules()
                        .map(ModuleDiagramTests::name)
                        .sorted()
                        .map(used -> "    %s --> %s\n".formatted(name(module), used)))
                .collect(Collectors.joining());
        return """
                # Modules

                An arrow means "calls". Generated from the code by `ModuleDiagramTests`.

                ```mermaid
                graph TD
                %s```
                """.formatted(arrows);
    }

    private static String name(ApplicationModule module) {
        return module.getIdentifier().toString();
    }
}
