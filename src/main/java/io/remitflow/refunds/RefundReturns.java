package io.remitflow.refunds;

import io.remitflow.core.CardNumbers;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.Users;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.TaskResult;
import io.remitflow.workflow.TaskResults;
import io.remitflow.workflow.Timeline;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Money of a refund that came back, and what a person chooses then: {@code bpmn/refund-return.bpmn}. */
@Service
@Transactional
public class RefundReturns {

    /** As a method: the credit stays on the account. */
    public static final String LEAVE = "none";

    private static final int MAX_REASON = 500;

    private final RefundRows rows;
    private final Refunds refunds;
    private final RefundBooking booking;
    private final TaskResults results;
    private final Users users;
    private final ProcessMessages messages;
    private final Timeline timeline;

    RefundReturns(
            RefundRows rows,
            Refunds refunds,
            RefundBooking booking,
            TaskResults results,
            Users users,
            ProcessMessages messages,
            Timeline timeline) {
        this.rows = rows;
        this.refunds = refunds;
        this.booking = booking;
        this.results = results;
        this.users = users;
        this.messages = messages;
        this.timeline = timeline;
    }

    /** Whether a person still has to choose. */
    @Transactional(readOnly = true)
    public boolean waits(Refund refund) {
        return refund.status() == RefundStatus.RETURNED && !rows.returnSettled(refund.id());
    }

    /** The refund that took the place of this one. */
    @Transactional(readOnly = true)
    public Optional<Refund> reissued(UUID id) {
        return rows.reissueOf(id);
    }

    /** Whether nobody but a person can say that its money came back. */
    public static boolean isToldByAPerson(Refund refund) {
        return refund.status() == RefundStatus.COMPLETED
                && switch (refund.method()) {
                    case WIRE, OTHER, CASH -> true;
                    case CHECK, ACH, CREDIT_CARD_REVERSAL -> false;
                };
    }

    /**
     * The signed-in person says that money which had left by transfer or in cash is back: it is owed again, and somebody is
     * asked how to go on.
     */
    public void cameBack(UUID id, String reason) {
        Person person = users.find(CurrentUser.id()).orElseThrow(() -> RuleViolation.notFound("the person"));
        if (!person.may(Permission.REFUNDS_PAY_OUT)) {
            throw new RuleViolation(Refusal.NOT_PERMITTED, "Whoever says that money came back may pay out");
        }
        String why = howKnown(reason);
        Refund refund = rows.lock(id).state();
        if (!isToldByAPerson(refund)) {
            throw new RuleViolation(
                    Refusal.REFUND_NOT_IN_STATE,
                    "refund %s is %s by %s: only what is completed by transfer or in cash is taken back here; a check is voided or stopped, an ACH return and a gateway's news are read by themselves"
                            .formatted(
                                    refund.number(),
                                    refund.status().key(),
                                    refund.method().words()));
        }
        booking.takeBack(id, refund.method().key() + "_returned", why);
    }

    /** @return what a person says of money that is back, without the blanks around it */
    static String howKnown(String reason) {
        String why = reason.strip();
        if (why.isEmpty() || why.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 500 characters how you know that it is back");
        }
        CardNumbers.requireNoneIn(why);
        return why;
    }

    /** The signed-in person chose on our page. */
    public void choose(UUID id, long taskKey, String method, String reason) {
        Person person = users.find(CurrentUser.id()).orElseThrow(() -> RuleViolation.notFound("the person"));
        settle(id, person, taskKey, method, reason, "remitflow", null);
        messages.completeTask(
                taskKey, users.signInName(person.id()), Map.of("reissueMethod", method, "methodReason", ""));
    }

    /** Empty: the completed task is not visible yet. */
    public Optional<RefundPayouts.Result> apply(UUID id, List<CompletedTask> newestFirst, long jobKey) {
        rows.lock(id);
        if (rows.returnSettled(id)) {
            return Optional.of(new RefundPayouts.Result(true, null));
        }
        Optional<TaskResult> before = results.foundBy(Refunds.SUBJECT, id, jobKey);
        if (before.isPresent()) {
            return before.map(result -> new RefundPayouts.Result(result.refusal() == null, result.refusal()));
        }
        var used = results.used(Refunds.SUBJECT, id);
        return newestFirst.stream()
                .filter(task -> !used.contains(task.key()))
                .findFirst()
                .map(task -> fromTasklist(id, task, jobKey));
    }

    private RefundPayouts.Result fromTasklist(UUID id, CompletedTask task, long jobKey) {
        Person person = person(task.assignee()).orElse(null);
        try {
            Person chooser = required(person);
            CurrentUser.run(
                    chooser.id(),
                    () -> settle(
                            id,
                            chooser,
                            task.key(),
                            text(task.variables().get("reissueMethod")),
                            text(task.variables().get("methodReason")),
                            "tasklist",
                            jobKey));
            return new RefundPayouts.Result(true, null);
        } catch (RuleViolation refused) {
            results.use(
                    Refunds.SUBJECT,
                    id,
                    new TaskResult(
                            task.key(),
                            RefundSteps.REISSUE,
                            person == null ? null : person.id(),
                            "tasklist",
                            refused.getMessage(),
                            jobKey));
            timeline.add(
                    Refunds.SUBJECT,
                    id,
                    person == null ? null : person.id(),
                    "Not accepted",
                    String.valueOf(refused.getMessage()));
            return new RefundPayouts.Result(false, refused.getMessage());
        }
    }

    private void settle(
            UUID id, Person person, long taskKey, String method, String reason, String source, @Nullable Long jobKey) {
        RefundCase refund = rows.lock(id);
        refund.require(RefundStatus.RETURNED);
        required(person);
        if (rows.returnSettled(id)) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "somebody chose already");
        }
        boolean leave = method.equals(LEAVE);
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.METHOD_NEEDS_REASON, "say why, in at most 500 characters");
        }
        CardNumbers.requireNoneIn(reason);
        UUID next = leave ? null : refunds.reissue(refund.state(), RefundPayouts.method(method), reason.strip());
        boolean fresh = results.use(
                Refunds.SUBJECT, id, new TaskResult(taskKey, RefundSteps.REISSUE, person.id(), source, null, jobKey));
        if (!fresh) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "this task was done already");
        }
        rows.returnSettled(id, leave ? "left" : "reissued");
        timeline.add(
                Refunds.SUBJECT,
                id,
                person.id(),
                leave ? "Left on the account" : "Reissued",
                next == null ? reason.strip() : "As refund " + rows.get(next).number());
    }

    private static Person required(@Nullable Person person) {
        Authority.toChooseMethod(person).ifPresent(refused -> {
            throw new RuleViolation(refused.refusal(), refused.reason());
        });
        return java.util.Objects.requireNonNull(person);
    }

    private Optional<Person> person(@Nullable String signInName) {
        return signInName == null
                ? Optional.empty()
                : users.bySignInName(signInName)
                        .filter(person -> person.organization().equals(CurrentOrganization.id()));
    }

    private static String text(@Nullable Object value) {
        return value instanceof String text ? text : "";
    }
}
