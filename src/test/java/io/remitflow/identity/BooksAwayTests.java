package io.remitflow.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;

/** What is the database's own fault, and nobody's who asked it. */
class BooksAwayTests {

    @Test
    void a6_noConnectionIs() {
        var none = new SQLTransientConnectionException("Connection is not available, request timed out after 5000ms");

        assertThat(BooksAway.causes(new CannotGetJdbcConnectionException("no connection", none)))
                .isTrue();
        assertThat(BooksAway.causes(new CannotCreateTransactionException("no transaction", none)))
                .isTrue();
    }

    @Test
    void a6_oneThatIsStoppedOrBreaksUnderATransactionIs() {
        assertThat(BooksAway.causes(new SQLException("terminating", "57P01"))).isTrue();
        assertThat(BooksAway.causes(new SQLException("broken pipe", "08006"))).isTrue();
        assertThat(BooksAway.causes(new IllegalStateException(new TransactionSystemException(
                        "JDBC rollback failed", new SQLException("Connection is closed")))))
                .isTrue();
    }

    /** It may come back each time, and then a person must look. */
    @Test
    void aLockAStatementThatTakesTooLongAndAMistakeAreNot() {
        assertThat(BooksAway.causes(new CannotAcquireLockException("deadlock", new SQLException("deadlock", "40P01"))))
                .isFalse();
        assertThat(BooksAway.causes(new QueryTimeoutException("slow", new SQLException("canceled", "57014"))))
                .isFalse();
        assertThat(BooksAway.causes(new SQLException("no such column", "42703")))
                .isFalse();
    }
}
