package io.remitflow.reconciliation;

import io.remitflow.bank.BankAccount;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;
import org.joda.money.Money;

/**
 * Everything that a reconciliation of a bank account over a period says, as known at an instant: the same instant gives the
 * same figures later.
 *
 * @param gaps what is missing of the statements; empty: every day is covered and every balance continues the one before
 * @param warnings what should be looked at and stops nothing
 */
public record BankFigures(
        BankAccount account,
        LocalDate start,
        LocalDate end,
        Instant knownAt,
        BankBalances opening,
        BankBalances closing,
        ProofOfCash proof,
        BankRollForward outstanding,
        BankRollForward inTransit,
        List<String> gaps,
        List<String> warnings) {

    public BankFigures {
        gaps = List.copyOf(gaps);
        warnings = List.copyOf(warnings);
    }

    public Money difference() {
        return closing.difference();
    }

    public boolean balanced() {
        return gaps.isEmpty() && difference().isZero();
    }

    /** Lines in suspense nobody has said anything about. */
    public List<BankItem> undecided() {
        return closing.of(BankItem.Kind.UNBOOKED).stream()
                .filter(item -> item.note() == null)
                .toList();
    }

    /** Whether both say the same, whenever they were added up and in whatever words. */
    boolean agreesWith(BankFigures other) {
        return gaps.equals(other.gaps)
                && amounts(opening).equals(amounts(other.opening))
                && amounts(closing).equals(amounts(other.closing));
    }

    private static List<Object> amounts(BankBalances side) {
        return Stream.concat(
                        Stream.of(side.statement(), side.cash(), side.onTheWay(), side.suspense()),
                        side.items().stream().map(item -> List.of(item.kind(), item.id(), item.amount())))
                .toList();
    }
}
