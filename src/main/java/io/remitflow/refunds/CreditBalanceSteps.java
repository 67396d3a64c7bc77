package io.remitflow.refunds;

/** Ids of {@code bpmn/credit-balance.bpmn} that the books know; a test compares them with the file. */
public final class CreditBalanceSteps {

    public static final String PROCESS = "credit-balance";
    public static final String CLASSIFY = "classify-credit";
    public static final String RESOLVE = "resolve-credit";
    public static final String INVESTIGATE = "investigate-credit";
    public static final String DETERMINE = "determine-approval";
    public static final String APPROVE = "approve-credit-return";
    public static final String PAY_BACK = "pay-back-payer";
    public static final String POST = "post-transfer";
    public static final String AWAIT_REFUND = "await-refund";
    public static final String AWAIT_TAKEBACK = "await-takeback";
    public static final String CLOSED = "credit-closed";

    public static final String OPENED_MESSAGE = "refunds.credit-balance-opened";
    public static final String CHANGED_MESSAGE = "refunds.credit-balance-changed";

    private CreditBalanceSteps() {}
}
