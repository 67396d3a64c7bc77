package io.remitflow.remittance;

/** Ids of {@code bpmn/remittance-review.bpmn} that the books know; a test compares them with the file. */
public final class RemittanceReviewSteps {

    public static final String PROCESS = "remittance-review";
    public static final String REQUESTED = "remittance.review-requested";
    public static final String DECIDE = "determine-approval";
    public static final String APPROVE = "approve-remittance";
    public static final String DECIDE_CONFLICT = "decide-conflict";
    public static final String POST = "post-remittance";
    public static final String POSTED = "remittance-posted";
    public static final String HELD = "remittance-held";
    public static final String REJECTED = "remittance-rejected";

    private RemittanceReviewSteps() {}
}
