package io.remitflow.reconciliation;

import java.util.List;
import org.joda.money.Money;

/**
 * How outstanding checks, or deposits in transit, went from the beginning of a period to its end.
 *
 * @param added issued, or deposits booked
 * @param cleared paid, or credited, by the bank
 * @param otherwise voided, stale or changed in another way
 */
public record BankRollForward(Money beginning, Money added, Money cleared, Money otherwise, Money ending) {

    public boolean holds() {
        return beginning.plus(added).minus(cleared).minus(otherwise).equals(ending);
    }

    /**
     * One clearing reference, or entry on the bank's account, over the period; signed as it moves the books.
     *
     * @param in what was booked in its favour other than by the bank
     * @param out what was booked against it other than by the bank, below zero
     * @param byBank what lines of the bank settled of it
     */
    record Movement(boolean outgoingAccount, long before, long in, long out, long byBank) {

        long after() {
            return before + in + out + byBank;
        }

        /** Money that leaves, by the balance it has or had, else by how it began. */
        boolean leaves() {
            long balance = after() != 0 ? after() : before;
            return balance == 0 ? outgoingAccount : balance < 0;
        }
    }

    static BankRollForward outstanding(List<Movement> movements, Money zero) {
        return sum(movements.stream().filter(Movement::leaves).toList(), -1, zero);
    }

    static BankRollForward inTransit(List<Movement> movements, Money zero) {
        return sum(movements.stream().filter(movement -> !movement.leaves()).toList(), 1, zero);
    }

    private static BankRollForward sum(List<Movement> movements, int sign, Money zero) {
        long beginning = 0;
        long added = 0;
        long cleared = 0;
        long otherwise = 0;
        long ending = 0;
        for (Movement each : movements) {
            // What had the other sign before belonged to the other table.
            long begins = Math.max(0, sign * each.before());
            long ends = Math.max(0, sign * each.after());
            long adds = sign > 0 ? each.in() : -each.out();
            long clears = -sign * each.byBank();
            beginning += begins;
            added += adds;
            cleared += clears;
            otherwise += begins + adds - clears - ends;
            ending += ends;
        }
        return new BankRollForward(
                zero.plusMinor(beginning),
                zero.plusMinor(added),
                zero.plusMinor(cleared),
                zero.plusMinor(otherwise),
                zero.plusMinor(ending));
    }
}
