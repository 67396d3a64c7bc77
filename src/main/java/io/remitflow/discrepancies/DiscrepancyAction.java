package io.remitflow.discrepancies;

import io.remitflow.identity.UserId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A row of the action log. @param actor null: the system */
public record DiscrepancyAction(String action, @Nullable UserId actor, String detail, Instant at) {}
