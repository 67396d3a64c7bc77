package io.remitflow.payments;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.ledger.MoneyMatches;
import io.remitflow.ledger.MoneyNode;
import io.remitflow.ledger.MoneySearch;
import io.remitflow.ledger.MoneyStage;
import io.remitflow.ledger.MoneyState;
import io.remitflow.ledger.MoneyTrail;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Payments of patients and transfers on the organization's accounts on the way of money. */
@Component
class PaymentMoneyTrail implements MoneyTrail {

    private final JdbcClient jdbc;
    private final Organizations organizations;

    PaymentMoneyTrail(JdbcClient jdbc, Organizations organizations) {
        this.jdbc = jdbc;
        this.organizations = organizations;
    }

    @Override
    public Permission permission() {
        return Permission.PATIENT_ACCOUNTS_VIEW;
    }

    @Override
    public MoneyMatches find(MoneySearch search, int limit) {
        return search.among(jdbc, """
                select id from billing_payments where org_id = :org and payment_number in (:text, :upper)
                union
                select id from billing_payments where org_id = :org and reference_number = :text
                union
                select id from billing_payments where org_id = :org and gateway_transaction_id = :text
                union
                select id from billing_payments
                where org_id = :org and payment_amount = :amount and currency = :currency
                union
                select id from payments_bank_transfers
                where org_id = :org and (transfer_id = :text or reference_code = :text) and payment_id is null
                union
                select id from payments_bank_transfers
                where org_id = :org and amount = :amount and currency = :currency and payment_id is null
                """, limit);
    }

    @Override
    public List<MoneyNode> nodes(Collection<UUID> ids) {
        var nodes = new ArrayList<MoneyNode>(payments(ids));
        nodes.addAll(transfers(ids));
        return nodes;
    }

    private List<MoneyNode> payments(Collection<UUID> ids) {
        return jdbc.sql("select * from billing_payments where org_id = :org and id = any(:ids) order by id")
                .param("org", CurrentOrganization.id().value())
                .param("ids", ids.toArray(UUID[]::new))
                .query((row, number) -> {
                    UUID entry = row.getObject("journal_entry_id", UUID.class);
                    String status = row.getString("status");
                    return new MoneyNode(
                            row.getObject("id", UUID.class),
                            "payment",
                            MoneyStage.DOCUMENT,
                            "Payment " + row.getString("payment_number"),
                            Amounts.ofMinor(row.getLong("payment_amount"), row.getString("currency")),
                            row.getObject("payment_date", LocalDate.class),
                            switch (status) {
                                case "completed", "refunded", "partially_refunded" -> MoneyState.SETTLED;
                                case "failed", "returned", "void" -> MoneyState.UNDONE;
                                case "disputed" -> MoneyState.MISMATCHED;
                                default -> MoneyState.WAITING;
                            },
                            "%s by %s"
                                    .formatted(
                                            status.replace('_', ' '),
                                            row.getString("payment_method").replace('_', ' ')),
                            "/app/patient-accounts/" + row.getObject("account_id", UUID.class),
                            entry == null ? List.of() : List.of(entry));
                })
                .list();
    }

    private List<MoneyNode> transfers(Collection<UUID> ids) {
        var zone = organizations.current().timeZone();
        return jdbc.sql("""
                        select * from payments_bank_transfers
                        where org_id = :org and (id = any(:ids) or payment_id = any(:ids)) order by id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("ids", ids.toArray(UUID[]::new))
                .query((row, number) -> {
                    UUID payment = row.getObject("payment_id", UUID.class);
                    String state = row.getString("state");
                    return new MoneyNode(
                            row.getObject("id", UUID.class),
                            "bank-transfer",
                            MoneyStage.CASH,
                            "Bank transfer " + row.getString("transfer_id"),
                            Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                            LocalDate.ofInstant(row.getTimestamp("recorded_at").toInstant(), zone),
                            switch (state) {
                                case "matched" -> MoneyState.SETTLED;
                                case "unmatched" -> MoneyState.WAITING;
                                default -> MoneyState.UNDONE;
                            },
                            row.getString("direction").equals("in") ? "Came in, " + state : "Went out, " + state,
                            null,
                            payment == null ? List.of() : List.of(payment));
                })
                .list();
    }
}
