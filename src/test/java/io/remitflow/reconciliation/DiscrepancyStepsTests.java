package io.remitflow.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.discrepancies.DiscrepancySteps;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DiscrepancyStepsTests {

    @Test
    void theProcessHasEveryIdThatTheBooksKnow() throws Exception {
        String model = read();
        for (var field : Arrays.stream(DiscrepancySteps.class.getDeclaredFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()) && field.getType() == String.class)
                .toList()) {
            String id = String.valueOf(field.get(null));
            String attribute = field.getName().endsWith("_MESSAGE") ? "name" : "id";
            assertThat(model).as(field.getName()).contains(attribute + "=\"" + id + '"');
        }
    }

    private static String read() throws IOException {
        return Files.readString(Path.of("bpmn", "discrepancy.bpmn"));
    }
}
