package io.remitflow.workflow;

import java.time.Instant;

/**
 * An open case whose process the engine does not know.
 *
 * @param startsAgain whether its process finds out from the books where it stands, so that it may simply start again
 */
public record LostProcess(String processId, String businessKey, Instant since, boolean startsAgain) {}
