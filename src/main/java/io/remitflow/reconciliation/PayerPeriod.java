package io.remitflow.reconciliation;

import java.time.LocalDate;

/** Claims submitted and remittances dated from a day up to the day of the books, and what had become of them by then. */
public record PayerPeriod(LocalDate from, ReceivablesAsOf asOf) {}
