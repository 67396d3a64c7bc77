package io.remitflow.ledger;

import java.util.UUID;

/**
 * The receipt of a posting.
 *
 * @param alreadyPosted the same source key was posted before, with the same content; nothing was written now
 */
public record PostedEntry(UUID id, String number, boolean alreadyPosted) {}
