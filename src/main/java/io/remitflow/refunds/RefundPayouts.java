package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Person;
import io.remitflow.identity.Users;
import io.remitflow.payments.Payments;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.TaskResult;
import io.remitflow.workflow.TaskResults;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What people do with a refund after its approval: pay it out by hand, or choose another way when a card declined; and transfers that a bank shows. */
@Service
@Transactional
public class RefundPayouts {

    private static final int MAX_REFERENCE = 50;

    private final RefundRows rows;
    private final RefundApprovals approvals;
    private final TaskResults results;
    private final Payments payments;
    private final RefundChecks checks;
    private final AchDestinations destinations;
    private final NumberSeries numbers;
    private final Users users;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    RefundPayouts(
            RefundRows rows,
            RefundApprovals approvals,
            TaskResults results,
            Payments payments,
            RefundChecks checks,
            AchDestinations destinations,
            NumberSeries numbers,
            Users users,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.approvals = approvals;
        this.results = results;
        this.payments = payments;
        this.checks = checks;
        this.destinations = destinations;
        this.numbers = numbers;
        this.users = users;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /** Whether a completed task counted, and if not, why. */
    public record Result(boolean accepted, @Nullable String reason) {}

    /** The refund leaves by hand from now on: somebody is asked to pay it out. */
    public void awaitPayout(UUID id) {
        RefundCase refund = rows.lock(id);
        if (refund.state().status() == RefundStatus.APPROVED) {
            approvals.requireApproved(refund.state());
            RefundIssuing.requireCovered(
                    refund.state(), payments.lock(refund.state().paymentId()));
            refund.processing(
                    refund.state().method() == RefundMethod.ACH ? RefundSteps.AWAIT_ACH : RefundSteps.PAY_OUT);
            rows.save(refund.state(), clock.instant());
        }
    }

    /** What became of the news that a transfer was seen at a bank. */
    public enum Seen {
        /** The refund is paid: booked and completed now. */
        COUNTED,
        /** It was paid before; nothing changed. */
        REPEATED,
        /** No refund has that number, it is not to be paid by transfer now, or the amount is another one: a person looks. */
        UNEXPECTED
    }

    /**
     * A bank showed an outgoing transfer that carries the number of a refund in its text, for example a SePay notice with
     * {@code transferType=out}. Whoever receives such news calls this in the transaction that stores it; telling it twice
     * changes nothing. A refund that waits for a person to enter the transfer is completed without that person.
     *
     * @param refundNumber as found in the text, such as {@code RF-2026-000012}
     * @param reference of the bank, kept with the refund
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public Seen transferSeen(String refundNumber, Money amount, String reference) {
        Optional<UUID> id = rows.byNumber(refundNumber);
        if (id.isEmpty()) {
            return Seen.UNEXPECTED;
        }
        RefundCase refund = rows.lock(id.get());
        Refund before = refund.state();
        boolean byTransfer = before.method() == RefundMethod.WIRE || before.method() == RefundMethod.OTHER;
        if (before.left() && byTransfer && before.amount().equals(amount)) {
            return Seen.REPEATED;
        }
        boolean waits = before.status() == RefundStatus.PROCESSING
                && before.step().equals(RefundSteps.PAY_OUT)
                && byTransfer
                && before.amount().equals(amount);
        if (!waits) {
            timeline.add(
                    Refunds.SUBJECT,
                    before.id(),
                    "Unexpected transfer",
                    "%s %s left the bank under the number of this refund"
                            .formatted(Amounts.format(amount), amount.getCurrencyUnit()));
            audit.record(
                    "refund-transfer-unexpected", Refunds.SUBJECT, before.id().toString(), Map.of());
            return Seen.UNEXPECTED;
        }
        refund.transferSeen(shortened(reference), clock.instant());
        rows.save(refund.state(), clock.instant());
        messages.publish("refunds.transfer-seen", before.id().toString(), Map.of());
        timeline.add(Refunds.SUBJECT, before.id(), "Transfer seen", "The bank shows it as " + shortened(reference));
        audit.record("refund-transfer-seen", Refunds.SUBJECT, before.id().toString(), Map.of());
        return Seen.COUNTED;
    }

    /** The signed-in person paid out on our page. */
    public void payOut(UUID id, long taskKey, String reference) {
        Person person = signedIn();
        pay(rows.lock(id), person, taskKey, reference, "remitflow", null);
        messages.completeTask(taskKey, users.signInName(person.id()), Map.of("payoutReference", reference));
    }

    /** The signed-in person chose another method on our page. */
    public void chooseMethod(UUID id, long taskKey, RefundMethod method, String reason) {
        Person person = signedIn();
        choose(rows.lock(id), person, taskKey, method, reason, "remitflow", null);
        messages.completeTask(
                taskKey, users.signInName(person.id()), Map.of("refundMethod", method.key(), "methodReason", ""));
    }

    /** Empty: the completed task is not visible yet. */
    public Optional<Result> verifyPayout(UUID id, List<CompletedTask> newestFirst, long jobKey) {
        RefundCase refund = rows.lock(id);
        if (refund.state().processedBy() != null) {
            return Optional.of(new Result(true, null));
        }
        return verify(refund, newestFirst, jobKey, RefundSteps.PAY_OUT, (task, person) -> {
            Object reference = task.variables().get("payoutReference");
            pay(refund, person, task.key(), reference instanceof String text ? text : "", "tasklist", jobKey);
        });
    }

    /** Empty: the completed task is not visible yet. */
    public Optional<Result> applyMethod(UUID id, List<CompletedTask> newestFirst, long jobKey) {
        RefundCase refund = rows.lock(id);
        if (refund.state().status() != RefundStatus.FAILED) {
            return Optional.of(new Result(true, null));
        }
        return verify(refund, newestFirst, jobKey, RefundSteps.CHOOSE_METHOD, (task, person) -> {
            Object reason = task.variables().get("methodReason");
            choose(
                    refund,
                    person,
                    task.key(),
                    method(task.variables().get("refundMethod")),
                    reason instanceof String text ? text : "",
                    "tasklist",
                    jobKey);
        });
    }

    private interface Act {
        void of(CompletedTask task, @Nullable Person person);
    }

    private Optional<Result> verify(
            RefundCase refund, List<CompletedTask> newestFirst, long jobKey, String element, Act act) {
        UUID id = refund.state().id();
        Optional<TaskResult> before = results.foundBy(Refunds.SUBJECT, id, jobKey);
        if (before.isPresent()) {
            return before.map(result -> new Result(result.refusal() == null, result.refusal()));
        }
        var used = results.used(Refunds.SUBJECT, id);
        return newestFirst.stream()
                .filter(task -> !used.contains(task.key()))
                .findFirst()
                .map(task -> {
                    Person person = person(task.assignee()).orElse(null);
                    try {
                        act.of(task, person);
                        return new Result(true, null);
                    } catch (RuleViolation refused) {
                        refuse(refund, task, person, element, String.valueOf(refused.getMessage()), jobKey);
                        return new Result(false, refused.getMessage());
                    }
                });
    }

    private void refuse(
            RefundCase refund,
            CompletedTask task,
            @Nullable Person person,
            String element,
            String reason,
            long jobKey) {
        UUID id = refund.state().id();
        results.use(
                Refunds.SUBJECT,
                id,
                new TaskResult(task.key(), element, person == null ? null : person.id(), "tasklist", reason, jobKey));
        refund.taskRefused(reason);
        rows.save(refund.state(), clock.instant());
        timeline.add(Refunds.SUBJECT, id, person == null ? null : person.id(), "Not accepted", reason);
        audit.record(
                "refund-task-refused", Refunds.SUBJECT, id.toString(), Map.of("task", task.key(), "reason", reason));
    }

    private void pay(
            RefundCase refund,
            @Nullable Person person,
            long taskKey,
            String reference,
            String source,
            @Nullable Long jobKey) {
        refund.require(RefundStatus.PROCESSING);
        if (refund.state().processedBy() != null) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "the refund was paid out already");
        }
        Authority.toPayOut(refund.state(), approvals.ofVersion(refund.state()), person)
                .ifPresent(RefundPayouts::refuse);
        RefundIssuing.requireCovered(
                refund.state(), payments.lock(refund.state().paymentId()));
        Person payer = Objects.requireNonNull(person);
        String paidUnder = paidUnder(refund.state(), reference.strip(), payer);
        use(refund, RefundSteps.PAY_OUT, payer, taskKey, source, jobKey);
        refund.paidOut(payer.id(), paidUnder, clock.instant());
        rows.save(refund.state(), clock.instant());
        timeline.add(
                Refunds.SUBJECT,
                refund.state().id(),
                payer.id(),
                "Paid out",
                "By %s, reference %s".formatted(Refunds.words(refund.state().method()), paidUnder));
        audit.record(
                "refund-paid-out",
                Refunds.SUBJECT,
                refund.state().id().toString(),
                Map.of("processor", payer.id().toString(), "task", taskKey, "source", source));
    }

    private void choose(
            RefundCase refund,
            @Nullable Person person,
            long taskKey,
            RefundMethod method,
            String reason,
            String source,
            @Nullable Long jobKey) {
        refund.require(RefundStatus.FAILED);
        Authority.toChooseMethod(person).ifPresent(RefundPayouts::refuse);
        if (method == RefundMethod.CREDIT_CARD_REVERSAL) {
            throw new RuleViolation(Refusal.INSTRUMENT_NOT_REFUNDABLE, "the card declined: choose another method");
        }
        if (reason.isBlank() || reason.length() > 500) {
            throw new RuleViolation(Refusal.METHOD_NEEDS_REASON, "say why this method, in at most 500 characters");
        }
        CardNumbers.requireNoneIn(reason);
        Person chooser = Objects.requireNonNull(person);
        boolean original = method.returnsToOrigin(payments.get(refund.state().paymentId()));
        UUID destination = method == RefundMethod.ACH
                ? destinations
                        .activeOf(refund.state().accountId())
                        .map(AchDestination::id)
                        .orElse(null)
                : null;
        use(refund, RefundSteps.CHOOSE_METHOD, chooser, taskKey, source, jobKey);
        refund.methodChosen(method, original, reason, chooser.id(), destination);
        rows.save(refund.state(), clock.instant());
        timeline.add(
                Refunds.SUBJECT,
                refund.state().id(),
                chooser.id(),
                "Another method",
                "%s instead; this is version %d and is approved anew"
                        .formatted(Refunds.words(method), refund.state().version()));
        audit.record(
                "refund-method-changed",
                Refunds.SUBJECT,
                refund.state().id().toString(),
                Map.of("method", method.key(), "chosenBy", chooser.id().toString()));
    }

    private void use(
            RefundCase refund, String element, Person person, long taskKey, String source, @Nullable Long jobKey) {
        boolean fresh = results.use(
                Refunds.SUBJECT,
                refund.state().id(),
                new TaskResult(taskKey, element, person.id(), source, null, jobKey));
        if (!fresh) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "this task was done already");
        }
    }

    /** The number under which the money left; checks and cash receipts are numbered here. */
    private String paidUnder(Refund refund, String reference, Person payer) {
        if (reference.length() > MAX_REFERENCE || manyDigits(reference)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a reference has at most 50 characters and is no card number");
        }
        return switch (refund.method()) {
            case CHECK ->
                checks.issue(refund, checkNumber(reference), payer.id(), null).reference();
            case CASH -> reference.isBlank() ? numbers.next("CR") : reference;
            case WIRE, OTHER -> {
                if (reference.isBlank()) {
                    throw new RuleViolation(Refusal.INVALID_INPUT, "give the reference of the transfer");
                }
                yield reference;
            }
            case ACH, CREDIT_CARD_REVERSAL ->
                throw new RuleViolation(
                        Refusal.INVALID_INPUT, "%s is not paid out by hand".formatted(Refunds.words(refund.method())));
        };
    }

    static @Nullable Long checkNumber(String reference) {
        if (reference.isBlank()) {
            return null;
        }
        if (!reference.matches("[1-9]\\d{0,9}")) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "give the number of the check, or nothing for the next one");
        }
        return Long.valueOf(reference);
    }

    private static String shortened(String reference) {
        String clean = manyDigits(reference) ? "a number too long to keep" : reference.strip();
        return clean.length() <= MAX_REFERENCE ? clean : clean.substring(0, MAX_REFERENCE);
    }

    /** 13 digits in a row or more could be a card number, which is never stored. */
    private static boolean manyDigits(String reference) {
        return reference.replaceAll("[ -]", "").matches(".*\\d{13,}.*");
    }

    static RefundMethod method(@Nullable Object value) {
        try {
            return RefundMethod.ofKey(String.valueOf(value));
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "choose one of the methods");
        }
    }

    private static void refuse(Authority.Refused refused) {
        throw new RuleViolation(refused.refusal(), refused.reason());
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
