package io.remitflow.ledger;

import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a person has written so far; it need not balance before it is posted. */
public record DraftContent(
        LocalDate date,
        EntryType type,
        @Nullable String referenceNumber,
        String description,
        List<NewEntry.Line> lines) {}
