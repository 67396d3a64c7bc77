package io.remitflow.remittance;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Why an answer of a posted remittance waits in suspense, as far as it says what helps. */
public enum HeldReason {
    UNKNOWN_CLAIM("No such claim", "c.treatment = 'unidentified'"),
    OTHER_CLAIM("Perhaps another claim", "c.reason like '%perhaps another claim is meant'"),
    EARLIER_ANSWER(
            "Does not fit to earlier answers",
            "c.reason like 'it takes back %' or c.reason like 'it follows a reversal %' or c.reason like 'COB\\_%'"
                    + " or c.reason like 'ANSWERED\\_TWICE%'"),
    OTHER("Something else", "true");

    private final String title;
    private final String condition;

    HeldReason(String title, String condition) {
        this.title = title;
        this.condition = condition;
    }

    public String title() {
        return title;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Its name as SQL, for rows {@code c} of {@code billing_remittance_claims} that wait; the first one that holds. */
    static String sql() {
        return Arrays.stream(values())
                .map(reason -> "when %s then '%s'".formatted(reason.condition, reason.name()))
                .collect(Collectors.joining(" ", "case ", " end"));
    }
}
