package io.remitflow.remittance;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * Header of one remittance (ST) of a file: how much is paid by whom to whom, under which trace number.
 *
 * @param index counted from 1 within the file
 * @param controlNumber ST02
 * @param handlingCode BPR01, {@code I} remittance only, {@code H} notification, {@code P} prenotification, ...
 * @param paidMinor BPR02
 * @param creditOrDebit BPR03, {@code C} or {@code D}
 * @param method BPR04: ACH, CHK, NON, FWT, BOP
 * @param paymentDate BPR16
 * @param traceNumber TRN02: check number or reference of the electronic payment
 * @param payerIdentifier TRN03: {@code 1} and the payer's tax id, also where the payer left out the 1
 * @param productionDate DTM*405
 * @param position of the BPR segment
 */
public record EraTransaction(
        int index,
        EraEnvelope envelope,
        String controlNumber,
        String currency,
        String handlingCode,
        long paidMinor,
        String creditOrDebit,
        String method,
        @Nullable LocalDate paymentDate,
        String traceNumber,
        String payerIdentifier,
        @Nullable String traceSupplement,
        EraParty payer,
        EraParty payee,
        @Nullable LocalDate productionDate,
        EraPosition position) {

    public EraTransaction {
        payerIdentifier = TraceKey.payer(payerIdentifier);
    }

    /** Same sender, receiver and control numbers: the sender sent this envelope before, or reused its numbers. */
    public String controlKey() {
        return String.join(
                "|",
                envelope.senderId().strip(),
                envelope.receiverId().strip(),
                envelope.interchangeControlNumber(),
                envelope.groupControlNumber(),
                controlNumber);
    }

    /** Same payment as far as the payer's numbers say. A trace number alone is not unique. */
    public String paymentKey() {
        return String.join(
                "|",
                payerIdentifier,
                traceNumber,
                Long.toString(paidMinor),
                paymentDate == null ? "" : paymentDate.toString(),
                payee.bestIdentifier());
    }
}
