package io.remitflow.remittance;

import io.remitflow.ledger.ClearingReference;
import java.util.Locale;
import java.util.regex.Pattern;

/** Payer and trace number of a payment as a key: for the ledger as the payer wrote it, for comparison without decoration. */
final class TraceKey {

    private static final Pattern TAX_ID = Pattern.compile("[0-9]{9}");

    private TraceKey() {}

    /** Where remittance clearing keeps the payment. */
    static ClearingReference reference(String payerIdentifier, String traceNumber) {
        return new ClearingReference("trn", value(payerIdentifier, traceNumber));
    }

    static String value(String payerIdentifier, String traceNumber) {
        String value = payerIdentifier + "/" + traceNumber;
        return value.length() <= ClearingReference.MAX_LENGTH
                ? value
                : value.substring(0, ClearingReference.MAX_LENGTH);
    }

    /** TRN03 is a 1 and the tax id of the payer, which some write without the 1: it is one payer all the same. */
    static String payer(String identifier) {
        return TAX_ID.matcher(identifier).matches() ? "1" + identifier : identifier;
    }

    /** Letters and digits without leading zeros, which banks drop or add. All zeros stay one zero. */
    static String of(String traceNumber) {
        String plain = traceNumber.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "");
        String stripped = plain.replaceFirst("^0+", "");
        return stripped.isEmpty() && !plain.isEmpty() ? "0" : stripped;
    }
}
