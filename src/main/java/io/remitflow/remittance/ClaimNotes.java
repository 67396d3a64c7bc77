package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import java.util.List;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What was found out about one claim of a remittance beside earlier answers to it.
 *
 * @param payerSequence 1 for the primary payer of the claim
 * @param forwarded the payer sent the claim on, so we send no secondary claim
 * @param forwardedTo to whom, null if the payer did not say
 * @param reversal null if the claim is no reversal, or was never compared
 */
public record ClaimNotes(
        int payerSequence,
        boolean forwarded,
        @Nullable String forwardedTo,
        @Nullable Reversal reversal) {

    /**
     * What a reversal takes back.
     *
     * @param kind exact, partial or foreign
     * @param lines those that differ from what was posted, empty if none does
     */
    public record Reversal(String kind, String consequence, List<Difference> lines) {

        public Reversal {
            lines = List.copyOf(lines);
        }
    }

    /** @param line our line in words, empty for the claim as a whole; {@code code} is null for the payment itself */
    public record Difference(String line, @Nullable String code, Money posted, Money reversed) {

        public String text() {
            return "%s%s: posted %s, taken back %s"
                    .formatted(
                            line.isEmpty() ? "" : line + ", ",
                            code == null ? "payment" : code,
                            Amounts.format(posted),
                            Amounts.format(reversed.negated()));
        }
    }
}
