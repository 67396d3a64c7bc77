package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.MoneyMatches;
import io.remitflow.ledger.MoneyNode;
import io.remitflow.ledger.MoneySearch;
import io.remitflow.ledger.MoneyStage;
import io.remitflow.ledger.MoneyState;
import io.remitflow.ledger.MoneyTrail;
import io.remitflow.ledger.OpenReference;
import io.remitflow.ledger.StandardAccount;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Files of payers, the remittances in them, their settlements and the money at the bank on the way of money. */
@Component
class RemittanceMoneyTrail implements MoneyTrail {

    private final JdbcClient jdbc;
    private final Clearing clearing;
    private final Organizations organizations;

    RemittanceMoneyTrail(JdbcClient jdbc, Clearing clearing, Organizations organizations) {
        this.jdbc = jdbc;
        this.clearing = clearing;
        this.organizations = organizations;
    }

    @Override
    public Permission permission() {
        return Permission.REMITTANCES_VIEW;
    }

    @Override
    public MoneyMatches find(MoneySearch search, int limit) {
        return search.among(jdbc, """
                select id from billing_remittances where org_id = :org and trace_number in (:text, :upper)
                union
                select id from billing_remittances
                where org_id = :org and paid_amount = :amount and currency = :currency
                union
                select id from billing_bank_receipts where org_id = :org and receipt_number in (:text, :upper)
                union
                select id from billing_bank_receipts where org_id = :org and trace_number in (:text, :upper)
                union
                select id from billing_bank_receipts where org_id = :org and amount = :amount and currency = :currency
                """, limit);
    }

    @Override
    public List<MoneyNode> nodes(Collection<UUID> ids) {
        var nodes = new ArrayList<MoneyNode>(files(ids));
        nodes.addAll(remittances(ids));
        nodes.addAll(settlements(ids));
        nodes.addAll(receipts(ids));
        return nodes;
    }

    private List<MoneyNode> files(Collection<UUID> ids) {
        return bind(ids, "select * from intake_files where org_id = :org and id = any(:ids) order by id")
                .query((row, number) -> {
                    String state = row.getString("state");
                    return new MoneyNode(
                            row.getObject("id", UUID.class),
                            "file",
                            MoneyStage.FILE,
                            row.getString("original_name"),
                            null,
                            day(row, "received_at"),
                            switch (state) {
                                case "accepted" -> MoneyState.SETTLED;
                                case "received" -> MoneyState.WAITING;
                                default -> MoneyState.UNDONE;
                            },
                            "%s from %s".formatted(words(state), row.getString("source")),
                            null,
                            List.of());
                })
                .list();
    }

    private List<MoneyNode> remittances(Collection<UUID> ids) {
        return bind(ids, """
                        select r.*, f.original_name, s.settlement_id,
                            (select array_agg(distinct c.release_entry_id) from billing_remittance_claims c
                             where c.org_id = r.org_id and c.remittance_id = r.id and c.release_entry_id is not null)
                                as release_entries
                        from billing_remittances r
                        join intake_files f on f.org_id = r.org_id and f.id = r.file_id
                        left join billing_settlement_remittances s on s.org_id = r.org_id and s.remittance_id = r.id
                        where r.org_id = :org and (r.id = any(:ids)
                           or r.id in (select c.remittance_id from billing_remittance_claims c
                                       where c.org_id = :org and c.claim_id = any(:ids)))
                        order by r.id
                        """)
                .query((row, number) -> {
                    UUID id = row.getObject("id", UUID.class);
                    var next = new ArrayList<UUID>();
                    next.add(row.getObject("file_id", UUID.class));
                    add(next, row, "settlement_id");
                    add(next, row, "journal_entry_id");
                    add(next, row, "reversal_entry_id");
                    next.addAll(ids(row.getArray("release_entries")));
                    String state = row.getString("state");
                    LocalDate paid = row.getObject("payment_date", LocalDate.class);
                    return new MoneyNode(
                            id,
                            "remittance",
                            MoneyStage.DOCUMENT,
                            "Remittance " + row.getString("trace_number"),
                            money(row, "paid_amount"),
                            paid == null ? day(row, "received_at") : paid,
                            switch (state) {
                                case "posted" -> MoneyState.SETTLED;
                                case "held", "review" -> MoneyState.WAITING;
                                default -> MoneyState.UNDONE;
                            },
                            "%s, number %d in %s, from %s"
                                    .formatted(
                                            words(state),
                                            row.getInt("transaction_index"),
                                            row.getString("original_name"),
                                            row.getString("payer_name")),
                            "/app/remittances/" + id,
                            next);
                })
                .list();
    }

    private List<MoneyNode> settlements(Collection<UUID> ids) {
        return bind(ids, """
                        select s.*,
                            (select array_agg(r.remittance_id) from billing_settlement_remittances r
                             where r.org_id = s.org_id and r.settlement_id = s.id) as remittance_ids
                        from billing_settlements s where s.org_id = :org and s.id = any(:ids) order by s.id
                        """)
                .query((row, number) -> {
                    UUID id = row.getObject("id", UUID.class);
                    var state = SettlementState.ofKey(row.getString("state"));
                    var next = new ArrayList<UUID>(ids(row.getArray("remittance_ids")));
                    clearing.find(
                                    StandardAccount.REMITTANCE_CLEARING,
                                    new ClearingReference("trn", row.getString("reference")))
                            .map(OpenReference::id)
                            .ifPresent(next::add);
                    Money expected = money(row, "expected_amount");
                    Money received = money(row, "received_amount");
                    return new MoneyNode(
                            id,
                            "settlement",
                            MoneyStage.CASH,
                            "Settlement " + row.getString("trace_number"),
                            expected,
                            row.getObject("counted_from", LocalDate.class),
                            state(state),
                            "%s: expected %s, received %s"
                                    .formatted(words(state.key()), Amounts.format(expected), Amounts.format(received)),
                            "/app/settlements/" + id,
                            next);
                })
                .list();
    }

    /** They hang on the settlement they count for. */
    private List<MoneyNode> receipts(Collection<UUID> ids) {
        return bind(ids, """
                        select b.*,
                            (select array_agg(p.settlement_id) from billing_settlement_receipts p
                             where p.org_id = b.org_id and p.receipt_id = b.id) as settlement_ids
                        from billing_bank_receipts b
                        where b.org_id = :org and (b.id = any(:ids)
                           or b.id in (select p.receipt_id from billing_settlement_receipts p
                                       where p.org_id = :org and p.settlement_id = any(:ids)))
                        order by b.id
                        """)
                .query((row, number) -> {
                    List<UUID> settlements = ids(row.getArray("settlement_ids"));
                    var next = new ArrayList<UUID>(settlements);
                    add(next, row, "journal_entry_id");
                    boolean counts = row.getString("state").equals("received");
                    return new MoneyNode(
                            row.getObject("id", UUID.class),
                            "bank-receipt",
                            MoneyStage.CASH,
                            "Receipt " + row.getString("receipt_number"),
                            money(row, "amount"),
                            row.getObject("bank_date", LocalDate.class),
                            counts ? MoneyState.SETTLED : MoneyState.UNDONE,
                            "%s %s, %s"
                                    .formatted(
                                            row.getString("kind").toUpperCase(Locale.ROOT),
                                            row.getString("trace_number"),
                                            row.getString("source").equals("hand")
                                                    ? "recorded by hand"
                                                    : "from a bank file"),
                            settlements.isEmpty() ? null : "/app/settlements/" + settlements.getFirst(),
                            next);
                })
                .list();
    }

    private static MoneyState state(SettlementState state) {
        return switch (state) {
            case EXPECTED -> MoneyState.EXPECTED;
            case WAITING -> MoneyState.WAITING;
            case LATE -> MoneyState.LATE;
            case MISSING -> MoneyState.MISSING;
            case MISMATCHED -> MoneyState.MISMATCHED;
            case SETTLED -> MoneyState.SETTLED;
            case CLOSED -> MoneyState.UNDONE;
        };
    }

    private JdbcClient.StatementSpec bind(Collection<UUID> ids, String sql) {
        return jdbc.sql(sql).param("org", CurrentOrganization.id().value()).param("ids", ids.toArray(UUID[]::new));
    }

    private LocalDate day(ResultSet row, String column) throws SQLException {
        return LocalDate.ofInstant(
                row.getTimestamp(column).toInstant(), organizations.current().timeZone());
    }

    private static void add(List<UUID> next, ResultSet row, String column) throws SQLException {
        UUID id = row.getObject(column, UUID.class);
        if (id != null) {
            next.add(id);
        }
    }

    private static List<UUID> ids(@Nullable Array array) throws SQLException {
        return array == null ? List.of() : List.of((UUID[]) array.getArray());
    }

    private static Money money(ResultSet row, String column) throws SQLException {
        return Amounts.ofMinor(row.getLong(column), row.getString("currency"));
    }

    private static String words(String key) {
        return key.substring(0, 1).toUpperCase(Locale.ROOT) + key.substring(1).replace('_', ' ');
    }
}
