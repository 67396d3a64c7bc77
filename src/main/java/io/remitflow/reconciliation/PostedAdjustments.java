package io.remitflow.reconciliation;

import io.remitflow.core.Amounts;
import io.remitflow.discrepancies.Corrections;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.identity.CurrentOrganization;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Corrections of discrepancies: adjustments that went through their approval and are in the books, each for one discrepancy, of
 * the account whose payment differs and in the amount of the difference. Where no payment of ours says whose it is, it is at least
 * one that was posted since the difference was found and moves what is owed as the money does.
 */
@Component
class PostedAdjustments implements Corrections {

    private final JdbcClient jdbc;

    PostedAdjustments(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Found(
            UUID accountId,
            @Nullable UUID claimId,
            long amountMinor,
            String currency,
            boolean posted,
            @Nullable Instant postedAt,
            boolean raises) {}

    private record Paid(UUID accountId, @Nullable UUID claimId) {}

    @Override
    public Optional<String> refusal(Discrepancy discrepancy, String adjustmentNumber) {
        Found found = locked(adjustmentNumber).filter(Found::posted).orElse(null);
        if (found == null) {
            return Optional.of("a correction is an adjustment that was approved and posted: give its number");
        }
        Paid paid = paid(discrepancy).orElse(null);
        if (paid != null && !paid.accountId().equals(found.accountId())) {
            return Optional.of("adjustment %s is of another account than the payment".formatted(adjustmentNumber));
        }
        if (paid == null && (found.postedAt() == null || found.postedAt().isBefore(discrepancy.openedAt()))) {
            return Optional.of("adjustment %s was posted before the difference was found".formatted(adjustmentNumber));
        }
        if (paid == null && found.raises() != wentOut(discrepancy)) {
            return Optional.of("adjustment %s %s what is owed: this money %s"
                    .formatted(
                            adjustmentNumber,
                            found.raises() ? "raises" : "lowers",
                            found.raises() ? "came in" : "went out"));
        }
        if (paid != null
                && paid.claimId() != null
                && found.claimId() != null
                && !paid.claimId().equals(found.claimId())) {
            return Optional.of("adjustment %s is of another claim than the payment".formatted(adjustmentNumber));
        }
        var difference = discrepancy.difference();
        if (!found.currency().equals(difference.getCurrencyUnit().getCode())
                || found.amountMinor() != difference.getAmountMinorLong()) {
            return Optional.of("adjustment %s is over %s, the difference is %s"
                    .formatted(
                            adjustmentNumber,
                            Amounts.format(found.amountMinor(), found.currency()),
                            Amounts.format(difference)));
        }
        return correctedBy(discrepancy, adjustmentNumber)
                .map(other -> "adjustment %s corrects discrepancy %s already".formatted(adjustmentNumber, other));
    }

    /** Two people who name the same one take turns. */
    private Optional<Found> locked(String adjustmentNumber) {
        return jdbc.sql("""
                        select account_id, claim_id, adjustment_amount, currency, status = 'posted' as posted, posted_at,
                               adjustment_type = 'reversal' as raises
                        from billing_adjustments where org_id = :org and adjustment_number = :number for no key update
                        """)
                .param("org", organization())
                .param("number", adjustmentNumber)
                .query((row, number) -> new Found(
                        row.getObject("account_id", UUID.class),
                        row.getObject("claim_id", UUID.class),
                        row.getLong("adjustment_amount"),
                        row.getString("currency"),
                        row.getBoolean("posted"),
                        Optional.ofNullable(row.getTimestamp("posted_at"))
                                .map(Timestamp::toInstant)
                                .orElse(null),
                        row.getBoolean("raises")))
                .optional();
    }

    /** The payment of ours that differs, if there is one. */
    private Optional<Paid> paid(Discrepancy discrepancy) {
        return jdbc.sql("select account_id, claim_id from billing_payments where org_id = :org and id = :id")
                .param("org", organization())
                .param("id", discrepancy.subjectId(), Types.OTHER)
                .query((row, number) ->
                        new Paid(row.getObject("account_id", UUID.class), row.getObject("claim_id", UUID.class)))
                .optional();
    }

    /** What a gateway has and we have not is a charge; only a line of the bank says otherwise. */
    private boolean wentOut(Discrepancy discrepancy) {
        return discrepancy.subjectType().equals(SuspendedLines.SUBJECT)
                && jdbc.sql("select amount < 0 from accounting_bank_lines where org_id = :org and id = :id")
                        .param("org", organization())
                        .param("id", discrepancy.subjectId(), Types.OTHER)
                        .query(Boolean.class)
                        .optional()
                        .orElse(false);
    }

    private Optional<String> correctedBy(Discrepancy discrepancy, String adjustmentNumber) {
        return jdbc.sql("""
                        select discrepancy_number from reconciliation_discrepancies
                        where org_id = :org and adjustment_number = :number and id <> :id limit 1
                        """)
                .param("org", organization())
                .param("number", adjustmentNumber)
                .param("id", discrepancy.id())
                .query(String.class)
                .optional();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
