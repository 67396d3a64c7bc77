package io.remitflow.remittance;

/** Ids of {@code bpmn/remittance-settlement.bpmn} that the books know; a test compares them with the file. */
public final class SettlementSteps {

    public static final String PROCESS = "remittance-settlement";
    public static final String ASSESS = "assess-settlement";
    public static final String AWAIT_PAYMENT_DATE = "await-payment-date";
    public static final String AWAIT_OTHER_SIDE = "await-other-side";
    public static final String AWAIT_LATE_SIDE = "await-late-side";
    public static final String REQUEST_TRACE = "request-trace";
    public static final String RESOLVE_MISMATCH = "resolve-mismatch";
    public static final String AWAIT_PAYER = "await-payer-answer";
    public static final String OVER = "settlement-over";

    static final String OPENED = "remittance.settlement-opened";
    static final String CHANGED = "remittance.settlement-changed";

    private SettlementSteps() {}
}
