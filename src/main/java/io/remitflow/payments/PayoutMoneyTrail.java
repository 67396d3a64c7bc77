package io.remitflow.payments;

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

/** Payouts of gateways on the way of money. They hang on the payments they carry, and on their entries. */
@Component
class PayoutMoneyTrail implements MoneyTrail {

    private final JdbcClient jdbc;
    private final PayoutRows rows;
    private final Organizations organizations;

    PayoutMoneyTrail(JdbcClient jdbc, PayoutRows rows, Organizations organizations) {
        this.jdbc = jdbc;
        this.rows = rows;
        this.organizations = organizations;
    }

    @Override
    public Permission permission() {
        return Permission.PATIENT_ACCOUNTS_VIEW;
    }

    /** By its number, the gateway's and the bank's, and by the numbers of the transactions in it. */
    @Override
    public MoneyMatches find(MoneySearch search, int limit) {
        return search.among(jdbc, """
                select id from payments_payouts where org_id = :org and payout_number in (:text, :upper)
                union
                select id from payments_payouts where org_id = :org and gateway_payout_id = :text
                union
                select id from payments_payouts where org_id = :org and trace_number = :text
                union
                select id from payments_payouts where org_id = :org and amount in (:amount, -:amount) and currency = :currency
                union
                select payout_id from payments_payout_lines where org_id = :org and gateway_transaction_id = :text
                """, limit);
    }

    @Override
    public List<MoneyNode> nodes(Collection<UUID> ids) {
        LocalDate today = organizations.today();
        return jdbc
                .sql("""
                        select p.id from payments_payouts p
                         where p.org_id = :org
                           and (p.id = any(:ids) or p.journal_entry_id = any(:ids) or p.return_entry_id = any(:ids))
                        union
                        select l.payout_id from payments_payout_lines l where l.org_id = :org and l.payment_id = any(:ids)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("ids", ids.toArray(UUID[]::new))
                .query(UUID.class)
                .list()
                .stream()
                .sorted()
                .flatMap(id -> rows.find(id).stream())
                .map(payout -> node(payout, today))
                .toList();
    }

    private static MoneyNode node(Payout payout, LocalDate today) {
        List<UUID> next = new ArrayList<>();
        if (payout.journalEntryId() != null) {
            next.add(payout.journalEntryId());
        }
        if (payout.returnEntryId() != null) {
            next.add(payout.returnEntryId());
        }
        return new MoneyNode(
                payout.id(),
                "payout",
                MoneyStage.DOCUMENT,
                "Payout " + payout.number(),
                payout.amount(),
                payout.arrivesOn(),
                switch (payout.standing(today)) {
                    case COLLECTING, WAITING -> MoneyState.WAITING;
                    case HELD -> MoneyState.MISMATCHED;
                    case EXPECTED -> MoneyState.EXPECTED;
                    case LATE -> MoneyState.LATE;
                    case MISSING -> MoneyState.MISSING;
                    case SETTLED -> MoneyState.SETTLED;
                    case FAILED -> MoneyState.WAITING;
                    case RETURNED -> MoneyState.UNDONE;
                },
                "%s at the gateway as %s".formatted(payout.status().key().replace('_', ' '), payout.gatewayPayoutId()),
                "/app/payments/payouts/" + payout.id(),
                next);
    }
}
