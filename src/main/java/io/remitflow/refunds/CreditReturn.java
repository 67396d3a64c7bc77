package io.remitflow.refunds;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A credit on its way to another balance of its guarantor, or back to its payer.
 *
 * @param paymentId the payment whose money a transfer uses, which can no longer be refunded then
 * @param method how a payer gets its money, {@code check} or {@code ach}
 * @param levels roles that must approve, in order; null until the rule was asked
 */
public record CreditReturn(
        UUID id,
        UUID creditId,
        Kind kind,
        Money amount,
        @Nullable UUID targetAccountId,
        @Nullable UUID targetClaimId,
        @Nullable UUID paymentId,
        @Nullable String method,
        String reason,
        Status status,
        @Nullable List<String> levels,
        @Nullable String approvalReason,
        UserId requestedBy,
        Instant requestedAt,
        @Nullable UserId processedBy,
        @Nullable String payoutReference,
        @Nullable UUID journalEntryId) {

    public enum Kind {
        TRANSFER,
        PAYER_REFUND;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public enum Status {
        PENDING,
        APPROVED,
        POSTED,
        REJECTED,
        CANCELLED;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public boolean isUnderWay() {
        return status == Status.PENDING || status == Status.APPROVED;
    }

    /** What people are asked to approve. */
    public String words() {
        return kind == Kind.TRANSFER
                ? "Use it for another open balance of the guarantor"
                : "Refund to the payer by " + ("ach".equals(method) ? "ACH" : "check");
    }
}
