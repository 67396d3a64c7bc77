package io.remitflow.remittance;

import io.remitflow.intake.IntakeFile;
import java.util.List;
import java.util.UUID;

/**
 * What became of a delivered file.
 *
 * @param repeated the same bytes were received before
 * @param remittances those of the file, in its order
 */
public record Receipt(IntakeFile file, boolean repeated, List<Part> remittances) {

    public Receipt {
        remittances = List.copyOf(remittances);
    }

    /** One remittance of the file. */
    public record Part(UUID id, int transactionIndex, RemittanceState state) {}
}
