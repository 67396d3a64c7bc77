package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import java.time.LocalDate;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What one remittance, or a person, did to an open item.
 *
 * @param linePosition of the provider adjustment in the remittance, null for what moved between two items
 * @param remittanceId null for what a person did; {@code traceNumber} is empty then
 * @param resolution as what a person booked it, null for what a remittance did
 * @param creditClaim our number of the claim against whose credit a person set it, if that is the resolution
 * @param amount positive was taken from the payment
 * @param openAfter what was open then; positive is money the payer took, negative money it will take back
 * @param claimNumber our number of the claim the item is about, if its reference names one
 */
public record TakebackStep(
        UUID takebackId,
        @Nullable UUID remittanceId,
        String traceNumber,
        @Nullable Integer linePosition,
        Kind kind,
        TakebackKind reason,
        String code,
        String payerName,
        String reference,
        @Nullable String claimNumber,
        Money amount,
        Money openAfter,
        LocalDate bookedOn,
        @Nullable UUID otherId,
        @Nullable UUID journalEntryId,
        @Nullable TakebackResolution resolution,
        @Nullable UUID creditClaimId,
        @Nullable String creditClaim,
        @Nullable String note) {

    public enum Kind {
        OPENED,
        ADDED,
        SETTLED,
        CARRIED,
        PAIRED,
        REVERSED,
        RESOLVED,
        REOPENED
    }

    /** "Greenleaf took back 300.00 for claim C1 from payment T2; the balance is now zero." */
    public String sentence() {
        return switch (kind) {
            case OPENED -> opened();
            case ADDED ->
                "%s carried another %s forward with payment %s; %s is open."
                        .formatted(payerName, absolute(amount), traceNumber, absolute(openAfter));
            case SETTLED -> settled();
            case CARRIED ->
                openAfter.isZero()
                        ? "%s became part of the newer balance that %s carried forward with payment %s; the balance is now zero."
                                .formatted(absolute(amount), payerName, traceNumber)
                        : "%s of an earlier balance became part of this one; %s is open."
                                .formatted(absolute(amount), absolute(openAfter));
            case REVERSED ->
                "The posting of payment %s was taken back, and what it did to this item with it; %s is open."
                        .formatted(traceNumber, left());
            case RESOLVED ->
                "%s was booked by hand: %s%s. %s"
                        .formatted(
                                absolute(amount),
                                resolutionTitle(),
                                openAfter.isZero() ? "" : "; %s is open".formatted(left()),
                                note);
            case REOPENED -> "What was booked by hand was taken back; %s is open. %s".formatted(left(), note);
            case PAIRED ->
                "%s confirmed our refund of %s and recovered it in the same payment %s; the balance is now %s."
                        .formatted(payerName, absolute(amount), traceNumber, left());
        };
    }

    private String resolutionTitle() {
        if (creditClaim != null) {
            return "against the credit of claim " + creditClaim;
        }
        return resolution == null ? "" : resolution.title().toLowerCase(Locale.ROOT);
    }

    private String opened() {
        boolean added = amount.isNegative();
        String money = absolute(amount);
        return switch (reason) {
            case FORWARD_BALANCE ->
                added
                        ? "%s would have paid less than nothing with %s and carried %s forward to a later payment."
                                .formatted(payerName, traceNumber, money)
                        : "%s took %s from payment %s for a balance carried forward%s."
                                .formatted(payerName, money, traceNumber, about());
            case RECOVERY ->
                added
                        ? "%s announced with payment %s that it will take back %s%s later."
                                .formatted(payerName, traceNumber, money, about())
                        : "%s took back %s%s from payment %s.".formatted(payerName, money, about(), traceNumber);
            case REFUND_CONFIRMED ->
                added
                        ? "%s confirmed with payment %s that it received our refund of %s%s."
                                .formatted(payerName, traceNumber, money, about())
                        : "%s took %s from payment %s as a refund of ours%s."
                                .formatted(payerName, money, traceNumber, about());
            case ADVANCE, INTERIM_PAYMENT ->
                added
                        ? "%s paid %s in advance with payment %s and will take it back later."
                                .formatted(payerName, money, traceNumber)
                        : "%s took back an advance of %s from payment %s%s."
                                .formatted(payerName, money, traceNumber, about());
            case LEVY ->
                added
                        ? "%s gave back %s of a levy with payment %s.".formatted(payerName, money, traceNumber)
                        : "%s withheld %s of payment %s for an authority%s."
                                .formatted(payerName, money, traceNumber, about());
            case TAX_WITHHELD ->
                added
                        ? "%s gave back %s of withheld tax with payment %s.".formatted(payerName, money, traceNumber)
                        : "%s withheld %s of payment %s for the tax office%s."
                                .formatted(payerName, money, traceNumber, about());
            case UNEXPLAINED ->
                "%s %s %s %s payment %s with code %s (%s)%s."
                        .formatted(
                                payerName,
                                added ? "added" : "took",
                                money,
                                added ? "to" : "from",
                                traceNumber,
                                code,
                                AdjustmentCodes.PROVIDER_ADJUSTMENTS.text(code),
                                about());
        };
    }

    private String settled() {
        return amount.isPositive()
                ? "%s took back %s%s from payment %s; the balance is now %s."
                        .formatted(payerName, absolute(amount), about(), traceNumber, left())
                : "%s gave back %s%s with payment %s; the balance is now %s."
                        .formatted(payerName, absolute(amount), about(), traceNumber, left());
    }

    private String left() {
        return openAfter.isZero() ? "zero" : absolute(openAfter);
    }

    private String about() {
        if (claimNumber != null) {
            return " for claim " + claimNumber;
        }
        return reference.isBlank() ? "" : " under reference " + reference;
    }

    private static String absolute(Money money) {
        return Amounts.format(money.abs());
    }
}
