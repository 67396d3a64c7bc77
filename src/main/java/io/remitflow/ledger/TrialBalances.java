package io.remitflow.ledger;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import java.time.LocalDate;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Trial balances, always added up from the lines, never from cached balances. */
@Service
public class TrialBalances {

    private final JdbcClient jdbc;

    TrialBalances(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** With all entries dated on that day or before. */
    @Transactional(readOnly = true)
    public TrialBalance asOf(LocalDate date) {
        var rows = jdbc.sql("""
                        select a.id, a.account_code, a.account_name, a.account_type, a.currency, l.balance
                          from (select account_id, sum(debit_amount - credit_amount)::bigint as balance
                                  from accounting_journal_lines
                                 where org_id = :org and entry_date <= :date group by account_id) l
                          join accounting_chart_of_accounts a on a.org_id = :org and a.id = l.account_id
                         order by a.account_code
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("date", date)
                .query((row, number) -> {
                    long balance = row.getLong("balance");
                    String currency = row.getString("currency");
                    return new TrialBalance.Row(
                            row.getObject("id", UUID.class),
                            row.getString("account_code"),
                            row.getString("account_name"),
                            AccountType.ofKey(row.getString("account_type")),
                            Amounts.ofMinor(Math.max(balance, 0), currency),
                            Amounts.ofMinor(Math.max(-balance, 0), currency));
                })
                .list();
        return new TrialBalance(date, rows, totals(rows));
    }

    private static List<TrialBalance.Total> totals(List<TrialBalance.Row> rows) {
        var totals = new TreeMap<CurrencyUnit, TrialBalance.Total>();
        for (var row : rows) {
            var currency = row.debit().getCurrencyUnit();
            var sum = totals.getOrDefault(currency, new TrialBalance.Total(Money.zero(currency), Money.zero(currency)));
            totals.put(
                    currency,
                    new TrialBalance.Total(
                            sum.debit().plus(row.debit()), sum.credit().plus(row.credit())));
        }
        return List.copyOf(totals.values());
    }
}
