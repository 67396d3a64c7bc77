package io.remitflow.bank;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** How a statement ends; the balance is null if the bank does not say. */
public record StatementClosing(
        @Nullable LocalDate closedOn, @Nullable Long closingMinor) {}
