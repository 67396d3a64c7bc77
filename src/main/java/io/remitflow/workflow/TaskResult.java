package io.remitflow.workflow;

import io.remitflow.identity.UserId;
import org.jspecify.annotations.Nullable;

/**
 * A completed human task that was taken into account.
 *
 * @param source {@code remitflow} for our pages, {@code tasklist} for anything else
 * @param refusal null: the completion counts
 * @param jobKey the job that looked it up; null if our own page completed it
 */
public record TaskResult(
        long taskKey,
        String element,
        @Nullable UserId actor,
        String source,
        @Nullable String refusal,
        @Nullable Long jobKey) {}
