package io.remitflow.workflow;

import org.jspecify.annotations.Nullable;

/**
 * What the signed-in person decides on the page of a case.
 *
 * @param taskKey the engine's task that this decision completes
 * @param version what the person saw: a decision about another version is refused
 */
public record ApprovalDecision(
        long taskKey,
        int version,
        boolean approve,
        @Nullable String comment) {}
