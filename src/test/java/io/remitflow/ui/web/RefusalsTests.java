package io.remitflow.ui.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.transaction.TransactionSystemException;

/** Whose fault it is when the books do not answer. */
class RefusalsTests {

    @Test
    void a6_aConnectionThatBreaksUnderATransactionIsNoFaultOfOurs() {
        var brokenUnderIt =
                new TransactionSystemException("JDBC rollback failed", new SQLException("Connection is closed"));

        assertThat(Refusals.booksAreAway(brokenUnderIt)).isTrue();
        assertThat(Refusals.booksAreAway(new DataAccessResourceFailureException("away")))
                .isTrue();
        assertThat(Refusals.booksAreAway(new SQLException("terminating", "57P01")))
                .isTrue();
    }

    @Test
    void everyOtherErrorOfTheDatabaseIs() {
        assertThat(Refusals.booksAreAway(new SQLException("no such column", "42703")))
                .isFalse();
        assertThat(Refusals.booksAreAway(new SQLException("something else"))).isFalse();
    }
}
