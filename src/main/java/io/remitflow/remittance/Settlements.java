package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import io.remitflow.remittance.MatchLadder.Cash;
import io.remitflow.remittance.MatchLadder.Match;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Three-way settlement: what payers say they paid, what the bank says arrived, and the clearing of each trace number,
 * which is zero exactly when both are there. Either may come first; what happens while one is missing is
 * {@code bpmn/remittance-settlement.bpmn}.
 */
@Service
@Transactional
public class Settlements {

    /** Subject of timelines and audit entries. */
    public static final String SUBJECT = SettlementMatching.SUBJECT;

    private static final int MAX_REASON = 300;
    private static final String BY_HAND = "by-hand";

    private final SettlementRows rows;
    private final CashRows cash;
    private final SettlementMatching matching;
    private final SettlementBooking booking;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    Settlements(
            SettlementRows rows,
            CashRows cash,
            SettlementMatching matching,
            SettlementBooking booking,
            NumberSeries numbers,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.cash = cash;
        this.matching = matching;
        this.booking = booking;
        this.numbers = numbers;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /** A match that a person may confirm: the money of one settlement, the remittances of others. */
    public record Suggestion(
            UUID cashSettlement, List<Settlement> remittances, String rule, String evidence, Money received) {}

    /**
     * Books money of a payer against its trace number and settles what it matches with certainty.
     *
     * <p>The same bank line changes nothing the second time; the same money, recorded by hand twice or by hand and by the
     * bank, is booked once.
     *
     * @return the receipt, whether it is new or was known
     */
    public CashReceipt cashSeen(CashEvidence evidence) {
        requireOurs(evidence);
        rows.lock();
        Optional<CashReceipt> known = known(evidence);
        if (known.isPresent()) {
            return known.get();
        }
        return record(evidence, null);
    }

    /**
     * Money of one bank line, of which a person said which payments it is for.
     *
     * @param parts by settlement, all above zero; they add up to what the money covers
     */
    public record AssignedMoney(CashEvidence evidence, Map<UUID, Money> parts) {}

    /**
     * Books money exactly where a person said it belongs, without looking for anything else. Together it has to complete
     * every settlement that it is for, to the cent.
     *
     * @return one receipt for each, in their order
     */
    public List<CashReceipt> cashAssigned(List<AssignedMoney> money, String rule, String evidence) {
        rows.lock();
        Map<UUID, Money> sums = new LinkedHashMap<>();
        for (AssignedMoney each : money) {
            requireOurs(each.evidence());
            String line = each.evidence().sourceKey();
            if (line == null || cash.ofBankLine(line).isPresent()) {
                throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "this money is booked already");
            }
            each.parts().forEach((settlement, part) -> sums.merge(settlement, part, Money::plus));
        }
        sums.forEach((settlement, sum) -> {
            if (!rows.get(settlement).difference().negated().equals(sum)) {
                throw new RuleViolation(
                        Refusal.CHANGED_MEANWHILE, "one of these payments no longer waits for this amount");
            }
        });
        List<CashReceipt> receipts =
                money.stream().map(each -> assigned(each, rule, evidence)).toList();
        sums.keySet().forEach(matching::refresh);
        return receipts;
    }

    /**
     * Takes back what {@link #cashAssigned} booked, by the reversal of its entry: the payments are open again.
     *
     * @param parts as they were assigned; refused if the money was moved or taken back since
     * @return the reversal
     */
    public UUID assignmentUndone(UUID receiptId, Map<UUID, Money> parts, LocalDate date, String reason) {
        rows.lock();
        CashReceipt receipt = counting(receiptId);
        assignmentHeld(receipt, parts).ifPresent(held -> {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, held);
        });
        parts.keySet().forEach(matching::identified);
        UUID reversal = booking.reversed(receipt, date, reason);
        noLongerCounts(receipt, cash.partsOfReceipt(receiptId), CashReceipt.State.REVERSED, reason.strip());
        parts.keySet().forEach(matching::refresh);
        return reversal;
    }

    /** Why money that was assigned cannot be given back as a whole; empty if it is where it was put. */
    @Transactional(readOnly = true)
    public Optional<String> assignmentHeld(UUID receiptId, Map<UUID, Money> parts) {
        return assignmentHeld(cash.get(receiptId), parts);
    }

    private Optional<String> assignmentHeld(CashReceipt receipt, Map<UUID, Money> parts) {
        if (receipt.state() != CashReceipt.State.RECEIVED) {
            return Optional.of("%s was taken back on its own: %s".formatted(receipt.number(), receipt.reason()));
        }
        Map<UUID, Money> now = new LinkedHashMap<>();
        cash.partsOfReceipt(receipt.id()).forEach(part -> now.put(part.settlementId(), part.amount()));
        return now.equals(parts)
                ? Optional.empty()
                : Optional.of("%s was given to other payments since, or a card fee was added to it"
                        .formatted(receipt.number()));
    }

    private CashReceipt assigned(AssignedMoney money, String rule, String evidence) {
        CashReceipt receipt = receipt(money.evidence(), null);
        cash.insert(receipt);
        UUID person = CurrentUser.find().map(UserId::value).orElse(null);
        List<SettlementBooking.CounterPart> parts = new ArrayList<>();
        money.parts().forEach((id, amount) -> {
            cash.addPart(receipt.id(), id, amount.getAmountMinorLong(), rule, evidence, person, clock.instant());
            parts.add(new SettlementBooking.CounterPart(rows.get(id).reference(), amount));
            timeline.add(
                    SUBJECT,
                    id,
                    "Money received",
                    "%s: %s of %s on %s. %s"
                            .formatted(
                                    receipt.number(),
                                    Amounts.format(amount),
                                    Amounts.format(receipt.amount()),
                                    receipt.bankDate(),
                                    evidence));
        });
        cash.booked(receipt.id(), booking.received(receipt, parts));
        recorded(receipt, rule);
        return cash.get(receipt.id());
    }

    /** As {@link #takeBack}, by a person: only the bank says that money has gone which the bank had shown. */
    public void takeBackByHand(UUID receiptId, LocalDate date, String reason) {
        rows.lock();
        if (cash.get(receiptId).sourceKey() != null) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "the bank shows this money: undo its match, or wait for the line with which the bank takes it back");
        }
        takeBack(receiptId, date, reason);
    }

    /** The bank took the money back, or it was recorded by mistake: what it settled opens again. */
    public void takeBack(UUID receiptId, LocalDate date, String reason) {
        rows.lock();
        CashReceipt receipt = counting(receiptId);
        if (date.isBefore(receipt.bankDate()) || date.isAfter(organizations.today())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "money goes back on or after the day it arrived, and not in the future");
        }
        undo(receipt, CashReceipt.State.REVERSED, date, reason).forEach(matching::refresh);
    }

    /** Replaces a receipt that a person recorded with a wrong amount. */
    public CashReceipt correct(UUID receiptId, Money amount, String reason) {
        rows.lock();
        CashReceipt receipt = counting(receiptId);
        if (receipt.sourceKey() != null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "what the bank reported cannot be corrected by hand");
        }
        if (amount.equals(receipt.amount())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "this is the amount it has already");
        }
        var evidence = new CashEvidence(
                receipt.kind(),
                null,
                receipt.traceNumber(),
                receipt.payerIdentifier(),
                receipt.payerHint(),
                amount,
                receipt.fee(),
                receipt.bankDate());
        requireOurs(evidence);
        List<UUID> affected = undo(receipt, CashReceipt.State.CORRECTED, organizations.today(), reason);
        affected.forEach(matching::refresh);
        return record(evidence, receipt.id());
    }

    /**
     * A person says which remittances the money is for. It must cover them to the cent; there is no tolerance.
     *
     * @param cashSettlement one that has money and no remittance
     */
    public void match(UUID cashSettlement, List<UUID> remittanceSettlements) {
        rows.lock();
        Settlement source = rows.get(cashSettlement);
        if (source.remittanceSeen() || !source.cashSeen()) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "this money is matched already");
        }
        Map<UUID, Money> open = new LinkedHashMap<>();
        for (UUID id : remittanceSettlements) {
            Money left = rows.get(id).difference().negated();
            if (!left.isPositive()) {
                throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "one of these payments is complete already");
            }
            open.put(id, left);
        }
        Money sum = open.values().stream().reduce(Money.zero(source.received().getCurrencyUnit()), Money::plus);
        if (!sum.equals(source.received())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "%s received is not %s expected: amounts must be equal to the cent"
                            .formatted(Amounts.format(source.received()), Amounts.format(sum)));
        }
        Match suggestion = matching.matchOpen(source);
        boolean asSuggested = suggestion.suggested()
                && List.copyOf(suggestion.settlements()).containsAll(open.keySet())
                && suggestion.settlements().size() == open.size();
        learn(source, open.keySet());
        matching.spread(
                cashSettlement,
                open,
                asSuggested ? suggestion.rule().key() : BY_HAND,
                asSuggested ? suggestion.evidence() : "A person matched it");
        audit.record(
                "settlement.matched",
                SUBJECT,
                cashSettlement.toString(),
                Map.of("remittances", open.keySet().toString(), "asSuggested", asSuggested));
    }

    /** Called in the transaction that posts a remittance, before it posts; a remittance without money never waits. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void remittanceSeen(UUID remittanceId, EraTransaction header, @Nullable UUID payerId) {
        if (header.paidMinor() == 0) {
            return;
        }
        rows.lock();
        Settlement settlement = matching.open(
                TraceKey.reference(header.payerIdentifier(), header.traceNumber()),
                payerId,
                header.payerIdentifier(),
                header.payer().name(),
                header.traceNumber(),
                header.currency());
        rows.payer(settlement.id(), payerId, header.payer().name());
        rows.link(settlement.id(), remittanceId, header.paidMinor());
        Settlement seen = matching.refresh(settlement.id());
        if (!seen.cashSeen()) {
            matchWaitingMoney(seen);
        }
    }

    /**
     * Called in the transaction that takes a remittance back, before its entry is reversed: its money has no remittance
     * any more, or is no longer expected.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void remittanceTakenBack(UUID remittanceId, String reason) {
        rows.lock();
        rows.ofRemittance(remittanceId).ifPresent(settlement -> {
            rows.unlink(remittanceId);
            timeline.add(SUBJECT, settlement.id(), "Remittance taken back", reason);
            matching.refresh(settlement.id());
        });
    }

    @Transactional(readOnly = true)
    public Settlement get(UUID id) {
        return rows.get(id);
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public List<Settlement> list(SettlementFilter filter) {
        return rows.list(filter);
    }

    /** By its identifier, what a payer is called besides: in our list of payers, and by the banks that were seen to pay for it. */
    @Transactional(readOnly = true)
    public Map<String, Set<String>> otherPayerNames() {
        return rows.otherPayerNames();
    }

    /** What came from payers, by the day the bank had it, in the organization's currency. */
    @Transactional(readOnly = true)
    public Map<LocalDate, Money> receivedPerDay(LocalDate first, LocalDate last) {
        return cash.receivedPerDay(
                first, last, organizations.current().currency().getCode());
    }

    @Transactional(readOnly = true)
    public List<SettlementTotal> totals() {
        return rows.totals();
    }

    @Transactional(readOnly = true)
    public Optional<Settlement> ofRemittance(UUID remittanceId) {
        return rows.ofRemittance(remittanceId);
    }

    @Transactional(readOnly = true)
    public List<UUID> remittancesOf(UUID id) {
        return rows.remittances(id);
    }

    @Transactional(readOnly = true)
    public List<CashReceipt.Part> moneyOf(UUID id) {
        return cash.partsOf(id);
    }

    @Transactional(readOnly = true)
    public CashReceipt receipt(UUID receiptId) {
        return cash.get(receiptId);
    }

    /** The settlements that a receipt counts for. */
    @Transactional(readOnly = true)
    public List<CashReceipt.Part> partsOfReceipt(UUID receiptId) {
        return cash.partsOfReceipt(receiptId);
    }

    /** What the missing side could be, for a person to confirm. */
    public List<Suggestion> suggestions(UUID id) {
        Settlement settlement = rows.get(id);
        if (!settlement.state().oneSided() || settlement.remittanceSeen() && settlement.cashSeen()) {
            return List.of();
        }
        if (settlement.cashSeen()) {
            return suggestion(settlement).stream().toList();
        }
        List<Suggestion> found = new ArrayList<>();
        Money expected = settlement.expected();
        rows.cashWithoutRemittance(
                        TraceKey.of(settlement.traceNumber()),
                        expected.getAmountMinorLong(),
                        true,
                        expected.getCurrencyUnit().getCode())
                .forEach(money -> suggestion(rows.get(money))
                        .filter(suggestion -> suggestion.remittances().stream()
                                .anyMatch(remittance -> remittance.id().equals(id)))
                        .ifPresent(found::add));
        return found;
    }

    @Transactional(readOnly = true)
    public SettlementSettings settings() {
        return rows.settings();
    }

    /** Holds for clocks that start from now on. */
    public void changeSettings(SettlementSettings settings) {
        SettlementSettings before = rows.settings();
        if (before.equals(settings)) {
            return;
        }
        rows.saveSettings(settings, clock.instant());
        audit.record(
                "settings.settlement-changed",
                "settings",
                "settlement",
                Map.of("before", before.toString(), "after", settings.toString()));
    }

    private Optional<Suggestion> suggestion(Settlement money) {
        Match match = matching.matchOpen(money);
        return match.settlements().isEmpty() || match.rule() == MatchLadder.Rule.AMOUNT_DIFFERS
                ? Optional.empty()
                : Optional.of(new Suggestion(
                        money.id(),
                        match.settlements().stream().map(rows::get).toList(),
                        match.rule().key(),
                        match.evidence(),
                        money.received()));
    }

    /** Money that came before, under another spelling of the trace number. */
    private void matchWaitingMoney(Settlement seen) {
        String currency = seen.expected().getCurrencyUnit().getCode();
        for (UUID id : rows.cashWithoutRemittance(
                TraceKey.of(seen.traceNumber()), seen.expected().getAmountMinorLong(), false, currency)) {
            Settlement money = rows.get(id);
            Match match = matching.matchCertain(matching.money(money), currency);
            if (match.certain() && match.settlements().equals(List.of(seen.id()))) {
                matching.spread(
                        id, Map.of(seen.id(), money.received()), match.rule().key(), match.evidence());
                return;
            }
        }
    }

    private Optional<CashReceipt> known(CashEvidence evidence) {
        String sourceKey = evidence.sourceKey();
        if (sourceKey != null) {
            Optional<CashReceipt> sameLine = cash.ofBankLine(sourceKey);
            if (sameLine.isPresent()) {
                return sameLine;
            }
        }
        Optional<CashReceipt> same = cash.sameMoney(evidence);
        if (sourceKey != null && same.isPresent()) {
            CashReceipt receipt = same.get();
            cash.confirmed(receipt.id(), sourceKey);
            audit.record("bank-receipt.confirmed", "bank-receipt", receipt.id().toString(), Map.of("line", sourceKey));
            return Optional.of(cash.get(receipt.id()));
        }
        return same;
    }

    private CashReceipt receipt(CashEvidence evidence, @Nullable UUID corrects) {
        return new CashReceipt(
                Ids.next(),
                numbers.next("BR"),
                evidence.kind(),
                evidence.byHand(),
                evidence.sourceKey(),
                evidence.traceNumber(),
                evidence.payerIdentifier(),
                evidence.payerHint(),
                evidence.amount(),
                evidence.fee(),
                evidence.bankDate(),
                CashReceipt.State.RECEIVED,
                corrects,
                null,
                null,
                CurrentUser.find().map(UserId::value).orElse(null),
                clock.instant());
    }

    private CashReceipt record(CashEvidence evidence, @Nullable UUID corrects) {
        CashReceipt receipt = receipt(evidence, corrects);
        cash.insert(receipt);
        String currency = evidence.amount().getCurrencyUnit().getCode();
        Match match = matching.matchCertain(
                new Cash(
                        evidence.payerIdentifier(),
                        evidence.payerHint(),
                        evidence.traceNumber(),
                        evidence.covered().getAmountMinorLong(),
                        evidence.bankDate()),
                currency);
        Settlement settlement =
                match.certain() ? rows.get(match.settlements().getFirst()) : ofItsOwn(receipt, currency);
        cash.addPart(
                receipt.id(),
                settlement.id(),
                receipt.covered().getAmountMinorLong(),
                match.rule().key(),
                match.evidence(),
                null,
                clock.instant());
        cash.booked(receipt.id(), booking.received(receipt, settlement));
        timeline.add(
                SUBJECT,
                settlement.id(),
                "Money received",
                "%s: %s %s on %s"
                        .formatted(
                                receipt.number(),
                                Amounts.format(receipt.amount()),
                                receipt.kind().key().equals("eft")
                                        ? "EFT"
                                        : receipt.kind().key(),
                                receipt.bankDate()));
        recorded(receipt, match.rule().key());
        matching.refresh(settlement.id());
        return cash.get(receipt.id());
    }

    private void recorded(CashReceipt receipt, String rule) {
        audit.record(
                "bank-receipt.recorded",
                "bank-receipt",
                receipt.id().toString(),
                Map.of(
                        "number", receipt.number(),
                        "amount", receipt.amount().toString(),
                        "traceNumber", receipt.traceNumber(),
                        "byHand", receipt.byHand(),
                        "rule", rule));
    }

    /** Money that no remittance announced is kept under its own reference until one does. */
    private Settlement ofItsOwn(CashReceipt receipt, String currency) {
        String payer = receipt.payerIdentifier().isEmpty() ? "unknown" : receipt.payerIdentifier();
        String trace = receipt.traceNumber().isEmpty() ? receipt.number() : receipt.traceNumber();
        return matching.open(
                TraceKey.reference(payer, trace),
                null,
                receipt.payerIdentifier(),
                receipt.payerHint(),
                receipt.traceNumber(),
                currency);
    }

    /** @return the settlements that lost money */
    private List<UUID> undo(CashReceipt receipt, CashReceipt.State state, LocalDate date, String reason) {
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 300 characters why");
        }
        List<CashReceipt.Part> parts = cash.partsOfReceipt(receipt.id());
        parts.forEach(part -> matching.identified(part.settlementId()));
        booking.takenBack(
                receipt,
                parts.stream()
                        .map(part -> new SettlementBooking.CounterPart(
                                rows.get(part.settlementId()).reference(), part.amount()))
                        .toList(),
                date,
                reason.strip());
        noLongerCounts(receipt, parts, state, reason.strip());
        return parts.stream().map(CashReceipt.Part::settlementId).toList();
    }

    private void noLongerCounts(
            CashReceipt receipt, List<CashReceipt.Part> parts, CashReceipt.State state, String reason) {
        cash.noLongerCounts(receipt.id(), state, reason);
        parts.forEach(part -> timeline.add(
                SUBJECT,
                part.settlementId(),
                state == CashReceipt.State.CORRECTED ? "Corrected" : "Money taken back",
                "%s: %s. %s".formatted(receipt.number(), Amounts.format(part.amount()), reason)));
        audit.record(
                "bank-receipt." + state.name().toLowerCase(java.util.Locale.ROOT),
                "bank-receipt",
                receipt.id().toString(),
                Map.of("number", receipt.number(), "reason", reason));
    }

    private CashReceipt counting(UUID receiptId) {
        CashReceipt receipt = cash.get(receiptId);
        if (receipt.state() != CashReceipt.State.RECEIVED) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "this receipt no longer counts");
        }
        return receipt;
    }

    private void requireOurs(CashEvidence evidence) {
        if (!evidence.amount().getCurrencyUnit().equals(organizations.current().currency())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "money is in the currency of the organization");
        }
        if (evidence.bankDate().isAfter(organizations.today())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "money cannot have arrived in the future");
        }
        rows.settings().requireFee(evidence.fee(), evidence.covered());
    }

    /** So that the next line of the bank with this name is known to be this payer's. */
    private void learn(Settlement money, Iterable<UUID> remittances) {
        String hint = matching.money(money).payerHint();
        if (MatchLadder.plain(hint).isEmpty() || CurrentUser.find().isEmpty()) {
            return;
        }
        for (UUID id : remittances) {
            rows.learnBankName(
                    rows.get(id).payerIdentifier(), hint, CurrentUser.id().value(), clock.instant());
        }
    }
}
