package io.remitflow.refunds;

/** Element ids of {@code bpmn/refund.bpmn} that the books know; a test compares them with the file. */
public final class RefundSteps {

    public static final String PROCESS = "refund";
    public static final String COLLECT_FACTS = "collect-facts";
    public static final String DECIDE = "determine-approval";
    public static final String APPROVE = "approve-refund";
    public static final String VERIFY = "verify-authority";
    public static final String ISSUE = "issue-refund";
    public static final String AWAIT_GATEWAY = "await-gateway";
    public static final String CHOOSE_METHOD = "choose-another-method";
    public static final String PAY_OUT = "pay-out-refund";
    public static final String AWAIT_ACH = "await-ach";
    public static final String AWAIT_RETURN = "await-return";
    public static final String RETURNED = "refund-returned";
    public static final String COMPLETE = "complete-refund";
    public static final String COMPLETED = "refund-completed";
    public static final String REJECTED = "refund-rejected";
    public static final String CANCELLED = "refund-cancelled";

    /** And of {@code bpmn/refund-return.bpmn}. */
    public static final String RETURN_PROCESS = "refund-return";

    public static final String REISSUE = "reissue-refund";

    private RefundSteps() {}
}
