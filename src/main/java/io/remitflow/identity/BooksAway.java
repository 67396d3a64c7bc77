package io.remitflow.identity;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.transaction.CannotCreateTransactionException;

/** Failures that are the database's own: nothing that whoever asked it could have done better. */
public final class BooksAway {

    private BooksAway() {}

    /** Whether somewhere under a failure the database is away, out of space, or stopping. */
    public static boolean causes(Throwable thrown) {
        for (Throwable e = thrown; e != null; e = e.getCause()) {
            if (e instanceof CannotCreateTransactionException
                    || e instanceof DataAccessResourceFailureException
                    || e instanceof TransientDataAccessResourceException
                    || (e instanceof SQLException failed && (isAway(failed.getSQLState()) || isOfPool(failed)))) {
                return true;
            }
        }
        return false;
    }

    /** The pool gave up a broken connection under the transaction; PostgreSQL itself always gives a state. */
    private static boolean isOfPool(SQLException failed) {
        return failed.getSQLState() == null && "Connection is closed".equals(failed.getMessage());
    }

    /** Connection lost, out of resources, stopped by an operator or by a crash, failed in the file system. */
    private static boolean isAway(@Nullable String sqlState) {
        return sqlState != null
                && (sqlState.startsWith("08")
                        || sqlState.startsWith("53")
                        || sqlState.startsWith("57P")
                        || sqlState.startsWith("58"));
    }
}
