package io.remitflow.remittance;

import static io.remitflow.ledger.StandardAccount.CASH_OPERATING;
import static io.remitflow.ledger.StandardAccount.MERCHANT_FEES;
import static io.remitflow.ledger.StandardAccount.REMITTANCE_CLEARING;
import static io.remitflow.ledger.StandardAccount.UNIDENTIFIED_PAYER_CASH;

import io.remitflow.identity.Organizations;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Journal entries of the cash side: the remittance side is posted with the remittance. */
@Component
class SettlementBooking {

    private static final String MODULE = "remittance";

    private final Journal journal;
    private final Organizations organizations;

    SettlementBooking(Journal journal, Organizations organizations) {
        this.journal = journal;
        this.organizations = organizations;
    }

    /** Money arrived: cash, and the fee that a card processor kept, against the clearing of its settlement. */
    @Transactional(propagation = Propagation.MANDATORY)
    public UUID received(CashReceipt receipt, Settlement settlement) {
        return received(receipt, List.of(new CounterPart(settlement.reference(), receipt.covered())));
    }

    /** As {@link #received(CashReceipt, Settlement)}, for money of which it is known that several settlements share it. */
    @Transactional(propagation = Propagation.MANDATORY)
    public UUID received(CashReceipt receipt, List<CounterPart> parts) {
        var entry = NewEntry.on(
                        receipt.bankDate(),
                        MODULE,
                        "bank-receipt:" + receipt.id(),
                        "Payer money %s received".formatted(receipt.number()))
                .inOpenPeriod()
                .reference("bank-receipt", receipt.id())
                .referenceNumber(receipt.number())
                .debit(CASH_OPERATING, receipt.amount())
                .move(MERCHANT_FEES, receipt.fee(), null);
        parts.forEach(part -> entry.credit(REMITTANCE_CLEARING, part.amount(), clearing(part.reference())));
        return journal.post(entry.build()).id();
    }

    /** The linked reversal of {@link #received(CashReceipt, List)}, for money that still counts where it was booked. */
    @Transactional(propagation = Propagation.MANDATORY)
    public UUID reversed(CashReceipt receipt, LocalDate date, String reason) {
        return journal.reverse(
                        Objects.requireNonNull(receipt.journalEntryId()),
                        date,
                        reason,
                        "bank-receipt-back:" + receipt.id())
                .id();
    }

    /** The opposite of {@link #received}, against the settlements that the money counts for now. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void takenBack(CashReceipt receipt, List<CounterPart> parts, LocalDate date, String reason) {
        var entry = NewEntry.on(
                        date,
                        MODULE,
                        "bank-receipt-back:" + receipt.id(),
                        "Payer money %s taken back: %s".formatted(receipt.number(), reason))
                .inOpenPeriod()
                .reference("bank-receipt", receipt.id())
                .referenceNumber(receipt.number())
                .credit(CASH_OPERATING, receipt.amount())
                .move(MERCHANT_FEES, receipt.fee().negated(), null);
        parts.forEach(part -> entry.debit(REMITTANCE_CLEARING, part.amount(), clearing(part.reference())));
        journal.post(entry.build());
    }

    /** What is missing of a payment is what the card processor kept of it. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void cardFee(CashReceipt receipt, Money fee, Settlement settlement) {
        journal.post(NewEntry.on(
                        organizations.today(),
                        MODULE,
                        key(settlement, "card-fee"),
                        "Card fee of payer money %s".formatted(receipt.number()))
                .inOpenPeriod()
                .reference("bank-receipt", receipt.id())
                .referenceNumber(receipt.number())
                .debit(MERCHANT_FEES, fee)
                .credit(REMITTANCE_CLEARING, fee, clearing(settlement.reference()))
                .build());
    }

    /** Money that was booked under one trace number belongs to another. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void moved(Settlement from, Settlement to, Money amount) {
        journal.post(NewEntry.on(
                        organizations.today(),
                        MODULE,
                        key(from, "to:" + to.id()),
                        "Payer money matched with payment " + to.traceNumber())
                .inOpenPeriod()
                .reference("settlement", to.id())
                .debit(REMITTANCE_CLEARING, amount, clearing(from.reference()))
                .credit(REMITTANCE_CLEARING, amount, clearing(to.reference()))
                .build());
    }

    /**
     * Money for which no remittance came in time is owed to a payer we do not know yet; it is never revenue.
     *
     * @param amount negative: the remittance came, back to clearing
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void unidentified(Settlement settlement, Money amount) {
        ClearingReference clearing = clearing(settlement.reference());
        journal.post(NewEntry.on(
                        organizations.today(),
                        MODULE,
                        key(settlement, "unidentified"),
                        amount.isPositive()
                                ? "Payer money without remittance"
                                : "Payer money identified by its remittance")
                .inOpenPeriod()
                .reference("settlement", settlement.id())
                .move(REMITTANCE_CLEARING, amount, clearing)
                .move(UNIDENTIFIED_PAYER_CASH, amount.negated(), clearing)
                .build());
    }

    /** A part of a receipt under the reference of its settlement. */
    record CounterPart(String reference, Money amount) {}

    /** Every save of a settlement counts its version, so the same step is never posted twice and the next one is. */
    private static String key(Settlement settlement, String what) {
        return "settlement:%s:%d:%s".formatted(settlement.id(), settlement.version(), what);
    }

    private static ClearingReference clearing(String reference) {
        return new ClearingReference("trn", reference);
    }
}
