package io.remitflow.workflow;

import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Service;

/**
 * Steps whose retries are used up.
 *
 * <p>Recorded when our own workers fail for the last time. Faults inside the engine (an expression, a decision without a
 * matching rule) are seen in Operate only, because an engine of version 8.6 cannot be asked for them.
 */
@Service
public class Incidents {

    /** Oldest first. */
    public List<Incident> open() {
        throw new UnsupportedOperationException();
    }

    /** Lets the step run again, with new retries. */
    public void retry(UUID id) {
        throw new UnsupportedOperationException();
    }
}
