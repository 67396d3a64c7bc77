package io.remitflow.checks;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A check as it was read and corrected.
 *
 * @param amount what it is worth; proposed from the words, else from the digits
 * @param courtesyMinor in digits, as read
 * @param legalMinor in words, as read
 * @param facilities the accounts that a person picked; empty: the payer's rule says
 * @param applied what of it paid invoices
 * @param settlementUntil it says that it pays everything: until when repaying it keeps the rest of the debt
 * @param version counts changes
 */
public record PaperCheck(
        UUID id,
        String number,
        UUID packetId,
        int position,
        CheckStatus status,
        @Nullable String checkNumber,
        @Nullable LocalDate date,
        @Nullable String payerName,
        @Nullable String payeeName,
        @Nullable String memo,
        @Nullable Money amount,
        @Nullable Long courtesyMinor,
        @Nullable Long legalMinor,
        String currency,
        @Nullable Boolean signed,
        @Nullable Integer confidence,
        int firstPage,
        int lastPage,
        Map<String, FieldBox> boxes,
        @Nullable Duplicate duplicate,
        @Nullable UUID mergedInto,
        @Nullable String sentBackReason,
        @Nullable String refusalReason,
        @Nullable String decisionReason,
        @Nullable UUID decidedBy,
        @Nullable Instant decidedAt,
        @Nullable UUID journalEntryId,
        Money applied,
        @Nullable String returnCode,
        @Nullable LocalDate settlementUntil,
        int version,
        Instant createdAt,
        List<RemittanceLine> lines,
        Set<UUID> facilities) {

    public PaperCheck {
        boxes = Map.copyOf(boxes);
        lines = List.copyOf(lines);
        facilities = Set.copyOf(facilities);
    }

    /** Whether words and digits say different amounts. */
    public boolean amountsDiffer() {
        return courtesyMinor != null && legalMinor != null && !courtesyMinor.equals(legalMinor);
    }

    /** Whether a person still has to say if it is the same as another one. */
    public boolean isSuspectedDuplicate() {
        return duplicate != null && duplicate.decision() == null;
    }

    /**
     * The check with the same payer, number and amount.
     *
     * @param decision null: nobody looked yet
     */
    public record Duplicate(
            UUID of, @Nullable String decision, @Nullable String reason) {}
}
