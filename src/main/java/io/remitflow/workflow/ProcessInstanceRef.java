package io.remitflow.workflow;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The one process instance that runs, or ran, for a business key. */
public record ProcessInstanceRef(
        String processId,
        String businessKey,
        long processInstanceKey,
        Instant startedAt,
        @Nullable Instant endedAt) {

    public boolean running() {
        return endedAt == null;
    }
}
