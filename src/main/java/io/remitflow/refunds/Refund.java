package io.remitflow.refunds;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A refund as it stands.
 *
 * @param step id of the element of the process where the refund waits or was last
 * @param version counts amounts and methods: an approval holds for one version
 * @param holdReason why it must not leave although it was approved; cleared when it is approved anew
 * @param preparers whoever prepared an earlier version; {@code preparedBy} prepared this one
 * @param dueOn the day until which the money should be back with the patient
 * @param levels roles that must approve this version, in order; null until the rule was asked
 */
public record Refund(
        UUID id,
        String number,
        UUID accountId,
        UUID paymentId,
        @Nullable UUID creditBalanceId,
        LocalDate date,
        Money amount,
        RefundMethod method,
        boolean originalMethod,
        @Nullable String methodReason,
        String reason,
        String description,
        RefundStatus status,
        String step,
        int version,
        @Nullable List<String> levels,
        @Nullable String approvalReason,
        @Nullable String refusalReason,
        UserId requestedBy,
        UserId preparedBy,
        Set<UserId> preparers,
        @Nullable UserId approvedBy,
        @Nullable UserId processedBy,
        Instant requestedAt,
        @Nullable Instant approvedAt,
        @Nullable Instant processedAt,
        @Nullable Instant completedAt,
        @Nullable String payoutReference,
        @Nullable String gatewayRefundId,
        @Nullable String declineCode,
        @Nullable UUID journalEntryId,
        @Nullable UUID achDestinationId,
        @Nullable String holdReason,
        @Nullable UUID reissueOf,
        LocalDate dueOn) {

    public Refund {
        preparers = Set.copyOf(preparers);
    }

    /** Whether people had to approve this version; false too while the rule was not asked yet. */
    public boolean neededApproval() {
        return levels != null && !levels.isEmpty();
    }

    /** Whether its money left, as far as the books know: it is booked, or on its way with a gateway. */
    public boolean left() {
        return journalEntryId != null || processedBy != null || payoutReference != null || gatewayRefundId != null;
    }
}
