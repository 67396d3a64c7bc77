package io.remitflow.remittance;

/**
 * One rule that a transaction breaks.
 *
 * @param where claim or line in words a biller can look up, such as "claim 3 (A1001), line 2"
 * @param expectedMinor what the rule asks for
 * @param foundMinor what the file says
 * @param text the whole finding in a sentence, without protected content
 */
public record Imbalance(
        Rule rule, Level level, String where, EraPosition position, long expectedMinor, long foundMinor, String text) {

    public long differenceMinor() {
        return Math.subtractExact(foundMinor, expectedMinor);
    }

    /** Where the rule looks. */
    public enum Level {
        SERVICE_LINE,
        CLAIM,
        TRANSACTION,
        PROVIDER_ADJUSTMENT
    }

    /** The rules; those that hold a transaction come first. */
    public enum Rule {
        SERVICE_LINE_BALANCES(true),
        CLAIM_BALANCES(true),
        LINES_ADD_UP_TO_CLAIM(true),
        TRANSACTION_BALANCES(true),
        PAYMENT_NOT_NEGATIVE(true),
        NO_PAYMENT_MEANS_ZERO(true),
        DEBIT_NOT_EXPECTED(true),
        GROUP_CODE_KNOWN(true),
        PROVIDER_ADJUSTMENT_NOT_ZERO(true),
        ZERO_PAYMENT_MARKED_AS_SUCH(false),
        PATIENT_RESPONSIBILITY_ADDS_UP(false),
        ADJUSTMENT_NOT_REPEATED(false),
        ADJUSTMENT_NOT_ZERO(false),
        PAYMENT_DATE_READABLE(false);

        private final boolean holds;

        Rule(boolean holds) {
            this.holds = holds;
        }

        public boolean holds() {
            return holds;
        }
    }
}
