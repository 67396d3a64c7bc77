package io.remitflow.core;

/**
 * A rule refused what was asked: an expected outcome that a person can understand, never a fault.
 *
 * <p>In a process it becomes a BPMN error with {@link Refusal#code()}, over HTTP a problem detail, on a page a message.
 * The text is shown to people and kept in the engine: it must hold no name, birth date, member or patient id.
 */
public class RuleViolation extends RuntimeException {

    private final Refusal refusal;

    public RuleViolation(Refusal refusal, String message) {
        super(message);
        this.refusal = refusal;
    }

    /** As if the thing did not exist: also the answer for what belongs to another organization. */
    public static RuleViolation notFound(String what) {
        return new RuleViolation(Refusal.NOT_FOUND, what + " does not exist");
    }

    public Refusal refusal() {
        return refusal;
    }

    public String code() {
        return refusal.code();
    }
}
