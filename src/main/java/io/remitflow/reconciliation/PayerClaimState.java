package io.remitflow.reconciliation;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a claim stood with its payer on a day; each claim is in exactly one. */
public enum PayerClaimState {
    /** The payer answered with a payment, also one of zero. */
    PAID,
    DENIED,
    /** Sent or accepted, and not answered; or whatever was answered is taken back. */
    PENDING,
    /** Turned down before it got to the payer's desk (277CA). */
    REJECTED,
    /** Not paid, and given up. */
    WRITTEN_OFF;

    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<PayerClaimState> ofKey(String key) {
        return Stream.of(values()).filter(state -> state.key().equals(key)).findFirst();
    }
}
