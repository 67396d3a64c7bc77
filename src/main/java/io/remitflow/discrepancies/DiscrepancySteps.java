package io.remitflow.discrepancies;

/** Ids of {@code bpmn/discrepancy.bpmn} that the books know; a test compares them with the file. */
public final class DiscrepancySteps {

    public static final String PROCESS = "discrepancy";
    public static final String TRIAGE = "triage-discrepancy";
    public static final String WORK = "work-on-discrepancy";
    public static final String ESCALATE = "escalate-discrepancy";
    public static final String CLOSED = "discrepancy-closed";

    public static final String FOUND_MESSAGE = "discrepancies.found";
    public static final String CHANGED_MESSAGE = "discrepancies.changed";
    public static final String GREW_MESSAGE = "discrepancies.grew";
    public static final String RESOLVED_MESSAGE = "discrepancies.resolved";

    private DiscrepancySteps() {}
}
