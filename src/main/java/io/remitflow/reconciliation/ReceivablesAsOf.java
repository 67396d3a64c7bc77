package io.remitflow.reconciliation;

import java.time.Instant;
import java.time.LocalDate;

/**
 * The books at the end of a day, as they were known at an instant.
 *
 * <p>The day is compared with business dates: an entry's date in the ledger, the transaction date in the subledger, the
 * day of a payer's answer. The instant is compared with the time at which each of them was recorded. Rows are only ever
 * added, so the same pair gives the same figures for ever, also after something was recorded with an earlier date.
 */
public record ReceivablesAsOf(LocalDate day, Instant knownAt) {}
