package io.remitflow.ledger;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The story of one account, always added up from the lines. */
@Service
public class AccountLedgers {

    public static final int MAX_PAGE = 500;

    /** Before every line there can be. */
    private static final UUID FIRST = new UUID(0, 0);

    private final JdbcClient jdbc;
    private final ChartOfAccounts chart;

    AccountLedgers(JdbcClient jdbc, ChartOfAccounts chart) {
        this.jdbc = jdbc;
        this.chart = chart;
    }

    /** Oldest first, from the day given. */
    @Transactional(readOnly = true)
    public AccountLedger of(UUID accountId, LocalDate from, LocalDate to, @Nullable String after, int limit) {
        if (limit < 1 || limit > MAX_PAGE) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a page has 1 to %d lines".formatted(MAX_PAGE));
        }
        var account = chart.get(accountId);
        var start = after == null ? new Cursor(from, FIRST, 0) : Cursor.decode(after);
        long opening = balanceUpTo(accountId, start);
        var lines = new ArrayList<>(lines(account, start, to, opening, limit + 1));
        String next = null;
        if (lines.size() > limit) {
            lines.removeLast();
            var last = lines.getLast();
            next = new Cursor(last.date(), last.entryId(), last.lineNumber()).encode();
        }
        var openingBalance = inNormalDirection(account, opening);
        return new AccountLedger(
                account,
                openingBalance,
                List.copyOf(lines),
                lines.isEmpty() ? openingBalance : lines.getLast().balance(),
                next);
    }

    /** At the end of that day. */
    @Transactional(readOnly = true)
    public Money balance(UUID accountId, LocalDate asOf) {
        var account = chart.get(accountId);
        return inNormalDirection(account, balanceUpTo(accountId, new Cursor(asOf.plusDays(1), FIRST, 0)));
    }

    private List<AccountLedger.Line> lines(Account account, Cursor start, LocalDate to, long opening, int limit) {
        String currency = account.balance().getCurrencyUnit().getCode();
        return jdbc.sql("""
                        select l.*, e.entry_number, e.description as entry_description, c.reference_kind, c.reference_value,
                               (:opening + sum(l.debit_amount - l.credit_amount)
                                   over (order by l.entry_date, l.journal_entry_id, l.line_number))::bigint as balance
                          from (select * from accounting_journal_lines
                                 where org_id = :org and account_id = :account and entry_date <= :to
                                   and (entry_date, journal_entry_id, line_number) > (:date, :entry, :line)
                                 order by entry_date, journal_entry_id, line_number limit :limit) l
                          join accounting_journal_entries e on e.org_id = l.org_id and e.id = l.journal_entry_id
                          left join accounting_clearing_references c
                               on c.org_id = l.org_id and c.id = l.clearing_reference_id
                         order by l.entry_date, l.journal_entry_id, l.line_number
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("account", account.id())
                .param("to", to)
                .param("opening", opening)
                .param("date", start.date())
                .param("entry", start.entryId())
                .param("line", start.line())
                .param("limit", limit)
                .query((row, number) -> {
                    String text = row.getString("description");
                    return new AccountLedger.Line(
                            row.getObject("journal_entry_id", UUID.class),
                            row.getString("entry_number"),
                            row.getObject("entry_date", LocalDate.class),
                            row.getInt("line_number"),
                            text == null ? row.getString("entry_description") : text,
                            JournalRows.clearing(row),
                            Amounts.ofMinor(row.getLong("debit_amount"), currency),
                            Amounts.ofMinor(row.getLong("credit_amount"), currency),
                            inNormalDirection(account, row.getLong("balance")));
                })
                .list();
    }

    /** Debit minus credit of all lines up to and including the cursor. */
    private long balanceUpTo(UUID accountId, Cursor cursor) {
        return jdbc.sql("""
                        select coalesce(sum(debit_amount - credit_amount), 0)::bigint from accounting_journal_lines
                         where org_id = :org and account_id = :account
                           and (entry_date, journal_entry_id, line_number) <= (:date, :entry, :line)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("account", accountId)
                .param("date", cursor.date())
                .param("entry", cursor.entryId())
                .param("line", cursor.line())
                .query(Long.class)
                .single();
    }

    private static Money inNormalDirection(Account account, long debitMinusCredit) {
        return Money.ofMinor(account.balance().getCurrencyUnit(), account.type().inNormalDirection(debitMinusCredit));
    }
}
