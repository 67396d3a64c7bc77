package io.remitflow.reconciliation;

import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** The patient accounts against their control accounts; the breaks listed add up to the difference if none is left out. */
public record ReceivablesTieOut(
        ReceivablesAsOf asOf, List<Control> controls, Control total, List<Cause> causes, List<Break> breaks) {

    public ReceivablesTieOut {
        controls = List.copyOf(controls);
        causes = List.copyOf(causes);
        breaks = List.copyOf(breaks);
    }

    public boolean agrees() {
        return causes.isEmpty()
                && controls.stream().allMatch(control -> control.difference().isZero());
    }

    public long breakCount() {
        return causes.stream().mapToLong(Cause::count).sum();
    }

    /**
     * One control account.
     *
     * @param debitBalances of the patient accounts that owe something
     * @param creditBalances of those that have a credit, negative; it is shown as a liability once it is reclassified
     */
    public record Control(String code, String name, Money debitBalances, Money creditBalances, Money ledger) {

        public Money subledger() {
            return debitBalances.plus(creditBalances);
        }

        /** What the subledger has more than the ledger. */
        public Money difference() {
            return subledger().minus(ledger);
        }
    }

    /** All breaks of one cause. */
    public record Cause(ReceivablesBreakCause cause, long count, Money ledger, Money subledger) {

        public Money difference() {
            return subledger.minus(ledger);
        }
    }

    /**
     * One entry on one control account that does not agree.
     *
     * @param id of the journal entry, or of the transaction that has none
     * @param entryNumber null if there is no such entry
     */
    public record Break(
            UUID id,
            @Nullable String entryNumber,
            String accountCode,
            ReceivablesBreakCause cause,
            Money ledger,
            Money subledger) {

        public Money difference() {
            return subledger.minus(ledger);
        }
    }
}
