package io.remitflow.claims;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What a remittance denied of one claim, or left unpaid without denying it, as a case.
 *
 * @param round counts how often work on it began, from 1
 * @param level counts the denials of the same claim in a row, from 1
 * @param underpaid nothing of it was denied: the payer paid, but kept something that the contract does not explain
 * @param denied what the payer refused, never what it gave to the patient itself
 * @param open what of it the payer still owes: at most {@code denied}, zero once the case is closed
 * @param step the element of the process where it stands
 * @param triage null until the rule was asked
 * @param expiredAt when the appeal limit passed without an appeal or a corrected claim
 * @param refusalReason why what somebody last did with it did not count
 */
public record Denial(
        UUID id,
        String number,
        UUID claimId,
        String controlNumber,
        UUID accountId,
        UUID payerId,
        String payerName,
        UUID remittanceId,
        @Nullable UUID previousId,
        int level,
        int round,
        LocalDate deniedOn,
        Money denied,
        Money open,
        String remarks,
        boolean underpaid,
        DenialStatus status,
        String step,
        @Nullable Triage triage,
        LocalDate appealLimitOn,
        @Nullable Instant expiredAt,
        @Nullable UserId owner,
        @Nullable String refusalReason,
        @Nullable Sending sent,
        @Nullable UUID writeOffId,
        int writeOffRound,
        Money billed,
        @Nullable UUID journalEntryId,
        Instant openedAt,
        @Nullable Instant closedAt,
        @Nullable DenialClosing closing,
        @Nullable String evidence) {

    /**
     * What {@code dmn/denial-triage.dmn} says about a denial.
     *
     * @param denialClass such as {@code authorization}
     * @param priority of its tasks, 0 to 100
     * @param ownerGroup key of the role whose people work on it
     * @param patientBillable whether the patient may be billed, if the payer's contract allows it too
     */
    public record Triage(
            String denialClass,
            int priority,
            String ownerGroup,
            boolean appealable,
            boolean patientBillable,
            String reason) {}

    /** What went to the payer: a corrected claim or an appeal. */
    public record Sending(
            boolean appeal, LocalDate on, @Nullable String reference) {}

    /** The business key of the process of this round. */
    public String processKey() {
        return processKey(round);
    }

    String processKey(int round) {
        return round == 1 ? id.toString() : id + "." + round;
    }

    public boolean isClosed() {
        return status == DenialStatus.CLOSED;
    }
}
