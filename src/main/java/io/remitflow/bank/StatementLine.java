package io.remitflow.bank;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * One movement on a bank account, as a file reports it.
 *
 * @param amountMinor above zero for money that came in, below zero for money that left; never zero
 * @param reversal the bank takes back an earlier movement; the amount has its effective sign already
 * @param typeCode the bank's kind of movement, such as BAI2 142 or MT940 NTRF
 * @param bankReference the bank's own reference of the movement; empty if it has none
 * @param reference what the other side wrote as its reference; empty if it wrote none
 * @param checkNumber empty if it is not a check
 * @param counterparty who paid or was paid, as the bank shows it
 * @param description everything else the bank says
 * @param trace the trace number of a remittance that the line repeats
 * @param place where it stands in the file, in words
 */
public record StatementLine(
        LocalDate bookedOn,
        @Nullable LocalDate valueOn,
        long amountMinor,
        boolean reversal,
        String typeCode,
        String bankReference,
        String reference,
        String checkNumber,
        String counterparty,
        String description,
        @Nullable Trace trace,
        String place) {

    /** TRN02 and TRN03 of an 835, as the addenda of an EFT repeats them; the payer is empty if the bank cut it off. */
    public record Trace(String number, String payerIdentifier) {}
}
