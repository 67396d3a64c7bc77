package io.remitflow.remittance;

import java.util.List;
import java.util.Locale;

/** Why an answer of a posted remittance waits in suspense, as far as it says what helps. */
public enum HeldReason {
    UNKNOWN_CLAIM("No such claim", List.of()),
    OTHER_CLAIM("Perhaps another claim", List.of("%perhaps another claim is meant")),
    EARLIER_ANSWER(
            "Does not fit to earlier answers", List.of("it takes back %", "it follows a reversal %", "COB\\_%")),
    OTHER("Something else", List.of());

    private final String title;
    private final List<String> patterns;

    HeldReason(String title, List<String> patterns) {
        this.title = title;
        this.patterns = patterns;
    }

    public String title() {
        return title;
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Its name as SQL, for rows {@code c} of {@code billing_remittance_claims} that wait. */
    static String sql() {
        var sql = new StringBuilder("case when c.treatment = 'unidentified' then 'UNKNOWN_CLAIM'");
        for (HeldReason reason : values()) {
            for (String pattern : reason.patterns) {
                sql.append(" when c.reason like '")
                        .append(pattern)
                        .append("' then '")
                        .append(reason.name())
                        .append('\'');
            }
        }
        return sql.append(" else 'OTHER' end").toString();
    }
}
