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
 * @param accountNumber of the account that the credit stands on
 * @param paymentId the payment whose money a transfer uses, which can no longer be refunded then
 * @param method how a payer gets its money, {@code check} or {@code ach}
 * @param groups who is asked first, if the rule named others than the roles of the levels
 * @param dueDays until an approval is due
 * @param escalatedLevel the level whose approval was overdue and went to {@code escalateTo}
 * @param levels roles that must approve, in order; null until the rule was asked
 */
public record CreditReturn(
        UUID id,
        UUID creditId,
        String accountNumber,
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
        @Nullable UUID journalEntryId,
        List<String> groups,
        int dueDays,
        @Nullable String escalateTo,
        @Nullable Integer escalatedLevel) {

    /** Usual where no rule says otherwise. */
    static final int DUE_DAYS = 3;

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
        /** Its money came back: the credit is owed again, as a case of its own. */
        RETURNED,
        REJECTED,
        CANCELLED;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public boolean isUnderWay() {
        return status == Status.PENDING || status == Status.APPROVED;
    }

    public boolean byCheck() {
        return "check".equals(method);
    }

    /** What people call it, in lists of many. */
    public String number() {
        return "credit of account " + accountNumber;
    }

    /** What people are asked to approve. */
    public String words() {
        return kind == Kind.TRANSFER
                ? "Use it for another open balance of the guarantor"
                : "Refund to the payer by " + ("ach".equals(method) ? "ACH" : "check");
    }
}
