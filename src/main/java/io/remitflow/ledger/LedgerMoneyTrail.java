package io.remitflow.ledger;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Permission;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Journal entries, the clearing references they move and the periods they are in. */
@Component
class LedgerMoneyTrail implements MoneyTrail {

    /** A reference with more lines collects many events, such as a batch: its other entries are no part of one's way. */
    private static final int LINES_OF_ONE_EVENT = 8;

    private static final int REFERENCES = 20;

    private final JdbcClient jdbc;

    LedgerMoneyTrail(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public Permission permission() {
        return Permission.LEDGER_VIEW;
    }

    /** By amount only entries without a document: of the others the document is found. */
    @Override
    public MoneyMatches find(MoneySearch search, int limit) {
        return search.among(jdbc, """
                select id from accounting_journal_entries where org_id = :org and entry_number in (:text, :upper)
                union
                select id from accounting_journal_entries
                where org_id = :org and total_debit = :amount and currency = :currency and source_document_id is null
                union
                select id from accounting_clearing_references where org_id = :org and reference_value = :text
                """, limit);
    }

    @Override
    public List<MoneyNode> nodes(Collection<UUID> ids) {
        var nodes = new ArrayList<MoneyNode>(entries(ids));
        nodes.addAll(references(ids));
        nodes.addAll(periods(ids));
        return nodes;
    }

    private List<MoneyNode> entries(Collection<UUID> ids) {
        return bind(ids, """
                        with wanted as (
                            select id from accounting_journal_entries
                            where org_id = :org and (id = any(:ids) or source_document_id = any(:ids))
                            union
                            select l.journal_entry_id from accounting_journal_lines l
                            where l.org_id = :org and l.clearing_reference_id = any(:ids)
                              and (select count(*) from (select from accounting_journal_lines o
                                       where o.org_id = :org and o.clearing_reference_id = l.clearing_reference_id
                                       limit :some + 1) counted) <= :some
                        )
                        select e.*, p.id as period_id, r.id as reversal_id, r.entry_number as reversal_number,
                            (select array_agg(id) from (
                                select distinct l.clearing_reference_id as id from accounting_journal_lines l
                                where l.org_id = :org and l.journal_entry_id = e.id and l.clearing_reference_id is not null
                                limit :references) found) as reference_ids
                        from wanted w
                        join accounting_journal_entries e on e.org_id = :org and e.id = w.id
                        join accounting_fiscal_periods p on p.org_id = e.org_id and p.fiscal_period = e.fiscal_period
                        left join accounting_journal_entries r on r.org_id = e.org_id and r.reverses_entry_id = e.id
                        order by e.entry_date, e.id
                        """)
                .param("some", LINES_OF_ONE_EVENT)
                .param("references", REFERENCES)
                .query((row, number) -> {
                    var next = new ArrayList<UUID>();
                    next.add(row.getObject("period_id", UUID.class));
                    next.addAll(ids(row.getArray("reference_ids")));
                    add(next, row, "source_document_id");
                    add(next, row, "reverses_entry_id");
                    add(next, row, "reversal_id");
                    String reversal = row.getString("reversal_number");
                    UUID id = row.getObject("id", UUID.class);
                    return new MoneyNode(
                            id,
                            "journal-entry",
                            MoneyStage.POSTING,
                            row.getString("entry_number"),
                            money(row, "total_debit"),
                            row.getObject("entry_date", LocalDate.class),
                            reversal == null ? MoneyState.SETTLED : MoneyState.UNDONE,
                            row.getString("description") + (reversal == null ? "" : ", reversed by " + reversal),
                            "/app/ledger/journal/" + id,
                            next);
                })
                .list();
    }

    private List<MoneyNode> references(Collection<UUID> ids) {
        return bind(ids, """
                        select r.*, a.account_code, a.account_name from accounting_clearing_references r
                        join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
                        where r.org_id = :org and r.id = any(:ids) order by r.opened_on, r.id
                        """)
                .query((row, number) -> {
                    UUID id = row.getObject("id", UUID.class);
                    Money balance = money(row, "balance");
                    return new MoneyNode(
                            id,
                            "clearing-reference",
                            MoneyStage.CLEARING,
                            row.getString("reference_kind") + " " + row.getString("reference_value"),
                            balance,
                            row.getObject("last_entry_on", LocalDate.class),
                            balance.isZero() ? MoneyState.SETTLED : MoneyState.WAITING,
                            "%s %s, first moved on %s"
                                    .formatted(
                                            row.getString("account_code"),
                                            row.getString("account_name"),
                                            row.getObject("opened_on", LocalDate.class)),
                            "/app/ledger/clearing/" + id,
                            List.of());
                })
                .list();
    }

    private List<MoneyNode> periods(Collection<UUID> ids) {
        return bind(ids, """
                        select * from accounting_fiscal_periods where org_id = :org and id = any(:ids) order by starts_on
                        """)
                .query((row, number) -> {
                    boolean closed = row.getString("status").equals("closed");
                    return new MoneyNode(
                            row.getObject("id", UUID.class),
                            "fiscal-period",
                            MoneyStage.PERIOD,
                            row.getString("fiscal_period"),
                            null,
                            row.getObject("ends_on", LocalDate.class),
                            closed ? MoneyState.SETTLED : MoneyState.WAITING,
                            closed ? "Closed" : "Open",
                            "/app/ledger/periods",
                            List.of());
                })
                .list();
    }

    private JdbcClient.StatementSpec bind(Collection<UUID> ids, String sql) {
        return jdbc.sql(sql).param("org", CurrentOrganization.id().value()).param("ids", ids.toArray(UUID[]::new));
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
}
