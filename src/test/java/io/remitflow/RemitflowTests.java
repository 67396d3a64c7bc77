package io.remitflow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RemitflowTests {

    @Test
    void aCommandTakesAnyPortBecauseTheApplicationHasItsOwn() {
        assertThat(Remitflow.arguments(new String[] {"--import-checks=/scans", "--organization=mercy"}))
                .containsExactly("--import-checks=/scans", "--organization=mercy", "--server.port=0");
        assertThat(Remitflow.arguments(new String[] {"--import-checks=/scans", "--server.port=9000"}))
                .containsExactly("--import-checks=/scans", "--server.port=9000");
        assertThat(Remitflow.arguments(new String[] {"--spring.profiles.active=x"}))
                .containsExactly("--spring.profiles.active=x");
    }
}
