package io.remitflow.remittance;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.util.Arrays;
import java.util.Locale;

/** What a remittance is that reports a posted payment with other content. */
public enum ConflictChoice {
    /** It says the posted money once more. */
    RESEND("The posted payment sent again"),
    /** It is other money under the same numbers. */
    ANOTHER_PAYMENT("Another payment under the same numbers"),
    REJECT("Not to be posted");

    private final String words;

    ConflictChoice(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws RuleViolation {@link Refusal#INVALID_INPUT} for anything else */
    public static ConflictChoice ofKey(String key) {
        return Arrays.stream(values())
                .filter(choice -> choice.key().equals(key))
                .findFirst()
                .orElseThrow(
                        () -> new RuleViolation(Refusal.INVALID_INPUT, "choose resend, another-payment or reject"));
    }
}
