package io.remitflow.reconciliation;

import java.time.LocalDate;
import java.util.List;
import org.joda.money.Money;

/**
 * Both sides of a bank account at the end of a day, each adjusted for what the other does not know yet:
 *
 * <p>adjusted bank = statement + deposits in transit − outstanding checks − errors of the bank;<br>
 * adjusted book = ledger + unbooked credits − unbooked debits.
 *
 * @param statement what the bank says
 * @param cash the account of the general ledger
 * @param onTheWay what is booked to the accounts of deposits and payments on their way to or from the bank
 * @param suspense what of the bank's lines stands in bank suspense
 */
public record BankBalances(
        LocalDate on, Money statement, Money cash, Money onTheWay, Money suspense, List<BankItem> items) {

    public BankBalances {
        items = List.copyOf(items);
    }

    /** What the books say about money at this bank, with what is on its way and without what nothing explains. */
    public Money book() {
        return cash.plus(onTheWay).plus(suspense);
    }

    public Money depositsInTransit() {
        return sum(BankItem.Kind.DEPOSIT_IN_TRANSIT);
    }

    public Money outstanding() {
        return sum(BankItem.Kind.OUTSTANDING).negated();
    }

    /** Above zero if the bank credited by mistake. */
    public Money bankErrors() {
        return sum(BankItem.Kind.BANK_ERROR);
    }

    public Money unbookedCredits() {
        return of(BankItem.Kind.UNBOOKED).stream()
                .map(BankItem::amount)
                .filter(Money::isPositive)
                .reduce(zero(), Money::plus);
    }

    public Money unbookedDebits() {
        return of(BankItem.Kind.UNBOOKED).stream()
                .map(BankItem::amount)
                .filter(Money::isNegative)
                .reduce(zero(), Money::plus)
                .negated();
    }

    public Money adjustedBank() {
        return statement.plus(depositsInTransit()).minus(outstanding()).minus(bankErrors());
    }

    public Money adjustedBook() {
        return book().plus(unbookedCredits()).minus(unbookedDebits());
    }

    public Money difference() {
        return adjustedBank().minus(adjustedBook());
    }

    /** What the bank must say if nothing differs: book − in transit + outstanding ± unbooked ± errors of the bank. */
    public Money expectedStatement() {
        return book().minus(depositsInTransit())
                .plus(outstanding())
                .plus(unbookedCredits())
                .minus(unbookedDebits())
                .plus(bankErrors());
    }

    public List<BankItem> of(BankItem.Kind kind) {
        return items.stream().filter(item -> item.kind() == kind).toList();
    }

    private Money sum(BankItem.Kind kind) {
        return of(kind).stream().map(BankItem::amount).reduce(zero(), Money::plus);
    }

    private Money zero() {
        return Money.zero(statement.getCurrencyUnit());
    }
}
