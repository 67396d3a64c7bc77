package io.remitflow.workflow;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.stereotype.Service;

/** The decision tables that are deployed with the application: the first version of each. */
@Service
public class PackagedDecisions {

    private static final String ENDING = ".dmn";

    private final ProcessModels models;

    PackagedDecisions(ProcessModels models) {
        this.models = models;
    }

    /** DMN by decision id, which is the name of the file. */
    public Map<String, String> all() {
        Map<String, String> tables = new TreeMap<>();
        models.files().forEach((name, content) -> {
            if (name.endsWith(ENDING)) {
                tables.put(
                        name.substring(0, name.length() - ENDING.length()),
                        new String(content, StandardCharsets.UTF_8));
            }
        });
        return tables;
    }
}
