package io.remitflow.ledger;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;

/**
 * The outside thing a clearing line belongs to, such as {@code trn 12345}: settled exactly when its balance is zero.
 *
 * @param kind "trn", "gateway-payment", "gateway-refund", "check", "refund", ...
 * @param value the number the outside world gave it; never a card, bank account or member number
 */
public record ClearingReference(String kind, String value) {

    public static final int MAX_LENGTH = 200;

    public ClearingReference {
        if (kind.isBlank() || value.isBlank() || kind.length() > 50 || value.length() > MAX_LENGTH) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a clearing reference needs a kind and a value");
        }
    }

    @Override
    public String toString() {
        return kind + " " + value;
    }
}
