package io.remitflow.checks;

import io.remitflow.intake.IntakeFile;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a scan that came.
 *
 * @param packetId null: the file was rejected, and says why
 * @param repeated these bytes were known before, so nothing was staged again
 */
public record ReceivedPacket(IntakeFile file, @Nullable UUID packetId, boolean repeated) {}
