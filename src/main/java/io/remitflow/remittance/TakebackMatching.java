package io.remitflow.remittance;

import io.remitflow.core.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Settles the open items of one payer with the provider adjustments of one remittance, and opens new ones.
 *
 * <p>All of each amount ends up in steps, so the open amounts move by exactly what the remittance books. Amounts have the
 * sign of the adjustment: positive was taken from the payment.
 */
final class TakebackMatching {

    /** A provider adjustment; {@code claimId} is the claim that its reference names, if we know it. */
    record Line(
            int position,
            TakebackKind kind,
            String code,
            String reference,
            @Nullable UUID claimId,
            long amountMinor) {}

    enum StepKind {
        OPENED,
        /** A second adjustment of the same remittance to the same new balance. */
        ADDED,
        SETTLED,
        CARRIED,
        PAIRED
    }

    /** @param position of the adjustment, null for what moves between two items */
    record Step(
            Item item,
            @Nullable Integer position,
            StepKind kind,
            long amountMinor,
            long openAfter,
            @Nullable Item other) {}

    /** An open item while it is being settled. */
    static final class Item {

        final UUID id;
        final TakebackKind kind;
        final String code;
        final String payee;
        final String reference;
        final @Nullable UUID claimId;
        final boolean known;
        final long openedMinor;
        long openMinor;

        @Nullable TakebackProblem problem;

        private Item(UUID id, Line line, String payee, boolean known, long openMinor) {
            this.id = id;
            this.kind = line.kind();
            this.code = line.code();
            this.payee = payee;
            this.reference = line.reference();
            this.claimId = line.claimId();
            this.known = known;
            this.openedMinor = line.amountMinor();
            this.openMinor = openMinor;
        }

        /** One of an earlier remittance. */
        static Item known(UUID id, Line opening, String payee, long openMinor) {
            return new Item(id, opening, payee, true, openMinor);
        }
    }

    private static final class Rest {

        private final Line line;
        private long minor;
        private boolean usedInPart;

        private Rest(Line line) {
            this.line = line;
            this.minor = line.amountMinor();
        }

        private boolean isOpening() {
            return line.kind().opens(minor);
        }
    }

    private final String payee;
    private final List<Item> items;
    private final List<Item> opened = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();

    /** @param items open ones of the payer, oldest first */
    TakebackMatching(String payee, List<Item> items) {
        this.payee = payee;
        this.items = items;
    }

    void settle(List<Line> lines) {
        List<Rest> rests = lines.stream().map(Rest::new).toList();
        // What is taken back first, whatever its place in the file: a new balance must not be settled with an old one.
        rests.stream().filter(rest -> !rest.isOpening()).forEach(this::settleKnown);
        rests.stream().filter(Rest::isOpening).forEach(this::settleKnown);
        settleWithinPayment(rests);
        pairRefunds(rests);
        rests.stream().filter(rest -> rest.minor != 0).forEach(rest -> open(rest, rests));
    }

    List<Item> opened() {
        return opened;
    }

    List<Step> steps() {
        return steps;
    }

    private void settleKnown(Rest rest) {
        Line line = rest.line;
        settle(rest, item -> names(line, item));
        if (line.kind().settlesOldestFirst()) {
            // An amount that came after its recovery, because the files arrived in another order, has to fit exactly.
            settle(
                    rest,
                    item -> item.payee.equals(payee)
                            && (!rest.isOpening() || item.openMinor == Math.negateExact(rest.minor)));
        } else if (line.reference().isBlank()) {
            List<Item> equal = candidates(rest, item -> item.openMinor == Math.negateExact(rest.minor));
            if (equal.size() == 1) {
                settle(rest, equal.getFirst());
            }
        }
    }

    private void settle(Rest rest, Predicate<Item> fits) {
        for (Item item : candidates(rest, fits)) {
            if (rest.minor != 0 && fits.test(item)) {
                settle(rest, item);
            }
        }
    }

    private List<Item> candidates(Rest rest, Predicate<Item> fits) {
        return items.stream()
                .filter(item -> item.code.equals(rest.line.code())
                        && Long.signum(item.openMinor) == -Long.signum(rest.minor)
                        && rest.minor != 0)
                .filter(fits)
                .toList();
    }

    private void settle(Rest rest, Item item) {
        long part = smaller(rest.minor, item.openMinor);
        rest.minor = Math.subtractExact(rest.minor, part);
        rest.usedInPart = true;
        step(item, rest.line.position(), StepKind.SETTLED, part, null);
    }

    /** Both signs under one reference in one payment: the payer announced and took at once. */
    private void settleWithinPayment(List<Rest> rests) {
        for (Rest opening : rests) {
            for (Rest closing : rests) {
                if (opening.line.kind() != TakebackKind.FORWARD_BALANCE
                        && opening.line.position() != closing.line.position()
                        && opening.line.code().equals(closing.line.code())
                        && Long.signum(opening.minor) == -Long.signum(closing.minor)
                        && opening.minor != 0
                        && opening.isOpening()
                        && (opening.line.kind() == TakebackKind.INTERIM_PAYMENT || sameReference(opening, closing))) {
                    settle(closing, openAs(opening, null));
                }
            }
        }
    }

    /**
     * V5: a refund of ours that the payer confirms (72) and recovers (WO) in one payment moves nothing. Their references
     * differ as a rule, as one is of our refund; what names one claim goes together first, and what names two never.
     */
    private void pairRefunds(List<Rest> rests) {
        pairRefunds(rests, TakebackMatching::sameReference);
        pairRefunds(rests, (refund, recovery) -> !contradict(refund, recovery));
    }

    private void pairRefunds(List<Rest> rests, BiPredicate<Rest, Rest> fit) {
        for (Rest refund : rests) {
            for (Rest recovery : rests) {
                if (refund.line.kind() == TakebackKind.REFUND_CONFIRMED
                        && recovery.line.kind() == TakebackKind.RECOVERY
                        && refund.minor < 0
                        && refund.minor == Math.negateExact(recovery.minor)
                        && fit.test(refund, recovery)) {
                    long amount = recovery.minor;
                    Item confirmed = openAs(refund, null);
                    Item recovered = openAs(recovery, null);
                    step(confirmed, null, StepKind.PAIRED, amount, recovered);
                    step(recovered, null, StepKind.PAIRED, Math.negateExact(amount), confirmed);
                }
            }
        }
    }

    private void open(Rest rest, List<Rest> all) {
        if (rest.line.kind() == TakebackKind.FORWARD_BALANCE && rest.minor < 0) {
            openForwardBalance(rest);
        } else {
            openAs(rest, problem(rest, all));
        }
    }

    /** There is never more than one: what is still open of an earlier one becomes part of the new one. */
    private void openForwardBalance(Rest rest) {
        Item current = items.stream()
                .filter(item ->
                        item.kind == TakebackKind.FORWARD_BALANCE && item.openMinor < 0 && item.payee.equals(payee))
                .findFirst()
                .orElse(null);
        if (current != null && !current.known) {
            long minor = rest.minor;
            rest.minor = 0;
            step(current, rest.line.position(), StepKind.ADDED, minor, null);
            return;
        }
        Item item = openAs(rest, current == null ? null : TakebackProblem.FORWARD_BALANCES_NOT_MERGED);
        if (current != null) {
            long carried = current.openMinor;
            step(current, null, StepKind.CARRIED, Math.negateExact(carried), item);
            step(item, null, StepKind.CARRIED, carried, current);
        }
    }

    private Item openAs(Rest rest, @Nullable TakebackProblem problem) {
        Line part = new Line(
                rest.line.position(),
                rest.line.kind(),
                rest.line.code(),
                rest.line.reference(),
                rest.line.claimId(),
                rest.minor);
        rest.minor = 0;
        Item item = new Item(Ids.next(), part, payee, false, 0);
        item.problem = problem;
        opened.add(item);
        items.add(item);
        step(item, part.position(), StepKind.OPENED, part.amountMinor(), null);
        return item;
    }

    private static @Nullable TakebackProblem problem(Rest rest, List<Rest> all) {
        TakebackKind kind = rest.line.kind();
        if (kind == TakebackKind.UNEXPLAINED) {
            return TakebackProblem.CODE_UNEXPLAINED;
        }
        if (kind == TakebackKind.REFUND_CONFIRMED) {
            // Not alone if its recovery settled what an earlier remittance announced: then our refund is still to be
            // booked.
            boolean recovered = all.stream()
                    .anyMatch(other -> other.line.kind() == TakebackKind.RECOVERY
                            && other.usedInPart
                            && !contradict(rest, other)
                            && other.line.amountMinor() == Math.negateExact(rest.line.amountMinor()));
            return recovered ? null : TakebackProblem.REFUND_ALONE;
        }
        if (rest.isOpening()) {
            return null;
        }
        if (rest.usedInPart) {
            return TakebackProblem.MORE_THAN_OPEN;
        }
        return switch (kind) {
            case FORWARD_BALANCE -> TakebackProblem.FORWARD_BALANCE_UNKNOWN;
            case RECOVERY -> TakebackProblem.NOT_ANNOUNCED;
            case ADVANCE, INTERIM_PAYMENT -> TakebackProblem.ADVANCE_UNKNOWN;
            default -> TakebackProblem.RETURNED_UNEXPECTEDLY;
        };
    }

    private void step(Item item, @Nullable Integer position, StepKind kind, long amountMinor, @Nullable Item other) {
        item.openMinor = Math.addExact(item.openMinor, amountMinor);
        steps.add(new Step(item, position, kind, amountMinor, item.openMinor, other));
    }

    /** The part of an amount that an open amount of the other sign can take. */
    private static long smaller(long amount, long open) {
        return Math.abs(amount) <= Math.abs(open) ? amount : Math.negateExact(open);
    }

    private static boolean names(Line line, Item item) {
        return !line.reference().isBlank() && line.reference().equalsIgnoreCase(item.reference)
                || line.claimId() != null && line.claimId().equals(item.claimId);
    }

    /** They name two claims of ours. */
    private static boolean contradict(Rest one, Rest other) {
        return one.line.claimId() != null
                && other.line.claimId() != null
                && !one.line.claimId().equals(other.line.claimId());
    }

    private static boolean sameReference(Rest one, Rest other) {
        return !one.line.reference().isBlank() && one.line.reference().equalsIgnoreCase(other.line.reference())
                || one.line.claimId() != null && Objects.equals(one.line.claimId(), other.line.claimId());
    }
}
