package io.remitflow.reconciliation;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * Figures of the accounting plan 6.2 over some days that end with the day asked for. A figure without a base is null and
 * shown as "n/a".
 *
 * @param receivables debit less credit balances of all accounts at the end
 * @param payments what was paid less what was returned, positive
 * @param contractual positive
 * @param netRevenue revenue of patient services less its contra accounts
 * @param badDebt what was given up as bad debt, less what was taken back
 */
public record ReceivablesMetrics(
        LocalDate from,
        LocalDate to,
        Money receivables,
        Money charges,
        Money payments,
        Money contractual,
        Money netRevenue,
        Money badDebt) {

    private static final int PERCENT = 100;

    /** Days sales outstanding: receivables ÷ (net revenue ÷ days), with one decimal. */
    public @Nullable BigDecimal daysInReceivables() {
        return ratio(receivables, netRevenue, java.time.temporal.ChronoUnit.DAYS.between(from, to) + 1);
    }

    /** Payments ÷ (charges − contractual) in percent, with one decimal. */
    public @Nullable BigDecimal netCollectionPercent() {
        return ratio(payments, charges.minus(contractual), PERCENT);
    }

    /** Payments ÷ charges in percent, with one decimal. */
    public @Nullable BigDecimal grossCollectionPercent() {
        return ratio(payments, charges, PERCENT);
    }

    /** Bad debt ÷ charges in percent, with one decimal. */
    public @Nullable BigDecimal badDebtPercent() {
        return ratio(badDebt, charges, PERCENT);
    }

    /** A base of zero, or one that reversals made negative, tells nothing. */
    private static @Nullable BigDecimal ratio(Money part, Money base, long factor) {
        return base.isPositive()
                ? BigDecimal.valueOf(part.getAmountMinorLong())
                        .multiply(BigDecimal.valueOf(factor))
                        .divide(BigDecimal.valueOf(base.getAmountMinorLong()), 1, RoundingMode.HALF_UP)
                : null;
    }
}
