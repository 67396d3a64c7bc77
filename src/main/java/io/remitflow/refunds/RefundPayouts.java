package io.remitflow.refunds;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Person;
import io.remitflow.identity.Users;
import io.remitflow.payments.Payments;
import io.remitflow.refunds.ApprovalRows.TaskResult;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What people do with a refund after its approval: pay it out by hand, or choose another way when a card declined. */
@Service
@Transactional
public class RefundPayouts {

    private static final int MAX_REFERENCE = 50;

    private final RefundRows rows;
    private final ApprovalRows approvals;
    private final Payments payments;
    private final Users users;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    RefundPayouts(
            RefundRows rows,
            ApprovalRows approvals,
            Payments payments,
            Users users,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.approvals = approvals;
        this.payments = payments;
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
            RefundIssuing.requireApproved(refund.state(), approvals.ofVersion(refund.state()));
            RefundIssuing.requireCovered(
                    refund.state(), payments.lock(refund.state().paymentId()));
            refund.processing(RefundSteps.PAY_OUT);
            rows.save(refund.state(), clock.instant());
        }
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
        Optional<TaskResult> before = approvals.foundBy(id, jobKey);
        if (before.isPresent()) {
            return before.map(result -> new Result(result.refusal() == null, result.refusal()));
        }
        var used = approvals.usedTasks(id);
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
        approvals.useTask(
                new TaskResult(task.key(), element, person == null ? null : person.id(), "tasklist", reason, jobKey),
                id,
                clock.instant());
        refund.taskRefused(reason);
        rows.save(refund.state(), clock.instant());
        timeline.add(Refunds.SUBJECT, id, "Not accepted", reason);
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
        if (reference.isBlank() || reference.length() > MAX_REFERENCE || manyDigits(reference)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "give the check or trace number, at most 50 characters, no card number");
        }
        Person payer = Objects.requireNonNull(person);
        use(refund, RefundSteps.PAY_OUT, payer, taskKey, source, jobKey);
        refund.paidOut(payer.id(), reference.strip(), clock.instant());
        rows.save(refund.state(), clock.instant());
        timeline.add(
                Refunds.SUBJECT,
                refund.state().id(),
                "Paid out",
                "By %s, reference %s".formatted(Refunds.words(refund.state().method()), reference.strip()));
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
        Person chooser = Objects.requireNonNull(person);
        boolean original = RefundMethod.originalOf(payments.get(refund.state().paymentId())) == method;
        use(refund, RefundSteps.CHOOSE_METHOD, chooser, taskKey, source, jobKey);
        refund.methodChosen(method, original, reason, chooser.id());
        rows.save(refund.state(), clock.instant());
        timeline.add(
                Refunds.SUBJECT,
                refund.state().id(),
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
        boolean fresh = approvals.useTask(
                new TaskResult(taskKey, element, person.id(), source, null, jobKey),
                refund.state().id(),
                clock.instant());
        if (!fresh) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "this task was done already");
        }
    }

    /** 13 digits in a row or more could be a card number, which is never stored. */
    private static boolean manyDigits(String reference) {
        return reference.replaceAll("[ -]", "").matches(".*\\d{13,}.*");
    }

    private static RefundMethod method(@Nullable Object value) {
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
