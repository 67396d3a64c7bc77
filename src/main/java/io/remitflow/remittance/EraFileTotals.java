package io.remitflow.remittance;

/** What a whole file held. */
public record EraFileTotals(int interchanges, int transactions, long claims, long segments, long characters) {}
