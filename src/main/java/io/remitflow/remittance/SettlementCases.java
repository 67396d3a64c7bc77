package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.Users;
import io.remitflow.remittance.MatchLadder.Match;
import io.remitflow.remittance.SettlementRows.TaskResult;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** A settlement as its process sees it: where it stands, when the next clock strikes, and what people decided. */
@Service
@Transactional
public class SettlementCases {

    /** What can be done about two amounts under one trace number, for the form and for our page. */
    public static final Set<String> RESOLUTIONS =
            Set.of("correct-receipt", "take-back", "accept-split", "card-fee", "contact-payer");

    /** What can be done about a side that is missing. */
    public static final Set<String> TRACE_OUTCOMES = Set.of("sent", "wait");

    private static final int MAX_NOTE = 300;

    private final SettlementRows rows;
    private final CashRows cash;
    private final Settlements settlements;
    private final SettlementMatching matching;
    private final SettlementBooking booking;
    private final Organizations organizations;
    private final Users users;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate attempt;
    private final Clock clock;

    SettlementCases(
            SettlementRows rows,
            CashRows cash,
            Settlements settlements,
            SettlementMatching matching,
            SettlementBooking booking,
            Organizations organizations,
            Users users,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            PlatformTransactionManager transactions,
            Clock clock) {
        this.rows = rows;
        this.cash = cash;
        this.settlements = settlements;
        this.matching = matching;
        this.booking = booking;
        this.organizations = organizations;
        this.users = users;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.attempt = new TransactionTemplate(transactions);
        attempt.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        this.clock = clock;
    }

    /**
     * @param step the element of the process where it stands; over if the settlement is in a later round
     * @param clockIn how long until the clock of this step strikes, not negative; zero where no clock runs
     */
    public record Standing(Settlement settlement, String step, Duration clockIn) {}

    /** @param amount of the receipt as it should be, for {@code correct-receipt} */
    public record Resolution(String choice, @Nullable String amount, String note) {}

    @Transactional(readOnly = true)
    public Standing standing(UUID id, int round) {
        Settlement settlement = rows.get(id);
        return settlement.round() == round
                ? new Standing(settlement, settlement.step(), clockIn(settlement))
                : new Standing(settlement, SettlementSteps.OVER, Duration.ZERO);
    }

    /** The clock of a step ran out; nothing happens if the settlement stands elsewhere by now. */
    public void clockStruck(UUID id, int round, String step) {
        rows.lock();
        Settlement before = rows.get(id);
        var settlement = new SettlementCase(before);
        if (before.round() == round && settlement.clockStruck(step, clock.instant())) {
            matching.saveQuietly(settlement, before);
        }
    }

    /**
     * A task of a person is due, or overdue and now the manager's and the CFO's; nothing happens if the settlement stands
     * elsewhere by now. Repeating it changes nothing.
     */
    public void remind(UUID id, int round, String step, boolean escalated) {
        rows.lock();
        Settlement settlement = rows.get(id);
        if (settlement.round() == round && settlement.step().equals(step)) {
            timeline.addOnce(
                    Settlements.SUBJECT,
                    id,
                    escalated ? "Escalated" : "Reminder",
                    escalated
                            ? "Nobody has taken it on: it goes to the billing manager and the CFO"
                            : "It is due and still waits");
        }
    }

    /** The signed-in person did the task on our page. */
    public void traceHandled(UUID id, long taskKey, String outcome, String note) {
        Person person = signedIn();
        rows.lock();
        use(id, SettlementSteps.REQUEST_TRACE, taskKey, outcome, null, person, "remitflow", null);
        applyTrace(id, outcome, note);
        messages.completeTask(
                taskKey,
                users.signInName(person.id()),
                Map.of("traceOutcome", outcome, "traceNote", "", "settledTask", taskKey));
    }

    /** The signed-in person decided on our page. */
    public void resolve(UUID id, long taskKey, Resolution resolution) {
        Person person = signedIn();
        rows.lock();
        use(id, SettlementSteps.RESOLVE_MISMATCH, taskKey, resolution.choice(), null, person, "remitflow", null);
        applyResolution(id, resolution);
        messages.completeTask(
                taskKey,
                users.signInName(person.id()),
                Map.of(
                        "resolution",
                        resolution.choice(),
                        "correctedAmount",
                        "",
                        "resolutionNote",
                        "",
                        "settledTask",
                        taskKey));
    }

    /**
     * Takes a task into account that was completed, here or in Tasklist; whoever completed it there is checked now. A
     * decision that does not count leaves the settlement as it is, with the reason.
     *
     * @param settledTask key of the task if it was completed on our page, else 0 or null
     * @return false: the completed task is not visible yet
     */
    public boolean taskCompleted(
            UUID id,
            int round,
            String element,
            @Nullable Long settledTask,
            List<CompletedTask> newestFirst,
            long jobKey) {
        rows.lock();
        Settlement settlement = rows.get(id);
        Set<Long> used = rows.usedTasks(id);
        if (settlement.round() != round
                || rows.jobDone(id, jobKey)
                || settledTask != null && used.contains(settledTask)) {
            return true;
        }
        Optional<CompletedTask> completed =
                newestFirst.stream().filter(task -> !used.contains(task.key())).findFirst();
        completed.ifPresent(task -> completedElsewhere(settlement, element, task, jobKey));
        return completed.isPresent();
    }

    private void completedElsewhere(Settlement settlement, String element, CompletedTask task, long jobKey) {
        UUID id = settlement.id();
        boolean trace = element.equals(SettlementSteps.REQUEST_TRACE);
        String choice = text(task, trace ? "traceOutcome" : "resolution");
        Optional<Person> person = person(task.assignee()).filter(found -> found.may(Permission.SETTLEMENTS_RECORD));
        String refusal = person.isEmpty() ? "Whoever decides needs the permission to record settlements" : null;
        if (refusal == null && settlement.step().equals(element)) {
            refusal = refused(person.orElseThrow(), () -> {
                if (trace) {
                    applyTrace(id, choice, text(task, "traceNote"));
                } else {
                    applyResolution(
                            id, new Resolution(choice, text(task, "correctedAmount"), text(task, "resolutionNote")));
                }
            });
        }
        rows.useTask(
                id,
                element,
                new TaskResult(task.key(), choice, refusal),
                person.map(found -> found.id().value()).orElse(null),
                "tasklist",
                jobKey,
                clock.instant());
        if (refusal != null) {
            Settlement before = rows.get(id);
            var refused = new SettlementCase(before);
            refused.refused(refusal);
            matching.saveQuietly(refused, before);
            timeline.add(
                    Settlements.SUBJECT,
                    id,
                    person(task.assignee()).map(Person::id).orElse(null),
                    "Not accepted",
                    refusal);
        }
    }

    /** What a rule refuses is undone, and the refusal is recorded in the same transaction. */
    private @Nullable String refused(Person person, Runnable decision) {
        try {
            attempt.executeWithoutResult(status -> CurrentUser.run(person.id(), decision));
            return null;
        } catch (RuleViolation violation) {
            return String.valueOf(violation.getMessage());
        }
    }

    private void applyTrace(UUID id, String outcome, String note) {
        if (!TRACE_OUTCOMES.contains(outcome)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say whether the request was sent or you wait");
        }
        requireNote(note);
        Settlement settlement = standing(id, SettlementSteps.REQUEST_TRACE);
        payerAsked(
                settlement,
                outcome.equals("sent") ? "Trace requested" : "Not asked yet",
                outcome.equals("sent") ? "The payer was asked. " + note : "Looked at, no request sent. " + note);
    }

    private void applyResolution(UUID id, Resolution resolution) {
        requireNote(resolution.note());
        Settlement settlement = standing(id, SettlementSteps.RESOLVE_MISMATCH);
        switch (resolution.choice()) {
            case "correct-receipt" -> {
                String currency = settlement.received().getCurrencyUnit().getCode();
                String amount = resolution.amount() == null ? "" : resolution.amount();
                settlements.correct(
                        handReceipt(id).id(), Amounts.parse(amount, currency), noteOr(resolution, "Corrected"));
            }
            case "take-back" ->
                settlements.takeBackByHand(
                        handReceipt(id).id(), organizations.today(), noteOr(resolution, "Recorded by mistake"));
            case "accept-split" -> acceptSplit(settlement);
            case "card-fee" -> acceptCardFee(settlement);
            case "contact-payer" ->
                payerAsked(settlement, "Payer contacted", "Waiting for the payer's answer. " + resolution.note());
            default -> throw new RuleViolation(Refusal.INVALID_INPUT, "choose what to do about the difference");
        }
        audit.record(
                "settlement.resolved", Settlements.SUBJECT, id.toString(), Map.of("resolution", resolution.choice()));
    }

    /** One payment for several remittances: what is too much here is exactly what others still expect. */
    private void acceptSplit(Settlement settlement) {
        Money tooMuch = settlement.difference();
        if (!tooMuch.isPositive()) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "less was received than expected: it cannot be for other remittances too");
        }
        var money = matching.money(settlement);
        var others = rows
                .openAround(
                        money.bankDate(),
                        "",
                        tooMuch.getAmountMinorLong(),
                        tooMuch.getCurrencyUnit().getCode())
                .stream()
                .filter(other -> MatchLadder.samePayer(money, other))
                .toList();
        Match match = MatchLadder.sum(others, tooMuch.getAmountMinorLong());
        if (match.settlements().isEmpty()) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "%s too much: %s"
                            .formatted(Amounts.format(tooMuch), match.evidence().toLowerCase(java.util.Locale.ROOT)));
        }
        Map<UUID, Money> shares = new LinkedHashMap<>();
        match.settlements()
                .forEach(other -> shares.put(other, rows.get(other).difference().negated()));
        matching.spread(settlement.id(), shares, match.rule().key(), match.evidence());
    }

    private void acceptCardFee(Settlement settlement) {
        Money fee = settlement.difference().negated();
        List<CashReceipt.Part> parts = cash.partsOf(settlement.id());
        if (!fee.isPositive() || parts.size() != 1) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a card fee explains one receipt that is smaller than expected");
        }
        CashReceipt receipt = parts.getFirst().receipt();
        requireCard(receipt);
        rows.settings().requireFee(receipt.fee().plus(fee), settlement.expected());
        booking.cardFee(receipt, fee, settlement);
        cash.card(receipt.id(), receipt.fee().plus(fee).getAmountMinorLong());
        cash.addPart(
                receipt.id(),
                settlement.id(),
                fee.getAmountMinorLong(),
                "card-fee",
                "A person found that the card processor kept the difference",
                CurrentUser.id().value(),
                clock.instant());
        timeline.add(
                Settlements.SUBJECT,
                settlement.id(),
                "Card fee",
                "The card processor kept %s. Ask the payer to stop paying by virtual card."
                        .formatted(Amounts.format(fee)));
        matching.refresh(settlement.id());
    }

    /** What came as any other payment may have been one by card; somebody else than who recorded it has to say so. */
    private void requireCard(CashReceipt receipt) {
        Person person = signedIn();
        if (receipt.kind() == CashKind.CARD) {
            return;
        }
        if (!person.may(Permission.REMITTANCES_APPROVE) || person.id().value().equals(receipt.recordedBy())) {
            throw new RuleViolation(
                    Refusal.NOT_PERMITTED,
                    "This money is not recorded as a card payment: that a card processor kept the difference is said by"
                            + " somebody who may approve remittances and did not record it");
        }
    }

    private CashReceipt handReceipt(UUID id) {
        return cash.partsOf(id).stream()
                .map(CashReceipt.Part::receipt)
                .filter(receipt -> receipt.sourceKey() == null)
                .reduce((first, last) -> last)
                .orElseThrow(() -> new RuleViolation(
                        Refusal.INVALID_INPUT, "the bank reported this money: only an entry by hand can be corrected"));
    }

    private void payerAsked(Settlement before, String step, String text) {
        var settlement = new SettlementCase(before);
        settlement.payerAsked(clock.instant());
        matching.saveQuietly(settlement, before);
        timeline.add(Settlements.SUBJECT, before.id(), step, text.strip());
    }

    private Settlement standing(UUID id, String element) {
        Settlement settlement = rows.get(id);
        if (!settlement.step().equals(element)) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "the settlement has moved on meanwhile");
        }
        return settlement;
    }

    private void use(
            UUID id,
            String element,
            long taskKey,
            String choice,
            @Nullable String refusal,
            Person person,
            String source,
            @Nullable Long jobKey) {
        boolean fresh = rows.useTask(
                id,
                element,
                new TaskResult(taskKey, choice, refusal),
                person.id().value(),
                source,
                jobKey,
                clock.instant());
        if (!fresh) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "this task was done already");
        }
    }

    private Duration clockIn(Settlement settlement) {
        SettlementSettings settings = rows.settings();
        var zone = organizations.current().timeZone();
        LocalDate day = switch (settlement.step()) {
            case SettlementSteps.AWAIT_PAYMENT_DATE -> settlement.countedFrom();
            case SettlementSteps.AWAIT_OTHER_SIDE -> settings.lateOn(settlement.countedFrom());
            case SettlementSteps.AWAIT_LATE_SIDE -> settings.missingOn(settlement.countedFrom());
            case SettlementSteps.AWAIT_PAYER -> {
                var asked = settlement.awaitingPayerSince();
                yield settings.followUpOn(LocalDate.ofInstant(asked == null ? clock.instant() : asked, zone));
            }
            default -> null;
        };
        if (day == null) {
            return Duration.ZERO;
        }
        Duration left = Duration.between(clock.instant(), day.atStartOfDay(zone).toInstant());
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static void requireNote(String note) {
        if (note.length() > MAX_NOTE) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a note has at most 300 characters");
        }
    }

    private static String noteOr(Resolution resolution, String otherwise) {
        return resolution.note().isBlank() ? otherwise : resolution.note();
    }

    private static String text(CompletedTask task, String variable) {
        return task.variables().get(variable) instanceof String text ? text : "";
    }

    private Person signedIn() {
        return users.find(CurrentUser.id()).orElseThrow(() -> RuleViolation.notFound("the person"));
    }

    private Optional<Person> person(@Nullable String signInName) {
        return signInName == null
                ? Optional.empty()
                : users.bySignInName(signInName)
                        .filter(person -> person.organization().equals(CurrentOrganization.id()));
    }
}
