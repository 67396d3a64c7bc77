package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogWatchTests {

    private static final Logger log = LoggerFactory.getLogger(LogWatchTests.class);

    @Test
    void aNameOrASecretInAMessageOrInItsCauseIsNoticedOnce() {
        LogWatch.begin();

        log.info("The account {} does not exist", "Jane");
        assertThatThrownBy(LogWatch::keptSilent).isInstanceOf(AssertionError.class);
        log.warn("It was refused", new IllegalStateException(new RuntimeException("no account of DOE")));
        assertThatThrownBy(LogWatch::keptSilent).hasMessageContaining("DOE");

        log.info("The file does not exist, Janet");
        assertThatCode(LogWatch::keptSilent).doesNotThrowAnyException();
    }
}
