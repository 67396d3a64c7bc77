package io.remitflow.remittance;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.time.LocalDate;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Money of a payer that was seen at the bank.
 *
 * @param sourceKey identifies the bank line, so that it is booked once; null if a person recorded it
 * @param traceNumber TRN02 of the addenda or the check number, as the bank shows it; empty if it shows none
 * @param payerIdentifier TRN03 of the addenda; empty if unknown
 * @param payerHint what else the bank says about the payer, such as a company name; never the name of a patient
 * @param amount what arrived, above zero
 * @param fee what a card processor kept, zero otherwise
 * @param bankDate the day on which it was available
 */
public record CashEvidence(
        CashKind kind,
        @Nullable String sourceKey,
        String traceNumber,
        String payerIdentifier,
        String payerHint,
        Money amount,
        Money fee,
        LocalDate bankDate) {

    private static final int MAX_TRACE = 50;
    private static final int MAX_PAYER = 80;
    private static final int MAX_HINT = 200;

    public CashEvidence {
        traceNumber = traceNumber.strip();
        payerIdentifier = TraceKey.payer(payerIdentifier.strip());
        payerHint = payerHint.strip();
        if (!amount.isPositive() || fee.isNegative()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the amount is above zero, the fee zero or more");
        }
        if (!amount.isSameCurrency(fee)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "amount and fee are in one currency");
        }
        if (fee.isPositive() && kind != CashKind.CARD) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "only a card payout has a fee");
        }
        if (traceNumber.length() > MAX_TRACE || payerIdentifier.length() > MAX_PAYER || payerHint.length() > MAX_HINT) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "the trace number has at most 50 characters, the payer's identifier 80, its name 200");
        }
        if (sourceKey == null && traceNumber.isEmpty()) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "give the trace number of the payment, or the number of the check");
        }
        if (!traceNumber.isEmpty() && TraceKey.of(traceNumber).isEmpty()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a trace number has letters or digits");
        }
    }

    /** What it counts for against a remittance: the payer paid the fee's part too. */
    public Money covered() {
        return amount.plus(fee);
    }

    public boolean byHand() {
        return sourceKey == null;
    }
}
