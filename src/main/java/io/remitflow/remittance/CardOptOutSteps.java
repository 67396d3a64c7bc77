package io.remitflow.remittance;

/** Ids of {@code bpmn/card-opt-out.bpmn} that the books know; a test compares them with the file. */
public final class CardOptOutSteps {

    public static final String PROCESS = "card-opt-out";
    public static final String OPENED = "remittance.card-payment-seen";
    public static final String ASK = "ask-for-opt-out";
    public static final String AWAIT_PAYER = "await-payer";
    public static final String OVER = "opt-out-over";

    private CardOptOutSteps() {}
}
