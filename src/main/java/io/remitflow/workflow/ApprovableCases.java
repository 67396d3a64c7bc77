package io.remitflow.workflow;

import io.remitflow.core.RuleViolation;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Implemented by the module whose cases are approved. Every method runs in the transaction of the approval. */
public interface ApprovableCases {

    String type();

    /** As it is now, without locking anything. */
    ApprovalSubject subject(UUID id);

    /** What whoever decides must have seen on the page of the case; empty: nothing but the case itself. */
    default Optional<String> lookTwice(UUID id) {
        return Optional.empty();
    }

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

    /** @param reason why the decision does not count, or what whoever rejected said */
    record Verification(Outcome outcome, @Nullable String reason) {

        /** Of the step after an approval task, when neither a decision nor a completed task is found. */
        public static NotYet notYet() {
            return new NotYet("the completed approval task is not visible yet");
        }

        public boolean rejected() {
            return outcome == Outcome.REJECTED;
        }

        /**
         * What the step after an approval task tells its process: whether the decision counts, and who is asked next.
         *
         * @param level that was decided
         * @param asked whom the process asked, and asks again if the decision does not count
         * @param levels the roles of all levels, the first one first; null: the CFO is enough
         */
        public Map<String, Object> variables(int level, List<String> asked, Supplier<@Nullable List<String>> levels) {
            boolean next = outcome == Outcome.NEXT_LEVEL;
            return Map.of(
                    "verification", outcome.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    "level", next ? level + 1 : level,
                    "approverGroups", next ? List.of(role(level + 1, levels.get())) : asked,
                    "refusalReason", outcome == Outcome.NOT_AUTHORISED ? Objects.requireNonNullElse(reason, "") : "");
        }

        private static String role(int level, @Nullable List<String> levels) {
            return levels == null ? "cfo" : levels.get(level - 1);
        }
    }
}
