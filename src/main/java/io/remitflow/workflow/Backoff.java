package io.remitflow.workflow;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Doubling pauses up to a longest one. */
record Backoff(Duration first, Duration longest) {

    /** @param failures how often it failed so far, at least once */
    Duration pause(int failures) {
        int doublings = Math.clamp(failures - 1L, 0, 30);
        long pauseMs = Math.min(longest.toMillis(), first.toMillis() << doublings);
        return Duration.ofMillis(pauseMs);
    }

    /** Between half and one and a half of {@link #pause}, so that many that failed together do not return together. */
    Duration jittered(int failures) {
        long pauseMs = pause(failures).toMillis();
        return Duration.ofMillis(pauseMs / 2 + ThreadLocalRandom.current().nextLong(pauseMs + 1));
    }
}
