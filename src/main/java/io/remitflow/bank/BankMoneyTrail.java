package io.remitflow.bank;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Permission;
import io.remitflow.ledger.MoneyMatches;
import io.remitflow.ledger.MoneyNode;
import io.remitflow.ledger.MoneySearch;
import io.remitflow.ledger.MoneyStage;
import io.remitflow.ledger.MoneyState;
import io.remitflow.ledger.MoneyTrail;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Lines of bank statements on the way of money. What the bank wrote about them may name people and is left out. */
@Component
class BankMoneyTrail implements MoneyTrail {

    private final JdbcClient jdbc;

    BankMoneyTrail(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public Permission permission() {
        return Permission.BANK_RECONCILE;
    }

    @Override
    public MoneyMatches find(MoneySearch search, int limit) {
        return search.among(jdbc, """
                select id from accounting_bank_lines
                where org_id = :org and :text in (trace_number, check_number, reference, bank_reference)
                union
                select id from accounting_bank_lines
                where org_id = :org and currency = :currency and amount in (:amount, -:amount)
                """, limit);
    }

    /** They hang on the receipts and entries by which they came into the books, and by which a match explained them. */
    @Override
    public List<MoneyNode> nodes(Collection<UUID> ids) {
        return jdbc.sql("""
                        select l.id, l.statement_id, l.booked_on, l.amount, l.currency, a.account_name, s.file_id,
                            b.counter, b.receipt_id, b.journal_entry_id, m.match_id, m.rule_title,
                            m.receipts as match_receipts, m.entries as match_entries,
                            array(select o.part_id from accounting_bank_match_parts o
                                   where o.org_id = l.org_id and o.match_id = m.match_id and o.side = 'entry') as booked_before
                        from accounting_bank_lines l
                        join accounting_bank_accounts a on a.org_id = l.org_id and a.id = l.bank_account_id
                        join accounting_bank_statements s on s.org_id = l.org_id and s.id = l.statement_id
                        left join accounting_bank_bookings b on b.org_id = l.org_id and b.line_id = l.id
                        left join lateral (
                            select p.match_id, a.rule_title, array_remove(array_agg(e.receipt_id), null) as receipts,
                                   array_remove(array_agg(e.journal_entry_id), null) as entries
                              from accounting_bank_match_parts p
                              join accounting_bank_matches a on a.org_id = p.org_id and a.id = p.match_id and a.status = 'accepted'
                              left join accounting_bank_match_entries e on e.org_id = p.org_id and e.match_id = p.match_id
                                   and coalesce(e.line_id, p.part_id) = p.part_id
                             where p.org_id = l.org_id and p.side = 'line' and p.part_id = l.id and p.active
                             group by p.match_id, a.rule_title) m on true
                        where l.org_id = :org
                          and (l.id = any(:ids) or b.receipt_id = any(:ids) or b.journal_entry_id = any(:ids)
                               or l.id in (select p.part_id from accounting_bank_match_entries e
                                           join accounting_bank_match_parts p on p.org_id = e.org_id and p.match_id = e.match_id
                                                and p.side = 'line' and p.active and coalesce(e.line_id, p.part_id) = p.part_id
                                           where e.org_id = :org
                                             and (e.receipt_id = any(:ids) or e.journal_entry_id = any(:ids)))
                               or l.id in (select p.part_id from accounting_bank_match_parts o
                                           join accounting_bank_match_parts p on p.org_id = o.org_id and p.match_id = o.match_id
                                                and p.side = 'line' and p.active
                                           where o.org_id = :org and o.side = 'entry' and o.active and o.part_id = any(:ids)))
                        order by l.id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("ids", ids.toArray(UUID[]::new))
                .query((row, number) -> {
                    boolean matched = row.getObject("match_id") != null;
                    String counter = matched ? "matched" : Objects.requireNonNullElse(row.getString("counter"), "");
                    return new MoneyNode(
                            row.getObject("id", UUID.class),
                            "bank-line",
                            MoneyStage.CASH,
                            "Bank line of " + row.getString("account_name"),
                            Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                            row.getObject("booked_on", LocalDate.class),
                            switch (counter) {
                                case "remittance", "clearing", "matched" -> MoneyState.SETTLED;
                                case "taken-back" -> MoneyState.UNDONE;
                                default -> MoneyState.WAITING;
                            },
                            switch (counter) {
                                case "remittance" -> "Money of a payer";
                                case "clearing" -> "Settles what waited in clearing";
                                case "taken-back" -> "The bank took money of a payer back";
                                case "matched" -> "A person said what it is: " + row.getString("rule_title");
                                case "suspense" -> "In bank suspense until somebody says what it is";
                                default -> "Not booked yet";
                            },
                            "/app/bank/statements/" + row.getObject("statement_id", UUID.class),
                            next(row));
                })
                .list();
    }

    private static List<UUID> next(ResultSet row) throws SQLException {
        var next = new ArrayList<UUID>();
        for (String column : List.of("file_id", "receipt_id", "journal_entry_id")) {
            UUID id = row.getObject(column, UUID.class);
            if (id != null) {
                next.add(id);
            }
        }
        for (String column : List.of("match_receipts", "match_entries", "booked_before")) {
            Array matched = row.getArray(column);
            if (matched != null) {
                next.addAll(List.of((UUID[]) matched.getArray()));
            }
        }
        return next;
    }
}
