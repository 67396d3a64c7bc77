package io.remitflow.workflow;

import org.jspecify.annotations.Nullable;

/** The process engine did not answer; the books are unaffected and what waits in the outbox is sent later. */
public class EngineUnavailable extends RuntimeException {

    public EngineUnavailable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
