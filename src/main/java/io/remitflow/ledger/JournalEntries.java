package io.remitflow.ledger;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Finds posted entries. */
@Service
public class JournalEntries {

    public static final int MAX_PAGE = 200;

    private final JdbcClient jdbc;

    JournalEntries(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public EntryPage find(EntryFilter filter, @Nullable String after, int limit) {
        if (limit < 1 || limit > MAX_PAGE) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a page has 1 to %d entries".formatted(MAX_PAGE));
        }
        var parameters = new HashMap<String, Object>();
        String where = where(filter, parameters);
        var sums = sums(where, parameters);
        var entries = new ArrayList<>(page(where, parameters, after, limit));
        String next = null;
        if (entries.size() > limit) {
            entries.removeLast();
            var last = entries.getLast();
            next = new Cursor(last.date(), last.id(), 0).encode();
        }
        return new EntryPage(
                List.copyOf(entries),
                sums.stream().mapToLong(Sum::count).sum(),
                sums.stream().map(Sum::total).toList(),
                next);
    }

    /** The modules that have posted something. */
    @Transactional(readOnly = true)
    public List<String> sourceModules() {
        return jdbc.sql("select distinct source_module from accounting_journal_entries where org_id = :org order by 1")
                .param("org", CurrentOrganization.id().value())
                .query(String.class)
                .list();
    }

    private List<JournalEntry> page(String where, Map<String, Object> parameters, @Nullable String after, int limit) {
        var all = new HashMap<>(parameters);
        String beyond = "";
        if (after != null) {
            var cursor = Cursor.decode(after);
            all.put("afterDate", cursor.date());
            all.put("afterId", cursor.entryId());
            beyond = " and (e.entry_date, e.id) < (:afterDate, :afterId)";
        }
        all.put("limit", limit + 1);
        return jdbc.sql("""
                        select e.*, r.id as reversed_by
                          from accounting_journal_entries e
                          left join accounting_journal_entries r on r.org_id = e.org_id and r.reverses_entry_id = e.id
                         where %s order by e.entry_date desc, e.id desc limit :limit
                        """.formatted(where + beyond))
                .params(all)
                .query((row, number) -> JournalRows.entry(row, List.of()))
                .list();
    }

    private List<Sum> sums(String where, Map<String, Object> parameters) {
        return jdbc.sql("""
                        select currency, count(*) as entries, sum(total_debit)::bigint as total
                          from accounting_journal_entries e where %s group by currency order by currency
                        """.formatted(where))
                .params(parameters)
                .query((row, number) -> new Sum(
                        row.getLong("entries"), Amounts.ofMinor(row.getLong("total"), row.getString("currency"))))
                .list();
    }

    /** Fixed conditions only; every value is a parameter. */
    private static String where(EntryFilter filter, Map<String, Object> parameters) {
        var conditions = new ArrayList<String>();
        parameters.put("org", CurrentOrganization.id().value());
        conditions.add("e.org_id = :org");
        if (filter.from() != null) {
            parameters.put("from", filter.from());
            conditions.add("e.entry_date >= :from");
        }
        if (filter.to() != null) {
            parameters.put("to", filter.to());
            conditions.add("e.entry_date <= :to");
        }
        if (filter.sourceModule() != null && !filter.sourceModule().isBlank()) {
            parameters.put("module", filter.sourceModule());
            conditions.add("e.source_module = :module");
        }
        if (filter.documentId() != null) {
            parameters.put("document", filter.documentId());
            conditions.add("e.source_document_id = :document");
        }
        if (filter.accountId() != null) {
            parameters.put("account", filter.accountId());
            conditions.add("""
                    exists (select from accounting_journal_lines l where l.org_id = :org and l.account_id = :account
                             and l.entry_date = e.entry_date and l.journal_entry_id = e.id)""");
        }
        if (filter.clearingReferenceId() != null) {
            parameters.put("clearing", filter.clearingReferenceId());
            conditions.add("""
                    e.id in (select l.journal_entry_id from accounting_journal_lines l
                              where l.org_id = :org and l.clearing_reference_id = :clearing)""");
        }
        if (filter.text() != null && !filter.text().isBlank()) {
            parameters.put("text", filter.text().strip());
            conditions.add("""
                    (strpos(lower(e.description), lower(:text)) > 0 or e.entry_number = upper(:text)
                     or e.reference_number = :text
                     or e.id in (select l.journal_entry_id from accounting_journal_lines l
                                   join accounting_clearing_references c
                                        on c.org_id = l.org_id and c.id = l.clearing_reference_id
                                  where l.org_id = :org and c.reference_value = :text))""");
        }
        return String.join(" and ", conditions);
    }

    private record Sum(long count, Money total) {}
}
