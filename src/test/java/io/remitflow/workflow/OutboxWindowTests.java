package io.remitflow.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How much the outbox sends at once. */
class OutboxWindowTests {

    private final OutboxDispatcher.Window window = new OutboxDispatcher.Window();

    @Test
    void aBusyEngineGetsHalfAsMuchAtOnceAndMoreAgainAsItTakesIt() {
        int full = window.size();
        assertThat(window.availablePermits()).isEqualTo(full);

        window.halve();
        assertThat(window.size()).isEqualTo(full / 2);
        assertThat(window.availablePermits()).isEqualTo(full / 2);

        for (int i = 0; i < full / 2; i++) {
            window.taken();
        }
        assertThat(window.availablePermits()).as("one more after a round").isEqualTo(full / 2 + 1);
    }

    @Test
    void whatIsUnderWayEndsFirst() {
        int full = window.size();
        window.acquireUninterruptibly(full);

        window.halve();
        window.release(full / 2);

        assertThat(window.tryAcquire()).isFalse();
        window.release();
        assertThat(window.tryAcquire()).isTrue();
    }

    @Test
    void somethingIsAlwaysSentAndNeverMoreThanAtTheBeginning() {
        int full = window.size();
        for (int i = 0; i < 20; i++) {
            window.halve();
        }
        assertThat(window.availablePermits()).isPositive();

        for (int i = 0; i < full * full; i++) {
            window.taken();
        }
        assertThat(window.availablePermits()).isEqualTo(full);
    }
}
