package io.remitflow.reconciliation;

import io.remitflow.bank.BankAccount;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.reconciliation.BankFigureRows.Decision;
import io.remitflow.reconciliation.BankFigureRows.Group;
import io.remitflow.reconciliation.BankFigureRows.Question;
import io.remitflow.reconciliation.BankFigureRows.Reference;
import io.remitflow.reconciliation.BankFigureRows.Side;
import io.remitflow.reconciliation.BankFigureRows.Statement;
import io.remitflow.reconciliation.BankFigureRows.Suspended;
import io.remitflow.reconciliation.BankFigureRows.Totals;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Puts the figures of a bank account together, in the transaction of whoever asks. */
@Component
class BankPositions {

    private final BankFigureRows rows;

    BankPositions(BankFigureRows rows) {
        this.rows = rows;
    }

    /** The first day that the statements of the account tell about. */
    LocalDate firstDay(BankAccount account, Instant known) {
        return history(account, known).base();
    }

    /** What is missing of the statements of a period, in words. */
    List<String> gaps(BankAccount account, LocalDate start, LocalDate end, Instant known) {
        return history(account, known).gaps(start, end);
    }

    BankFigures of(BankAccount account, LocalDate start, LocalDate end, Instant known) {
        StatementHistory history = history(account, known);
        Question question = new Question(account, history.base(), start, end, known);
        Totals totals = rows.totals(question);
        List<Group> groups = rows.groups(question);
        List<Reference> references = rows.references(question);
        List<Suspended> suspended = rows.suspended(question);
        Map<UUID, Decision> decisions = rows.decisions(account.id(), start, known);
        var sides = new Sides(account, history, groups, references, suspended, decisions);
        // An opening entry says what the account began with, whichever day of the first period it is dated on.
        long cashBefore = start.equals(history.base()) ? totals.cashAtBase() : totals.cashBefore();
        BankBalances opening = sides.at(start.minusDays(1), cashBefore, totals.wayBefore(), 0, Group::before, true);
        BankBalances closing =
                sides.at(end, totals.cashAfter(), totals.wayAfter(), totals.cashAtBase(), Group::after, false);
        long[] book = rows.bookFlow(question);
        ProofOfCash proof = ProofOfCash.of(
                opening,
                closing,
                history.flow(start, end),
                new ProofOfCash.Flow(money(account, book[0]), money(account, book[1])));
        List<BankRollForward.Movement> movements = Stream.concat(
                        references.stream().map(Reference::movement),
                        groups.stream().map(BankPositions::movement))
                .toList();
        Money zero = money(account, 0);
        return new BankFigures(
                account,
                start,
                end,
                known,
                opening,
                closing,
                proof,
                BankRollForward.outstanding(movements, zero),
                BankRollForward.inTransit(movements, zero),
                history.gaps(start, end),
                warnings(start, end, opening));
    }

    private List<String> warnings(LocalDate start, LocalDate end, BankBalances opening) {
        List<String> warnings = new ArrayList<>();
        int drafts = rows.drafts(start, end);
        if (drafts > 0) {
            warnings.add(
                    drafts == 1
                            ? "One journal entry dated in the period is still a draft"
                            : "%d journal entries dated in the period are still drafts".formatted(drafts));
        }
        if (!opening.difference().isZero()) {
            warnings.add("Both sides differ by %s at the beginning of the period already"
                    .formatted(Amounts.format(opening.difference())));
        }
        return warnings;
    }

    private StatementHistory history(BankAccount account, Instant known) {
        List<Statement> statements = rows.statements(account.id(), known);
        if (statements.stream().noneMatch(each -> each.opening() != null || each.closing() != null)) {
            throw new RuleViolation(
                    Refusal.STATEMENTS_INCOMPLETE,
                    "there is no statement of %s yet that says a balance".formatted(account.name()));
        }
        return new StatementHistory(account.currency(), statements, rows.days(account.id(), known));
    }

    /** What an entry did that no line of the bank had shown yet, over the period. */
    private static BankRollForward.Movement movement(Group group) {
        long before = group.before().lines() == 0 ? group.before().book() : 0;
        long after = group.after().lines() == 0 ? group.after().book() : 0;
        boolean openBefore = group.before().lines() == 0;
        long in = openBefore ? group.debits() : 0;
        long out = openBefore ? group.credits() : 0;
        return new BankRollForward.Movement(before + in + out < 0, before, in, out, after - before - in - out);
    }

    private static Money money(BankAccount account, long minor) {
        return Amounts.ofMinor(minor, account.currency());
    }

    private record Sides(
            BankAccount account,
            StatementHistory history,
            List<Group> groups,
            List<Reference> references,
            List<Suspended> suspended,
            Map<UUID, Decision> decisions) {

        BankBalances at(
                LocalDate day, long cash, long way, long cashAtBase, Function<Group, Side> end, boolean before) {
            List<BankItem> items = new ArrayList<>();
            if (!before && cashAtBase != history.atBase()) {
                items.add(new BankItem(
                        BankItem.Kind.MISMATCH,
                        account.id(),
                        history.base(),
                        "Beginning",
                        "The statements begin with %s, the books with %s"
                                .formatted(
                                        Amounts.format(history.atBase(), account.currency()),
                                        Amounts.format(cashAtBase, account.currency())),
                        money(account, cashAtBase - history.atBase()),
                        null,
                        "Post an opening entry to " + account.accountCode()));
            }
            for (Reference each : references) {
                long balance =
                        before ? each.movement().before() : each.movement().after();
                if (balance != 0) {
                    items.add(onTheWay(each, balance));
                }
            }
            Map<UUID, Suspended> open =
                    suspended.stream().collect(Collectors.toMap(Suspended::lineId, Function.identity()));
            for (Group group : groups) {
                ofGroup(group, end.apply(group), open, items);
            }
            long inSuspense = 0;
            for (Suspended each : suspended) {
                long amount = before ? each.before() : each.after();
                inSuspense += amount;
                if (amount != 0) {
                    items.add(unbooked(each, amount));
                }
            }
            return new BankBalances(
                    day,
                    money(account, history.balance(day)),
                    money(account, cash),
                    money(account, way),
                    money(account, -inSuspense),
                    items);
        }

        private BankItem onTheWay(Reference each, long balance) {
            return new BankItem(
                    balance > 0 ? BankItem.Kind.DEPOSIT_IN_TRANSIT : BankItem.Kind.OUTSTANDING,
                    each.id(),
                    each.openedOn(),
                    each.kind() + " " + each.value(),
                    each.accountCode() + " " + each.accountName(),
                    money(account, balance),
                    null,
                    null);
        }

        private void ofGroup(Group group, Side side, Map<UUID, Suspended> open, List<BankItem> items) {
            if (side.book() == side.bank()) {
                return;
            }
            if (side.lines() == 0) {
                items.add(new BankItem(
                        side.book() > 0 ? BankItem.Kind.DEPOSIT_IN_TRANSIT : BankItem.Kind.OUTSTANDING,
                        group.id(),
                        group.firstOn(),
                        String.valueOf(group.entryNumber()),
                        String.valueOf(group.description()),
                        money(account, side.book()),
                        group.entryId(),
                        null));
            } else if (side.entries() == 0) {
                items.add(notYet(group, side, open.get(group.lineId())));
            } else {
                items.add(new BankItem(
                        BankItem.Kind.MISMATCH,
                        group.id(),
                        group.firstOn(),
                        String.valueOf(group.entryNumber()),
                        String.valueOf(group.description()),
                        money(account, side.book() - side.bank()),
                        group.entryId(),
                        "The bank shows %s, the books have %s"
                                .formatted(
                                        Amounts.format(side.bank(), account.currency()),
                                        Amounts.format(side.book(), account.currency()))));
            }
        }

        /** Its period was closed when it arrived, or it is just being booked. */
        private BankItem notYet(Group group, Side side, @Nullable Suspended suspense) {
            LocalDate later = group.laterOn();
            boolean explained = later != null && (suspense == null || suspense.now() == 0);
            return decided(
                    java.util.Objects.requireNonNull(group.lineId()),
                    java.util.Objects.requireNonNull(group.shownOn()),
                    "",
                    String.valueOf(group.words()),
                    side.bank(),
                    explained ? "Booked on %s, in the next open period".formatted(later) : null);
        }

        private BankItem unbooked(Suspended each, long amount) {
            return decided(
                    each.lineId(),
                    each.on(),
                    each.reference(),
                    each.words(),
                    amount,
                    each.now() == 0 ? "Booked since, in a later period" : null);
        }

        private BankItem decided(
                UUID lineId, LocalDate on, String reference, String words, long amount, @Nullable String note) {
            Decision said = note == null ? decisions.get(lineId) : null;
            Decision decision = said == null || said.decision().equals("open") ? null : said;
            boolean error = decision != null && decision.decision().equals("bank_error");
            return new BankItem(
                    error ? BankItem.Kind.BANK_ERROR : BankItem.Kind.UNBOOKED,
                    lineId,
                    on,
                    reference,
                    words,
                    money(account, amount),
                    null,
                    decision == null ? note : decision.reason());
        }
    }
}
