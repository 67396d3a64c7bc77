package io.remitflow.adjustments;

/** Element ids of {@code bpmn/write-off.bpmn} that the books know; a test compares them with the file. */
public final class WriteOffSteps {

    public static final String PROCESS = "write-off";
    public static final String COLLECT_FACTS = "collect-facts";
    public static final String APPROVE = "approve-write-off";
    public static final String POST = "post-write-off";
    public static final String POSTED = "write-off-posted";
    public static final String REJECTED = "write-off-rejected";
    public static final String CANCELLED = "write-off-cancelled";

    private WriteOffSteps() {}
}
