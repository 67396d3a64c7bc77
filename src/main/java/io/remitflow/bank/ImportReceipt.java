package io.remitflow.bank;

import io.remitflow.intake.IntakeFile;
import java.util.List;

/**
 * What became of a file of statements.
 *
 * @param repeated these bytes were taken over before, nothing changed
 */
public record ImportReceipt(IntakeFile file, boolean repeated, List<BankStatement> statements) {}
