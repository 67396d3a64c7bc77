package io.remitflow.refunds;

import io.remitflow.identity.UserId;
import java.time.LocalDate;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Somebody finds out how much of a credit is whose; the clock of Medicare money stands still meanwhile. */
public record CreditInvestigation(
        UUID id,
        LocalDate openedOn,
        UserId openedBy,
        @Nullable LocalDate concludedOn,
        @Nullable UserId concludedBy,
        @Nullable String finding) {}
