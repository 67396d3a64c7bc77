package io.remitflow.workflow;

import java.util.Optional;
import org.springframework.stereotype.Service;

/** The process models as they are deployed, for display. */
@Service
public class ProcessDiagrams {

    private final ProcessModels models;

    ProcessDiagrams(ProcessModels models) {
        this.models = models;
    }

    public Optional<String> xml(String processId) {
        return models.xml(processId);
    }
}
