package io.remitflow.identity;

import org.springframework.jdbc.core.simple.JdbcClient;

/** Work of an organization that is done by one transaction after the other, where no row can be locked instead. */
public final class Turns {

    private Turns() {}

    /**
     * Waits while another transaction of the current organization has this turn; it ends with the transaction.
     *
     * @param what names the turn, the same in every transaction that may not overlap
     */
    public static void take(JdbcClient jdbc, String what) {
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended(:turn, 0))")
                .param("turn", CurrentOrganization.id().value() + " " + what)
                .query(row -> {});
    }
}
