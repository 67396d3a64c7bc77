package io.remitflow.workflow;

import java.util.Optional;
import org.springframework.stereotype.Service;

/** The process models as they are deployed, for display. */
@Service
public class ProcessDiagrams {

    public Optional<String> xml(String processId) {
        throw new UnsupportedOperationException();
    }
}
