package io.remitflow.bank.match;

/**
 * What has to agree for lines and records to belong together. Rules are tried from the strongest to the weakest; what a
 * stronger rule has taken, or could not decide, no weaker one touches.
 *
 * @param key stored with every match
 * @param title in words, for a person
 * @param byReference every line shares a reference with every record
 * @param byParty every line shares a party with every record
 * @param windowDays most days between any line and any record
 * @param toleranceMinor how far the amounts of a pair may differ; groups are always exact
 * @param maxLines most lines in a match
 * @param maxRecords most records in a match
 * @param books whether a match that is the only possible one is booked without asking; else it is suggested
 */
public record MatchRule(
        String key,
        String title,
        boolean byReference,
        boolean byParty,
        int windowDays,
        long toleranceMinor,
        int maxLines,
        int maxRecords,
        boolean books) {

    public MatchRule {
        if (windowDays < 0 || toleranceMinor < 0 || maxLines < 1 || maxRecords < 1) {
            throw new IllegalArgumentException("a rule has bounds of zero or more, and sizes of one or more");
        }
        if (books && toleranceMinor > 0) {
            throw new IllegalArgumentException("a difference is never booked without a person");
        }
    }

    /** One line with one record. */
    public static MatchRule pair(String key, String title, boolean byReference, boolean byParty, int windowDays) {
        return new MatchRule(key, title, byReference, byParty, windowDays, 0, 1, 1, false);
    }

    /** Several lines or several records, or both, with equal sums. */
    public static MatchRule group(
            String key, String title, boolean byParty, int windowDays, int maxLines, int maxRecords) {
        return new MatchRule(key, title, false, byParty, windowDays, 0, maxLines, maxRecords, false);
    }

    public MatchRule booking() {
        return new MatchRule(key, title, byReference, byParty, windowDays, toleranceMinor, maxLines, maxRecords, true);
    }

    public MatchRule tolerating(long minor) {
        return new MatchRule(key, title, byReference, byParty, windowDays, minor, maxLines, maxRecords, false);
    }

    boolean groups() {
        return maxLines > 1 || maxRecords > 1;
    }
}
