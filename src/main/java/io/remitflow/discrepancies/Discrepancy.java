package io.remitflow.discrepancies;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A difference that a reconciliation found, as it stands.
 *
 * @param subjectKey what differs, such as a gateway and its transaction
 * @param subjectId the record of ours, if there is one
 * @param reference what people call it
 * @param step id of the element of the process where it waits or was last
 * @param refusalReason why the last completed task did not count
 * @param round counts how often it was opened, from 1
 */
public record Discrepancy(
        UUID id,
        String number,
        DiscrepancyType type,
        String subjectType,
        String subjectKey,
        @Nullable UUID subjectId,
        String reference,
        Money difference,
        LocalDate occurredOn,
        UUID firstFoundBy,
        UUID lastFoundBy,
        Instant lastFoundAt,
        DiscrepancyStatus status,
        String step,
        @Nullable Triage triage,
        @Nullable Instant escalatedAt,
        @Nullable UserId assignee,
        @Nullable UserId acknowledgedBy,
        @Nullable Instant acknowledgedAt,
        @Nullable Resolved resolved,
        @Nullable String refusalReason,
        int round,
        Instant openedAt) {

    /** What the rule said: whose work it is and until when. */
    public record Triage(int priority, String ownerGroup, String reason, Instant dueAt) {}

    /** @param by null: the system found that the records agree */
    public record Resolved(
            DiscrepancyResolution resolution,
            String reason,
            @Nullable String adjustmentNumber,
            @Nullable UserId by,
            Instant at) {}

    public boolean isResolved() {
        return status == DiscrepancyStatus.RESOLVED;
    }

    public boolean isOverdue(Instant now) {
        return triage != null && !isResolved() && triage.dueAt().isBefore(now);
    }

    /** The business id of its process: each round has one of its own. */
    public String caseKey() {
        return caseKey(id, round);
    }

    static String caseKey(UUID id, int round) {
        return round == 1 ? id.toString() : id + "." + round;
    }
}
