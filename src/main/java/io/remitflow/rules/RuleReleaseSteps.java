package io.remitflow.rules;

/** Element ids of {@code bpmn/rule-release.bpmn} that the books know; a test compares them with the file. */
public final class RuleReleaseSteps {

    public static final String PROCESS = "rule-release";
    public static final String APPROVE = "approve-release";
    public static final String EFFECTIVE_DATE = "effective-date";
    public static final String RELEASED = "released";
    public static final String REJECTED = "release-rejected";
    public static final String WITHDRAWN = "release-withdrawn";

    private RuleReleaseSteps() {}

    /** Where the process stands, for its diagram. */
    public static String of(ReleaseRequest.State state) {
        return switch (state) {
            case REQUESTED -> APPROVE;
            case APPROVED -> EFFECTIVE_DATE;
            case RELEASED -> RELEASED;
            case REJECTED -> REJECTED;
            case WITHDRAWN -> WITHDRAWN;
        };
    }
}
