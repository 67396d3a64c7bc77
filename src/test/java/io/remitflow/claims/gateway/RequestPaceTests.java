package io.remitflow.claims.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.OrganizationId;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RequestPaceTests {

    private static final OrganizationId ONE = new OrganizationId(UUID.randomUUID());
    private static final OrganizationId OTHER = new OrganizationId(UUID.randomUUID());
    private static final long NOON = Duration.ofHours(12).toNanos();

    /** One request a second. */
    private final RequestPace pace = new RequestPace(60);

    @Test
    void aFewRequestsGoAtOnceAndThoseBehindThemOneByOne() {
        for (int i = 0; i < 15; i++) {
            assertThat(pace.reserve(ONE, NOON)).isNotPositive();
        }

        assertThat(pace.reserve(ONE, NOON)).isEqualTo(seconds(1));
        assertThat(pace.reserve(ONE, NOON)).isEqualTo(seconds(2));
        assertThat(pace.reserve(ONE, NOON + seconds(1))).as("a second later").isEqualTo(seconds(2));
    }

    @Test
    void whoeverWasSilentMaySendAFewAtOnceAgainButNoMoreThanThose() {
        for (int i = 0; i < 20; i++) {
            pace.reserve(ONE, NOON);
        }
        long later = NOON + Duration.ofHours(1).toNanos();

        for (int i = 0; i < 15; i++) {
            assertThat(pace.reserve(ONE, later)).isNotPositive();
        }
        assertThat(pace.reserve(ONE, later)).isEqualTo(seconds(1));
    }

    @Test
    void oneOrganizationDoesNotWaitForAnother() {
        for (int i = 0; i < 100; i++) {
            pace.reserve(ONE, NOON);
        }

        assertThat(pace.reserve(OTHER, NOON)).isNotPositive();
    }

    private static long seconds(int seconds) {
        return Duration.ofSeconds(seconds).toNanos();
    }
}
