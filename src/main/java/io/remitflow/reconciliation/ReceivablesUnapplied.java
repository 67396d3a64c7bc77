package io.remitflow.reconciliation;

import java.util.List;
import java.util.UUID;
import org.joda.money.Money;

/**
 * Money that is nobody's yet, and credits on patient accounts that pay no open debit.
 *
 * @param received money without an account, as its register knows it, less what was applied or returned since
 * @param ledger what the account of unapplied cash says
 * @param onAccounts credits of patient accounts that pay no debit of that day
 */
public record ReceivablesUnapplied(
        ReceivablesAsOf asOf,
        Money received,
        Money ledger,
        Money onAccounts,
        List<Item> items,
        List<Item> differences) {

    public ReceivablesUnapplied {
        items = List.copyOf(items);
        differences = List.copyOf(differences);
    }

    /** What the register has more than the ledger. */
    public Money difference() {
        return received.minus(ledger);
    }

    /** One receipt or entry with what is left of it on either side. */
    public record Item(UUID id, String what, Money register, Money ledger) {}
}
