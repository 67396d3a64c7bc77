package io.remitflow.reconciliation;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A bank account over a period against the books.
 *
 * @param statement what the bank said at its end when it was last added up
 * @param round counts how often it was opened
 * @param version counts how often it was completed
 * @param reconciledAt as of when its figures are those that were completed
 * @param refusalReason why the last attempt to complete or approve it did not count, or why it was sent back
 * @param notes of whoever completed it
 */
public record BankReconciliation(
        UUID id,
        String number,
        UUID bankAccountId,
        String accountName,
        String accountLast4,
        LocalDate start,
        LocalDate end,
        Money opening,
        Money statement,
        Money book,
        Money difference,
        Status status,
        int round,
        int version,
        UserId startedBy,
        Instant startedAt,
        @Nullable UserId reconciledBy,
        @Nullable Instant reconciledAt,
        @Nullable UserId approvedBy,
        @Nullable Instant approvedAt,
        @Nullable String refusalReason,
        @Nullable String notes) {

    /** How far it is. */
    public enum Status {
        IN_PROGRESS("In progress"),
        DISCREPANCY("Not balanced"),
        BALANCED("Waits for approval"),
        COMPLETED("Completed");

        private final String title;

        Status(String title) {
            this.title = title;
        }

        public String title() {
            return title;
        }

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Status ofKey(String key) {
            return valueOf(key.toUpperCase(Locale.ROOT));
        }
    }

    /** Business key of its process; each round has its own. */
    public String processKey() {
        return round == 1 ? id.toString() : id + "." + round;
    }

    /** Whether somebody still works on it. */
    public boolean open() {
        return status == Status.IN_PROGRESS || status == Status.DISCREPANCY;
    }

    /** Where it stands in the process, by the id of the step. */
    public String step() {
        return switch (status) {
            case IN_PROGRESS, DISCREPANCY -> BankReconciliationSteps.WORK;
            case BALANCED -> BankReconciliationSteps.APPROVE;
            case COMPLETED -> BankReconciliationSteps.COMPLETED;
        };
    }
}
