package io.remitflow.intake;

/**
 * The answer to a delivery.
 *
 * @param file the file with these bytes, which may be an earlier one
 * @param repeated the bytes were known before this delivery
 */
public record Received(IntakeFile file, boolean repeated) {}
