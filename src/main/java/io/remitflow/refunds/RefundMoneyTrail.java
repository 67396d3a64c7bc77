package io.remitflow.refunds;

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

/** Refunds with the checks and ACH entries that carry them on the way of money; they hang on the payment they return. */
@Component
class RefundMoneyTrail implements MoneyTrail {

    private final JdbcClient jdbc;
    private final Organizations organizations;

    RefundMoneyTrail(JdbcClient jdbc, Organizations organizations) {
        this.jdbc = jdbc;
        this.organizations = organizations;
    }

    @Override
    public Permission permission() {
        return Permission.REFUNDS_VIEW;
    }

    @Override
    public MoneyMatches find(MoneySearch search, int limit) {
        return search.among(jdbc, """
                select id from billing_refunds where org_id = :org and refund_number in (:text, :upper)
                union
                select id from billing_refunds where org_id = :org and gateway_refund_id = :text
                union
                select id from billing_refunds
                where org_id = :org and payout_reference = :text and refund_method <> 'check'
                union
                select id from billing_refunds
                where org_id = :org and refund_amount = :amount and currency = :currency
                union
                select id from refund_checks
                where org_id = :org and (check_number::text = :text or reference in (:text, :upper) or bank_reference = :text)
                union
                select id from refund_ach_entries where org_id = :org and trace_number = :text
                union
                select e.id from refund_ach_batches b
                join refund_ach_entries e on e.org_id = b.org_id and e.batch_id = b.id
                where b.org_id = :org and b.batch_number in (:text, :upper)
                """, limit);
    }

    @Override
    public List<MoneyNode> nodes(Collection<UUID> ids) {
        var nodes = new ArrayList<MoneyNode>(refunds(ids));
        nodes.addAll(checks(ids));
        nodes.addAll(entries(ids));
        return nodes;
    }

    private List<MoneyNode> refunds(Collection<UUID> ids) {
        LocalDate today = organizations.today();
        return bind(ids, """
                        select * from billing_refunds
                        where org_id = :org and (id = any(:ids) or original_payment_id = any(:ids)) order by id
                        """)
                .query((row, number) -> {
                    UUID id = row.getObject("id", UUID.class);
                    UUID entry = row.getObject("journal_entry_id", UUID.class);
                    var next = new ArrayList<UUID>();
                    next.add(row.getObject("original_payment_id", UUID.class));
                    if (entry != null) {
                        next.add(entry);
                    }
                    String status = row.getString("status");
                    LocalDate due = row.getObject("due_on", LocalDate.class);
                    return new MoneyNode(
                            id,
                            "refund",
                            MoneyStage.DOCUMENT,
                            "Refund " + row.getString("refund_number"),
                            Amounts.ofMinor(row.getLong("refund_amount"), row.getString("currency")),
                            row.getObject("refund_date", LocalDate.class),
                            switch (status) {
                                case "completed" -> MoneyState.SETTLED;
                                case "pending", "approved", "processing" ->
                                    due.isBefore(today) ? MoneyState.LATE : MoneyState.WAITING;
                                default -> MoneyState.UNDONE;
                            },
                            "%s by %s, due on %s"
                                    .formatted(
                                            status,
                                            row.getString("refund_method").replace('_', ' '),
                                            due),
                            "/app/refunds/" + id,
                            next);
                })
                .list();
    }

    private List<MoneyNode> checks(Collection<UUID> ids) {
        return bind(ids, """
                        select * from refund_checks
                        where org_id = :org and (id = any(:ids) or refund_id = any(:ids)) order by id
                        """)
                .query((row, number) -> {
                    UUID id = row.getObject("id", UUID.class);
                    String state = row.getString("state");
                    LocalDate cleared = row.getObject("cleared_on", LocalDate.class);
                    UUID refund = row.getObject("refund_id", UUID.class);
                    return new MoneyNode(
                            id,
                            "check",
                            MoneyStage.CASH,
                            "Check " + row.getString("reference"),
                            Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                            cleared == null ? row.getObject("issued_on", LocalDate.class) : cleared,
                            switch (state) {
                                case "cleared" -> MoneyState.SETTLED;
                                case "issued" -> MoneyState.WAITING;
                                case "stale" -> MoneyState.LATE;
                                default -> MoneyState.UNDONE;
                            },
                            state.equals("issued") ? "Not presented at the bank yet" : state,
                            "/app/refunds/checks/" + id,
                            refund == null ? List.of() : List.of(refund));
                })
                .list();
    }

    private List<MoneyNode> entries(Collection<UUID> ids) {
        LocalDate today = organizations.today();
        return bind(ids, """
                        select e.*, b.batch_number, b.state, b.effective_on, b.final_on, b.currency from refund_ach_entries e
                        join refund_ach_batches b on b.org_id = e.org_id and b.id = e.batch_id
                        where e.org_id = :org and (e.id = any(:ids) or e.refund_id = any(:ids)) order by e.id
                        """)
                .query((row, number) -> {
                    String returned = row.getString("return_code");
                    LocalDate fixed = row.getObject("final_on", LocalDate.class);
                    boolean over = row.getString("state").equals("sent") && !fixed.isAfter(today);
                    return new MoneyNode(
                            row.getObject("id", UUID.class),
                            "ach-entry",
                            MoneyStage.CASH,
                            "ACH trace " + row.getString("trace_number"),
                            Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                            row.getObject("effective_on", LocalDate.class),
                            returned != null ? MoneyState.UNDONE : over ? MoneyState.SETTLED : MoneyState.WAITING,
                            returned != null
                                    ? "Batch %s, returned with %s".formatted(row.getString("batch_number"), returned)
                                    : "Batch %s, final on %s".formatted(row.getString("batch_number"), fixed),
                            "/app/refunds/ach/batches/" + row.getObject("batch_id", UUID.class),
                            List.of(row.getObject("refund_id", UUID.class)));
                })
                .list();
    }

    private JdbcClient.StatementSpec bind(Collection<UUID> ids, String sql) {
        return jdbc.sql(sql).param("org", CurrentOrganization.id().value()).param("ids", ids.toArray(UUID[]::new));
    }
}
