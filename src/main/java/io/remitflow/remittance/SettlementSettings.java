package io.remitflow.remittance;

import io.remitflow.core.BusinessDays;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.time.LocalDate;
import org.joda.money.Money;

/**
 * After how many business days of the Federal Reserve something is late, missing, or asked for again, and how much a card
 * processor may keep.
 *
 * <p>Payers release remittance and payment within 3 business days of each other; the operating rules (CORE 370) let a
 * receiver act when 4 have passed, which is the default.
 *
 * @param cardFeeBasisPoints highest part of a card payment that may be its fee; 500 are 5 percent
 */
public record SettlementSettings(int lateAfterDays, int missingAfterDays, int followUpDays, int cardFeeBasisPoints) {

    static final SettlementSettings DEFAULTS = new SettlementSettings(4, 8, 5, 500);

    private static final int MAX_DAYS = 60;
    private static final int WHOLE = 10_000;

    public SettlementSettings {
        if (lateAfterDays < 1
                || lateAfterDays > MAX_DAYS
                || followUpDays < 1
                || followUpDays > MAX_DAYS
                || missingAfterDays <= lateAfterDays
                || missingAfterDays > 2 * MAX_DAYS) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "late after 1 to 60 business days, missing later than that and within 120, asked again after 1 to 60");
        }
        if (cardFeeBasisPoints < 0 || cardFeeBasisPoints > WHOLE) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a card fee is 0 to 100 percent of the payment");
        }
    }

    /** The first day of being late. */
    LocalDate lateOn(LocalDate countedFrom) {
        return BusinessDays.after(countedFrom, lateAfterDays).plusDays(1);
    }

    /** The first day of being missing. */
    LocalDate missingOn(LocalDate countedFrom) {
        return BusinessDays.after(countedFrom, missingAfterDays).plusDays(1);
    }

    LocalDate followUpOn(LocalDate asked) {
        return BusinessDays.after(asked, followUpDays);
    }

    void requireFee(Money fee, Money covered) {
        if (Math.multiplyExact(fee.getAmountMinorLong(), WHOLE)
                > Math.multiplyExact(covered.getAmountMinorLong(), cardFeeBasisPoints)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "a card fee of %s is more than the settings allow for %s".formatted(fee, covered));
        }
    }
}
