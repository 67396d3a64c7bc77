package io.remitflow.claims;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What a payer decided about a claim, as its remittance said and as it stands after what was taken back.
 *
 * @param sequence 1 for the primary payer
 * @param forwardedTo to whom the payer passed the claim on; null if it did not say or did not pass it on
 * @param adjustments of the claim as a whole
 * @param obstacle why the next payer cannot be told yet, in words; null for nothing
 */
public record Adjudication(
        UUID payerId,
        int sequence,
        LocalDate decidedOn,
        @Nullable String payerClaimNumber,
        Money charged,
        Money paid,
        boolean forwarded,
        @Nullable String forwardedTo,
        List<Adjustment> adjustments,
        List<Line> lines,
        @Nullable String obstacle) {

    public Adjudication {
        adjustments = List.copyOf(adjustments);
        lines = List.copyOf(lines);
    }

    /** Group and reason code with the amount that was not paid for it. */
    public record Adjustment(
            String group,
            String reason,
            Money amount,
            @Nullable BigDecimal quantity) {}

    /**
     * @param claimLine position of our service line
     * @param procedure what the payer decided on; null where it named only the revenue code
     * @param units null if the payer did not say
     */
    public record Line(
            int claimLine,
            @Nullable String procedure,
            List<String> modifiers,
            @Nullable String revenueCode,
            Money paid,
            @Nullable BigDecimal units,
            List<Adjustment> adjustments) {

        public Line {
            modifiers = List.copyOf(modifiers);
            adjustments = List.copyOf(adjustments);
        }
    }

    /** Payments and adjustments explain the charge to the cent, for the claim and for what each line leaves of it. */
    boolean isBalanced() {
        Money explained = paid.plus(total(adjustments));
        Money paidByLine = total(adjustments).negated();
        for (Line line : lines) {
            explained = explained.plus(total(line.adjustments()));
            paidByLine = paidByLine.plus(line.paid());
        }
        return explained.isEqual(charged) && (lines.isEmpty() || paidByLine.isEqual(paid));
    }

    /** What the payer leaves to the patient. */
    Money patientShare(List<Adjustment> of) {
        return total(of.stream()
                .filter(adjustment -> adjustment.group().equals("PR"))
                .toList());
    }

    private Money total(List<Adjustment> of) {
        return of.stream().map(Adjustment::amount).reduce(Money.zero(charged.getCurrencyUnit()), Money::plus);
    }
}
