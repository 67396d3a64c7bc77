package io.remitflow.reconciliation;

import java.time.YearMonth;
import java.util.List;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** How the receivables of each class of payer went from the balance at the beginning of a month to that at its end. */
public record ReceivablesRollForward(ReceivablesAsOf asOf, List<Month> months) {

    public ReceivablesRollForward {
        months = List.copyOf(months);
    }

    /**
     * @param ledgerClosing of both control accounts together
     */
    public record Month(YearMonth month, List<Line> lines, Line total, Money ledgerClosing) {

        public Month {
            lines = List.copyOf(lines);
        }

        /** What the subledger has more than the ledger at the end. */
        public Money difference() {
            return total.closing().minus(ledgerClosing);
        }
    }

    /**
     * One class of payer, all amounts with the sign of what they do to the balance.
     *
     * @param payerClass null for the total of all
     * @param returned payments that were returned, reversed or taken back
     */
    public record Line(
            @Nullable String payerClass,
            Money opening,
            Money charges,
            Money payments,
            Money returned,
            Money contractual,
            Money writeOffs,
            Money creditMemos,
            Money transfersIn,
            Money transfersOut,
            Money refunds) {

        public Money closing() {
            return opening.plus(charges)
                    .plus(payments)
                    .plus(returned)
                    .plus(contractual)
                    .plus(writeOffs)
                    .plus(creditMemos)
                    .plus(transfersIn)
                    .plus(transfersOut)
                    .plus(refunds);
        }

        Line plus(Line other) {
            return new Line(
                    null,
                    opening.plus(other.opening),
                    charges.plus(other.charges),
                    payments.plus(other.payments),
                    returned.plus(other.returned),
                    contractual.plus(other.contractual),
                    writeOffs.plus(other.writeOffs),
                    creditMemos.plus(other.creditMemos),
                    transfersIn.plus(other.transfersIn),
                    transfersOut.plus(other.transfersOut),
                    refunds.plus(other.refunds));
        }
    }
}
