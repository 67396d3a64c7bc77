package io.remitflow.remittance;

import io.remitflow.claims.ClaimLine;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Our service line that a line of a remittance answers.
 *
 * <p>By its control number (REF*6R), which all lines of an unbundled service carry; else by the code that we billed
 * (SVC06), if the payer decided on another; else by the code that was paid. A code that several of our lines have decides
 * nothing unless charge and day tell them apart. The code that we billed stays ours.
 */
record LineMatch(int position, By by) {

    enum By {
        CONTROL_NUMBER("control_number"),
        SUBMITTED_CODE("submitted_code"),
        CODE("code");

        private final String column;

        By(String column) {
            this.column = column;
        }

        String column() {
            return column;
        }
    }

    static Optional<LineMatch> of(EraServiceLine answered, List<ClaimLine> ours) {
        return one(ours, line -> line.controlNumber().equals(answered.lineControlNumber()), By.CONTROL_NUMBER)
                .or(() -> byCode(answered, answered.submittedProcedure(), ours, By.SUBMITTED_CODE))
                .or(() -> answered.submittedProcedure() == null
                        ? byCode(answered, answered.procedureCode(), ours, By.CODE)
                        : Optional.empty());
    }

    private static Optional<LineMatch> byCode(
            EraServiceLine answered, @Nullable String code, List<ClaimLine> ours, By by) {
        if (code == null || code.isEmpty()) {
            return Optional.empty();
        }
        List<ClaimLine> sameCode = ours.stream()
                .filter(line -> code.equals(line.procedureCode()) || code.equals(line.revenueCode()))
                .toList();
        return one(sameCode, line -> true, by)
                .or(() -> one(sameCode, line -> hasChargeOf(line, answered), by))
                .or(() -> one(sameCode, line -> hasChargeOf(line, answered) && hasDayOf(line, answered), by));
    }

    private static Optional<LineMatch> one(List<ClaimLine> lines, Predicate<ClaimLine> wanted, By by) {
        List<ClaimLine> found = lines.stream().filter(wanted).limit(2).toList();
        return found.size() == 1 ? Optional.of(new LineMatch(found.getFirst().position(), by)) : Optional.empty();
    }

    private static boolean hasChargeOf(ClaimLine line, EraServiceLine answered) {
        return line.charged().getAmountMinorLong() == Math.abs(answered.chargedMinor());
    }

    private static boolean hasDayOf(ClaimLine line, EraServiceLine answered) {
        return line.serviceDate().equals(answered.serviceFrom());
    }
}
