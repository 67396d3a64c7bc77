package io.remitflow.remittance;

import io.remitflow.claims.Claim;
import io.remitflow.core.Amounts;
import io.remitflow.receivables.PatientAccount;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stops money from reaching the wrong patient: a control number alone may be mistyped or reused.
 *
 * <p>Compares the patient's name and the charge. An 835 carries no birth date. Payers cut names off and leave out
 * punctuation and second names, so the beginning of a name counts as the same. The reasons name nobody.
 */
final class WrongAccountGuard {

    private WrongAccountGuard() {}

    /** Why the answer must not be posted to the account; empty if nothing speaks against it. */
    static Optional<String> objection(
            EraClaim answered, Claim claim, PatientAccount account, List<Optional<LineMatch>> lines) {
        if (isOtherPatient(answered.patient(), account)) {
            return Optional.of("the patient's name is not that of the account with this claim number: "
                    + "perhaps another claim is meant");
        }
        if (!isChargeOf(answered, claim, lines)) {
            return Optional.of("the payer answers for a charge of %s, but %s was billed: perhaps another claim is meant"
                    .formatted(
                            Amounts.format(
                                    Math.abs(answered.chargedMinor()),
                                    claim.charged().getCurrencyUnit().getCode()),
                            Amounts.format(claim.charged())));
        }
        return Optional.empty();
    }

    private static boolean isOtherPatient(@Nullable EraPatient answered, PatientAccount account) {
        return answered != null
                && (differ(answered.lastName(), account.familyName())
                        || differ(answered.firstName(), account.givenName()));
    }

    /** What one side does not say does not differ. */
    private static boolean differ(@Nullable String said, @Nullable String known) {
        String left = letters(said);
        String right = letters(known);
        if (left.isEmpty() || right.isEmpty()) {
            return false;
        }
        return !left.startsWith(right) && !right.startsWith(left);
    }

    private static String letters(@Nullable String name) {
        if (name == null) {
            return "";
        }
        return Normalizer.normalize(name, Normalizer.Form.NFD)
                .codePoints()
                .filter(Character::isLetter)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString()
                .toUpperCase(Locale.ROOT);
    }

    /** The whole claim, or whole lines of it: payers may split a claim, but not a line. */
    private static boolean isChargeOf(EraClaim answered, Claim claim, List<Optional<LineMatch>> lines) {
        long charged = Math.abs(answered.chargedMinor());
        long billed = claim.charged().getAmountMinorLong();
        if (charged == billed) {
            return true;
        }
        if (charged > billed || lines.isEmpty() || lines.stream().anyMatch(Optional::isEmpty)) {
            return false;
        }
        return claim.lines().stream().allMatch(line -> {
            long ofLine = 0;
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).orElseThrow().position() == line.position()) {
                    ofLine = Math.addExact(
                            ofLine, Math.abs(answered.lines().get(i).chargedMinor()));
                }
            }
            return ofLine == 0 || ofLine == line.charged().getAmountMinorLong();
        });
    }
}
