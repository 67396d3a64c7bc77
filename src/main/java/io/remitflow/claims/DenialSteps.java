package io.remitflow.claims;

import java.util.Map;
import java.util.UUID;

/** Ids of {@code bpmn/denial.bpmn} that the books know; a test compares them with the file. */
public final class DenialSteps {

    public static final String PROCESS = "denial";
    public static final String TRIAGE = "triage-denial";
    public static final String WORK = "work-denial";
    public static final String CORRECT = "correct-and-resubmit";
    public static final String APPEAL = "prepare-appeal";
    public static final String AWAIT_ANSWER = "await-answer";
    public static final String AWAIT_WRITE_OFF = "await-write-off";
    public static final String BILL_PATIENT = "bill-patient";
    public static final String CLOSED = "denial-closed";

    public static final String OPENED_MESSAGE = "claims.denial-opened";
    public static final String ANSWERED_MESSAGE = "claims.denial-answered";
    public static final String WRITE_OFF_ENDED_MESSAGE = "claims.denial-write-off-ended";

    private DenialSteps() {}

    /**
     * What a process of a denial begins with.
     *
     * @param processKey of this round of work; its messages are correlated by it
     */
    static Map<String, ?> opening(UUID denialId, String processKey) {
        return Map.of("denialId", denialId.toString(), "caseKey", processKey);
    }
}
