package io.remitflow.workflow;

import io.remitflow.core.RuleViolation;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Implemented by the module whose cases are approved. Every method runs in the transaction of the approval. */
public interface ApprovableCases {

    String type();

    /** As it is now, without locking anything. */
    ApprovalSubject subject(UUID id);

    /** Locks the row of the case until the transaction ends. */
    Locked lock(UUID id);

    /** A case with its row locked. */
    interface Locked {

        ApprovalSubject subject();

        /** What is answered to a decision about a case that waits for none. */
        RuleViolation notWaiting();

        /** @param last whether nobody else has to approve this version */
        void approved(Approval approval, boolean last);

        void rejected(Approval approval);

        /** A completed task did not count; the next holder of the task sees why. */
        void taskRefused(String reason);
    }

    /** What came of a completed approval task. */
    enum Outcome {
        APPROVED,
        NEXT_LEVEL,
        REJECTED,
        NOT_AUTHORISED,
        CHANGED
    }

    record Verification(Outcome outcome, @Nullable String reason) {}
}
