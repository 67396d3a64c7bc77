package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.remittance.MatchLadder.Cash;
import io.remitflow.remittance.MatchLadder.Expected;
import io.remitflow.remittance.MatchLadder.Match;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Keeps settlements in step with their two sides. Every caller holds the lock of {@link SettlementRows#lock}, taken before
 * anything is posted.
 */
@Component
class SettlementMatching {

    static final String SUBJECT = "settlement";

    private final SettlementRows rows;
    private final CashRows cash;
    private final SettlementBooking booking;
    private final CardOptOuts optOuts;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final Organizations organizations;
    private final Clock clock;

    SettlementMatching(
            SettlementRows rows,
            CashRows cash,
            SettlementBooking booking,
            CardOptOuts optOuts,
            ProcessMessages messages,
            Timeline timeline,
            Organizations organizations,
            Clock clock) {
        this.rows = rows;
        this.cash = cash;
        this.booking = booking;
        this.optOuts = optOuts;
        this.messages = messages;
        this.timeline = timeline;
        this.organizations = organizations;
        this.clock = clock;
    }

    /** The settlement of a trace number; a new one has no side yet and is {@link #refresh}ed next. */
    @Transactional(propagation = Propagation.MANDATORY)
    public Settlement open(
            ClearingReference reference,
            @Nullable UUID payerId,
            String payerIdentifier,
            String payerName,
            String traceNumber,
            String currency) {
        return rows.byReference(reference.value()).orElseGet(() -> {
            Money nothing = Amounts.zero(currency);
            var settlement = new Settlement(
                    Ids.next(),
                    reference.value(),
                    payerId,
                    payerIdentifier,
                    payerName,
                    traceNumber,
                    nothing,
                    nothing,
                    nothing,
                    null,
                    organizations.today(),
                    SettlementState.CLOSED,
                    clock.instant(),
                    null,
                    null,
                    1,
                    1,
                    clock.instant());
            rows.insert(settlement);
            return settlement;
        });
    }

    /** Derives the state from what its sides add up to now, books what follows, and tells the process. */
    @Transactional(propagation = Propagation.MANDATORY)
    public Settlement refresh(UUID id) {
        Settlement before = rows.get(id);
        var sides = rows.sides(id);
        String currency = before.expected().getCurrencyUnit().getCode();
        var settlement = new SettlementCase(before);
        settlement.sides(
                Amounts.ofMinor(sides.expectedMinor(), currency),
                Amounts.ofMinor(sides.receivedMinor(), currency),
                sides.paymentDate(),
                sides.cashSince(),
                organizations.today(),
                clock.instant());
        save(settlement, before);
        Settlement after = rows.get(id);
        if (after.remittanceSeen() && after.cashSeen()) {
            optOuts.settlementPaid(after);
        }
        return after;
    }

    /** Writes what changed without telling the process, which asked for it and looks again. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void saveQuietly(SettlementCase settlement, Settlement before) {
        write(settlement, before);
    }

    private void save(SettlementCase settlement, Settlement before) {
        write(settlement, before);
        Settlement after = settlement.state();
        if (before.version() == 1 || before.state().over() && !after.state().over()) {
            publish(SettlementSteps.OPENED, after);
        } else if (!before.state().over() && !after.equals(before)) {
            publish(SettlementSteps.CHANGED, after);
        }
    }

    private void write(SettlementCase settlement, Settlement before) {
        Money toUnidentified = settlement.toUnidentified();
        if (!toUnidentified.isZero()) {
            booking.unidentified(before, toUnidentified);
            settlement.movedToUnidentified(toUnidentified);
        }
        Settlement after = settlement.state();
        if (after.equals(before)) {
            return;
        }
        rows.save(after);
        if (after.state() != before.state()) {
            timeline.add(SUBJECT, after.id(), words(after.state()), text(after));
        }
    }

    /** What the ladder says about the money, looking at what is due to it with certainty. */
    @Transactional(propagation = Propagation.MANDATORY)
    public Match matchCertain(Cash money, String currency) {
        return MatchLadder.match(
                money, rows.candidates(TraceKey.of(money.traceNumber()), money.coveredMinor(), currency));
    }

    /** What the ladder says about money that waits for its remittance, looking at everything that is open. */
    @Transactional(propagation = Propagation.MANDATORY)
    public Match matchOpen(Settlement settlement) {
        Cash money = money(settlement);
        List<Expected> open = rows.openAround(
                money.bankDate(),
                TraceKey.of(money.traceNumber()),
                money.coveredMinor(),
                settlement.received().getCurrencyUnit().getCode());
        return MatchLadder.match(money, open);
    }

    /** All receipts of a settlement of money alone, as one amount. */
    Cash money(Settlement settlement) {
        List<CashReceipt.Part> parts = cash.partsOf(settlement.id());
        LocalDate date = parts.isEmpty()
                ? settlement.countedFrom()
                : parts.getFirst().receipt().bankDate();
        String hint = parts.isEmpty() ? "" : parts.getFirst().receipt().payerHint();
        return new Cash(
                settlement.payerIdentifier(),
                hint,
                settlement.traceNumber(),
                settlement.received().getAmountMinorLong(),
                date);
    }

    /** Moves money from one settlement to others, at most what it has; all of them are refreshed. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void spread(UUID from, Map<UUID, Money> amounts, String rule, String evidence) {
        Settlement source = identified(from);
        UUID person = CurrentUser.find().map(UserId::value).orElse(null);
        for (Map.Entry<UUID, Money> share : amounts.entrySet()) {
            Settlement target = rows.get(share.getKey());
            booking.moved(source, target, share.getValue());
            long left = share.getValue().getAmountMinorLong();
            for (CashReceipt.Part part : cash.partsOf(from)) {
                long moved = Math.min(left, part.amount().getAmountMinorLong());
                if (moved > 0) {
                    UUID receipt = part.receipt().id();
                    cash.addPart(receipt, from, -moved, part.rule(), part.evidence(), person, clock.instant());
                    cash.addPart(receipt, target.id(), moved, rule, evidence, person, clock.instant());
                    left -= moved;
                }
            }
            if (left != 0) {
                throw new IllegalStateException("more money would be moved than settlement %s has".formatted(from));
            }
            timeline.add(
                    SUBJECT,
                    target.id(),
                    "Matched",
                    "%s received under %s: %s"
                            .formatted(
                                    Amounts.format(share.getValue()),
                                    source.traceNumber().isEmpty() ? "no trace number" : source.traceNumber(),
                                    evidence));
            timeline.add(
                    SUBJECT,
                    from,
                    "Matched",
                    "%s belongs to payment %s: %s"
                            .formatted(Amounts.format(share.getValue()), target.traceNumber(), evidence));
        }
        amounts.keySet().forEach(this::refresh);
        refresh(from);
    }

    /** Money in unidentified payer cash goes back to clearing before it is moved or taken back. */
    @Transactional(propagation = Propagation.MANDATORY)
    public Settlement identified(UUID id) {
        Settlement settlement = rows.get(id);
        if (settlement.unidentified().isZero()) {
            return settlement;
        }
        booking.unidentified(settlement, settlement.unidentified().negated());
        var identified = new SettlementCase(settlement);
        identified.movedToUnidentified(settlement.unidentified().negated());
        rows.save(identified.state());
        return rows.get(id);
    }

    private void publish(String message, Settlement settlement) {
        messages.publish(
                message,
                settlement.processKey(),
                Map.of(
                        "settlementId",
                        settlement.id().toString(),
                        "settlementKey",
                        settlement.processKey(),
                        "round",
                        settlement.round()));
    }

    private static String words(SettlementState state) {
        String key = state.key();
        return key.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + key.substring(1);
    }

    private String text(Settlement settlement) {
        String missing = settlement.remittanceSeen() ? "payment" : "remittance";
        String present = settlement.remittanceSeen() ? "remittance" : "payment";
        SettlementSettings settings = rows.settings();
        return switch (settlement.state()) {
            case EXPECTED -> "The payment is announced for " + settlement.paymentDate();
            case WAITING -> {
                LocalDate until = settings.lateOn(settlement.countedFrom()).minusDays(1);
                yield settlement.remittanceSeen() && settlement.cashSeen()
                        ? "The trace number is used again: expected %s, received %s; the rest may take until %s"
                                .formatted(
                                        Amounts.format(settlement.expected()),
                                        Amounts.format(settlement.received()),
                                        until)
                        : "The %s is here, the %s may take until %s".formatted(present, missing, until);
            }
            case LATE -> "No %s %d business days after the %s".formatted(missing, settings.lateAfterDays(), present);
            case MISSING ->
                "No %s %d business days after the %s: the payer is to be asked"
                        .formatted(missing, settings.missingAfterDays(), present);
            case MISMATCHED ->
                "Expected %s, received %s"
                        .formatted(Amounts.format(settlement.expected()), Amounts.format(settlement.received()));
            case SETTLED -> "Remittance and payment are equal: " + Amounts.format(settlement.expected());
            case CLOSED -> "Nothing is left to settle under this reference";
        };
    }
}
