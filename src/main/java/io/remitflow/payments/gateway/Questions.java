package io.remitflow.payments.gateway;

import io.remitflow.payments.CardGateway.GatewayUnavailable;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;

/** Repeats what may be repeated freely: at most three times, as late as the gateway asks, never beyond a few seconds. */
final class Questions {

    private static final int TRIES = 3;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private Questions() {}

    static <T> T ask(Supplier<T> question) {
        long end = System.nanoTime() + LONGEST_WAIT.toNanos();
        for (int attempt = 1; ; attempt++) {
            try {
                return question.get();
            } catch (GatewayUnavailable e) {
                Duration pause = Objects.requireNonNullElse(e.retryAfter(), FIRST_PAUSE.multipliedBy(attempt));
                if (attempt == TRIES || System.nanoTime() + pause.toNanos() > end) {
                    throw e;
                }
                pause(pause);
            }
        }
    }

    private static void pause(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GatewayUnavailable("interrupted while waiting for the gateway", e);
        }
    }
}
