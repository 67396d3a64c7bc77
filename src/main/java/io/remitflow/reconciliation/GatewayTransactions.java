package io.remitflow.reconciliation;

import io.remitflow.core.Amounts;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancyEvidence;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** A transaction at a gateway as the subject of a discrepancy: what both sides said in the latest run that saw it. */
@Component
class GatewayTransactions implements DiscrepancyEvidence {

    static final String SUBJECT = "gateway-transaction";

    private final JdbcClient jdbc;

    GatewayTransactions(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public String subjectType() {
        return SUBJECT;
    }

    @Override
    @Transactional(readOnly = true)
    public List<Compared> of(String subjectKey) {
        String[] parts = subjectKey.split(":", 2);
        return jdbc.sql("""
                        select i.*, p.payment_number, p.payment_date from reconciliation_items i
                        join reconciliation_runs r on r.org_id = i.org_id and r.id = i.run_id
                        left join billing_payments p on p.org_id = i.org_id and p.id = i.payment_id
                        where i.gateway_provider = :provider and i.transaction_id = :transaction
                        order by r.last_run_at desc limit 1
                        """)
                .param("provider", parts[0])
                .param("transaction", parts[1])
                .query((row, index) -> compared(row))
                .optional()
                .orElse(List.of());
    }

    private static List<Compared> compared(ResultSet row) throws SQLException {
        boolean ours = row.getObject("internal_amount") != null;
        boolean theirs = row.getObject("provider_amount") != null;
        Timestamp at = row.getTimestamp("provider_at");
        return List.of(
                new Compared(
                        "Record",
                        row.getString("payment_number"),
                        theirs ? row.getString("gateway_provider") + " " + row.getString("transaction_id") : null),
                new Compared(
                        "Taken",
                        ours ? amount(row, "internal_amount", "internal_currency") : null,
                        theirs ? amount(row, "provider_amount", "provider_currency") : null),
                new Compared(
                        "Refunded",
                        ours ? amount(row, "internal_refunded", "internal_currency") : null,
                        theirs ? amount(row, "provider_refunded", "provider_currency") : null),
                new Compared("Disputed", disputed(row, "internal"), disputed(row, "provider")),
                new Compared("Status", state(row, "internal_state"), state(row, "provider_state")),
                new Compared(
                        "When",
                        row.getString("payment_date"),
                        at == null ? null : at.toInstant().toString()));
    }

    /** Items of runs before it was kept have none. */
    private static @Nullable String disputed(ResultSet row, String side) throws SQLException {
        return row.getObject(side + "_disputed") == null ? null : amount(row, side + "_disputed", side + "_currency");
    }

    private static @Nullable String state(ResultSet row, String column) throws SQLException {
        String state = row.getString(column);
        return state == null ? null : state.replace('_', ' ');
    }

    private static String amount(ResultSet row, String column, String currency) throws SQLException {
        String code = row.getString(currency);
        return Amounts.format(row.getLong(column), code) + " " + code;
    }

    @Override
    @Transactional(readOnly = true)
    public @Nullable String href(Discrepancy discrepancy) {
        UUID payment = discrepancy.subjectId();
        return payment == null
                ? null
                : jdbc.sql("select account_id from billing_payments where id = :id")
                        .param("id", payment)
                        .query(UUID.class)
                        .optional()
                        .map(account -> "/app/patient-accounts/" + account)
                        .orElse(null);
    }
}
