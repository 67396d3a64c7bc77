package io.remitflow.adjustments;

import io.remitflow.identity.UserId;
import io.remitflow.receivables.Responsibility;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A write-off, discount or correction as it stands.
 *
 * @param amount more than zero: what is given up, or for a reversal what is owed again
 * @param responsibility who owed it
 * @param step id of the element of the process where it waits or was last
 * @param version counts amounts: an approval holds for one version
 * @param levels roles that must approve this version, in order; null until the rule was asked
 * @param preparers whoever prepared an earlier version; {@code preparedBy} prepared this one
 * @param invoiceId the invoice that a credit memo is meant for first, or that a write-off gives up
 * @param reverses the posted one that this one takes back
 */
public record Adjustment(
        UUID id,
        String number,
        UUID accountId,
        @Nullable UUID claimId,
        Responsibility responsibility,
        AdjustmentType type,
        LocalDate date,
        Money amount,
        String reason,
        AdjustmentStatus status,
        String step,
        int version,
        @Nullable List<String> levels,
        @Nullable String approvalReason,
        @Nullable String refusalReason,
        UserId requestedBy,
        UserId preparedBy,
        Set<UserId> preparers,
        Instant requestedAt,
        @Nullable UserId approvedBy,
        @Nullable Instant approvedAt,
        @Nullable Instant postedAt,
        @Nullable UUID journalEntryId,
        @Nullable UUID reverses,
        @Nullable UUID denialId,
        @Nullable UUID invoiceId) {

    public Adjustment {
        preparers = Set.copyOf(preparers);
    }
}
