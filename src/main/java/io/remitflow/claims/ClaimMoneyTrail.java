package io.remitflow.claims;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Permission;
import io.remitflow.ledger.MoneyMatches;
import io.remitflow.ledger.MoneyNode;
import io.remitflow.ledger.MoneySearch;
import io.remitflow.ledger.MoneyStage;
import io.remitflow.ledger.MoneyState;
import io.remitflow.ledger.MoneyTrail;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Claims on the way of money: where a search by claim begins. */
@Component
class ClaimMoneyTrail implements MoneyTrail {

    private final JdbcClient jdbc;

    ClaimMoneyTrail(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public Permission permission() {
        return Permission.PATIENT_ACCOUNTS_VIEW;
    }

    @Override
    public MoneyMatches find(MoneySearch search, int limit) {
        return search.among(jdbc, """
                select id from billing_claims where org_id = :org and control_number in (:text, :upper)
                union
                select id from billing_claims where org_id = :org and payer_claim_number in (:text, :upper)
                union
                select id from billing_claims where org_id = :org and charged = :amount and currency = :currency
                """, limit);
    }

    @Override
    public List<MoneyNode> nodes(Collection<UUID> ids) {
        return jdbc.sql("""
                        select c.*, p.name as payer_name from billing_claims c
                        join billing_payers p on p.org_id = c.org_id and p.id = c.payer_id
                        where c.org_id = :org and c.id = any(:ids) order by c.id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("ids", ids.toArray(UUID[]::new))
                .query((row, number) -> {
                    UUID id = row.getObject("id", UUID.class);
                    UUID entry = row.getObject("journal_entry_id", UUID.class);
                    ClaimStatus status = ClaimStatus.ofKey(row.getString("status"));
                    return new MoneyNode(
                            id,
                            "claim",
                            MoneyStage.DOCUMENT,
                            "Claim " + row.getString("control_number"),
                            Amounts.ofMinor(row.getLong("charged"), row.getString("currency")),
                            row.getObject("submitted_on", LocalDate.class),
                            state(status),
                            "%s, to %s".formatted(words(status), row.getString("payer_name")),
                            "/app/claims/" + id,
                            entry == null ? List.of() : List.of(entry));
                })
                .list();
    }

    private static MoneyState state(ClaimStatus status) {
        return switch (status) {
            case PAID, CLOSED, REPLACED, VOIDED -> MoneyState.SETTLED;
            case SUBMITTED, ACCEPTED, PARTIALLY_PAID, REVERSED -> MoneyState.WAITING;
            case DENIED -> MoneyState.MISMATCHED;
        };
    }

    private static String words(ClaimStatus status) {
        String words = status.key().replace('_', ' ');
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }
}
