package io.remitflow.identity.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Case F1, with the clock in hand. */
class SignInThrottleTests {

    private static final String VICTIM = "clerk@mercy";
    private static final String HERE = "192.0.2.1";
    private static final String ELSEWHERE = "192.0.2.2";
    private static final String DEVICE = "token";

    final MovedClock clock = new MovedClock();
    final SignInThrottle throttle = new SignInThrottle(
            new SignInPolicy(
                    Duration.ofMinutes(30),
                    Duration.ofHours(12),
                    5,
                    30,
                    50,
                    300,
                    Duration.ofDays(180),
                    Duration.ofMinutes(5),
                    Map.of()),
            clock);

    @Test
    void f1_anAccountWaitsAtTheSourceOfTheFailuresUntilTheEndOfTheWindow() {
        guess(VICTIM, HERE, 5);

        assertThatExceptionOfType(TooManySignIns.class)
                .isThrownBy(() -> throttle.check(VICTIM, HERE, null))
                .satisfies(e -> assertThat(e.retryAfterSeconds()).isEqualTo(300));
        assertAllowed(VICTIM, ELSEWHERE, null);
        clock.forward(Duration.ofSeconds(299));
        assertRefused(VICTIM, HERE, null);
        clock.forward(Duration.ofSeconds(1));
        assertAllowed(VICTIM, HERE, null);
    }

    @Test
    void f1_attemptsThatWereRefusedDoNotMakeTheWaitLonger() {
        for (int attempt = 0; attempt < 1_000; attempt++) {
            guess(VICTIM, HERE, 1);
        }
        clock.forward(Duration.ofMinutes(5));

        assertAllowed(VICTIM, HERE, null);
    }

    @Test
    void f1_oneTryAtEachOfAThousandAccountsIsStoppedAtTheirSource() {
        int allowed = 0;
        for (int account = 0; account < 1_000; account++) {
            allowed += guess("user" + account, HERE, 1);
        }

        assertThat(allowed).isEqualTo(50);
        assertAllowed(VICTIM, ELSEWHERE, null);
    }

    @Test
    void f1_oneAccountFromAThousandSourcesIsStoppedThereAndNotWhereItIsAtHome() {
        throttle.succeeded(VICTIM, HERE, null);
        int allowed = 0;
        for (int source = 0; source < 1_000; source++) {
            allowed += guess(VICTIM, "198.51.100." + source, 1);
        }

        assertThat(allowed).isEqualTo(30);
        assertRefused(VICTIM, ELSEWHERE, null);
        assertAllowed(VICTIM, HERE, null);
    }

    @Test
    void f1_aBrowserThatIsKnownHasACounterOfItsOwn() {
        guess(VICTIM, HERE, 100);
        for (int account = 0; account < 100; account++) {
            guess("user" + account, HERE, 1);
        }

        assertRefused(VICTIM, HERE, null);
        assertAllowed(VICTIM, HERE, DEVICE);
        for (int typo = 0; typo < 5; typo++) {
            throttle.failed(VICTIM, HERE, DEVICE);
        }
        assertRefused(VICTIM, HERE, DEVICE);
        clock.forward(Duration.ofMinutes(5));
        assertAllowed(VICTIM, HERE, DEVICE);
    }

    @Test
    void f1_aPasswordIsRecognizedDuringAnAttackButNotWithoutEnd() {
        for (int guess = 0; guess < 299; guess++) {
            throttle.notRemembered(VICTIM);
        }
        assertThat(throttle.mayBeRemembered(VICTIM)).isTrue();
        throttle.notRemembered(VICTIM);
        assertThat(throttle.mayBeRemembered(VICTIM)).isFalse();
        assertThat(throttle.mayBeRemembered("cfo@mercy")).isTrue();
        clock.forward(Duration.ofMinutes(5));
        assertThat(throttle.mayBeRemembered(VICTIM)).isTrue();
    }

    /** @return how many of the attempts a password was looked at for */
    private int guess(String account, String source, int times) {
        int allowed = 0;
        for (int attempt = 0; attempt < times; attempt++) {
            try {
                throttle.check(account, source, null);
                throttle.failed(account, source, null);
                allowed++;
            } catch (TooManySignIns e) {
                // The attacker goes on.
            }
        }
        return allowed;
    }

    private void assertAllowed(String account, String source, @Nullable String device) {
        assertThatCode(() -> throttle.check(account, source, device)).doesNotThrowAnyException();
    }

    private void assertRefused(String account, String source, @Nullable String device) {
        assertThatExceptionOfType(TooManySignIns.class).isThrownBy(() -> throttle.check(account, source, device));
    }

    private static final class MovedClock extends Clock {

        private Instant now = Instant.EPOCH;

        void forward(Duration duration) {
            now = now.plus(duration);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
