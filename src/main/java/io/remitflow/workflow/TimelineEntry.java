package io.remitflow.workflow;

import java.time.Instant;

/** One step in the life of a case. */
public record TimelineEntry(Instant at, String actor, String step, String text) {}
