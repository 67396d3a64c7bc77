package io.remitflow.checks;

/** Ids of the processes of checks that the books know; a test compares them. */
public final class CheckReviewSteps {

    public static final String PACKET_PROCESS = "check-packet";
    public static final String PACKET_RECEIVED = "checks.packet-received";

    public static final String PROCESS = "check-review";
    public static final String REQUESTED = "checks.review-requested";
    public static final String DECIDE_DUPLICATE = "decide-duplicate";
    public static final String DUPLICATE_DECIDED = "checks.duplicate-decided";
    public static final String REVIEW = "review-check";
    public static final String DECIDED = "checks.decided";
    public static final String CORRECT = "correct-check";
    public static final String CORRECTED = "checks.corrected";
    public static final String CONFIRMED_END = "check-confirmed";
    public static final String REJECTED_END = "check-rejected";

    /** What the process is told while a check is reviewed: it may be another one. */
    public static final String DUPLICATE_SUSPECTED = "duplicate-suspected";

    /** What our page tells the process of a duplicate or a correction, so that it looks for no task. */
    public static final String ON_PAGE = "on-page";

    public static final String QUARANTINE_PROCESS = "mail-quarantine";
    public static final String MAIL_QUARANTINED = "checks.mail-quarantined";
    public static final String LOOK_AT_MAILS = "look-at-mails";
    public static final String QUARANTINE_CLEARED = "checks.quarantine-cleared";

    private CheckReviewSteps() {}
}
