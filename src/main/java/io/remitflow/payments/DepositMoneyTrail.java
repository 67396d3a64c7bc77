package io.remitflow.payments;

import io.remitflow.core.Amounts;
import io.remitflow.core.BusinessDays;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.ledger.MoneyMatches;
import io.remitflow.ledger.MoneyNode;
import io.remitflow.ledger.MoneySearch;
import io.remitflow.ledger.MoneyStage;
import io.remitflow.ledger.MoneyState;
import io.remitflow.ledger.MoneyTrail;
import io.remitflow.ledger.StandardAccount;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Deposits on the way of money; what was brought to the bank leads to them. */
@Component
class DepositMoneyTrail implements MoneyTrail {

    private final JdbcClient jdbc;
    private final Organizations organizations;

    DepositMoneyTrail(JdbcClient jdbc, Organizations organizations) {
        this.jdbc = jdbc;
        this.organizations = organizations;
    }

    @Override
    public Permission permission() {
        return Permission.CHECKS_VIEW;
    }

    @Override
    public MoneyMatches find(MoneySearch search, int limit) {
        return search.among(jdbc, """
                select id from billing_bank_deposits where org_id = :org and deposit_number in (:text, :upper)
                union
                select id from billing_bank_deposits where org_id = :org and slip_number = :text
                union
                select id from billing_bank_deposits
                where org_id = :org and amount = :amount and currency = :currency
                """, limit);
    }

    @Override
    public List<MoneyNode> nodes(Collection<UUID> ids) {
        LocalDate today = organizations.today();
        return jdbc.sql("""
                        select d.*, coalesce(r.balance, 0) as open from billing_bank_deposits d
                        join accounting_chart_of_accounts a on a.org_id = d.org_id and a.account_code = :code
                        left join accounting_clearing_references r on r.org_id = d.org_id and r.account_id = a.id
                             and r.reference_kind = 'deposit' and r.reference_value = d.deposit_number
                        where d.org_id = :org and (d.id = any(:ids)
                              or d.id in (select deposit_id from billing_bank_deposit_items
                                          where org_id = :org and receipt_id = any(:ids)))
                        order by d.id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("code", StandardAccount.UNDEPOSITED_CHECKS.code())
                .param("ids", ids.toArray(UUID[]::new))
                .query((row, number) -> {
                    UUID id = row.getObject("id", UUID.class);
                    UUID entry = row.getObject("journal_entry_id", UUID.class);
                    LocalDate date = row.getObject("deposit_date", LocalDate.class);
                    LocalDate due = BusinessDays.after(date, Deposit.DAYS_OF_THE_BANK);
                    boolean credited = row.getLong("open") == 0;
                    String status = row.getString("status");
                    var next = new ArrayList<UUID>();
                    if (entry != null) {
                        next.add(entry);
                    }
                    return new MoneyNode(
                            id,
                            "deposit",
                            MoneyStage.DOCUMENT,
                            "Deposit " + row.getString("deposit_number"),
                            Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                            date,
                            switch (status) {
                                case "cancelled" -> MoneyState.UNDONE;
                                case "prepared" -> MoneyState.WAITING;
                                default ->
                                    credited
                                            ? MoneyState.SETTLED
                                            : due.isBefore(today) ? MoneyState.LATE : MoneyState.WAITING;
                            },
                            "%d items by %s, %s"
                                    .formatted(
                                            row.getInt("item_count"),
                                            row.getString("deposit_method"),
                                            status.equals("verified") && credited ? "credited" : status),
                            "/app/deposits/" + id,
                            next);
                })
                .list();
    }
}
