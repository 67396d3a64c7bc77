package io.remitflow.refunds;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.refunds.CreditBalance.Closing;
import io.remitflow.refunds.CreditBalance.State;
import io.remitflow.refunds.CreditClassification.BelongsTo;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.TaskResult;
import io.remitflow.workflow.TaskResults;
import io.remitflow.workflow.Timeline;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What people do with a credit balance: say whose money it is, investigate it, let it go back; and what its clock does.
 *
 * <p>Where a case stands is in the books only; {@code bpmn/credit-balance.bpmn} asks after each step.
 */
@Service
public class CreditCases {

    private static final int MAX_TEXT = 500;

    /** Later than any case lives. */
    private static final Instant NEVER = Instant.parse("2999-12-31T00:00:00Z");

    private static final List<String> STAFF = List.of(Role.BILLING_CLERK.key(), Role.BILLING_MANAGER.key());
    private static final List<String> SUPERIORS = List.of(Role.BILLING_MANAGER.key(), Role.CFO.key());
    private static final List<String> PAYERS_OUT =
            List.of(Role.BILLING_CLERK.key(), Role.BILLING_MANAGER.key(), Role.ACCOUNTING_STAFF.key());

    private final CreditRows rows;
    private final CreditBalances credits;
    private final CreditReturns returns;
    private final Refunds refunds;
    private final Payments payments;
    private final PatientAccounts accounts;
    private final TaskResults results;
    private final Users users;
    private final Organizations organizations;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;

    CreditCases(
            CreditRows rows,
            CreditBalances credits,
            CreditReturns returns,
            Refunds refunds,
            Payments payments,
            PatientAccounts accounts,
            TaskResults results,
            Users users,
            Organizations organizations,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions) {
        this.rows = rows;
        this.credits = credits;
        this.returns = returns;
        this.refunds = refunds;
        this.payments = payments;
        this.accounts = accounts;
        this.results = results;
        this.users = users;
        this.organizations = organizations;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
    }

    /** What can become of a credit. */
    public enum Choice {
        REFUND("Refund it to the patient or guarantor"),
        PAYER_REFUND("Refund it to the payer"),
        TAKEBACK("The payer takes it back from a later payment"),
        TRANSFER("Use it for another open balance of the guarantor"),
        INVESTIGATE("Investigate first"),
        NOT_A_CREDIT("It is no credit: a posting error");

        private final String words;

        Choice(String words) {
            this.words = words;
        }

        public String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        public String words() {
            return words;
        }

        static Choice ofKey(@Nullable Object key) {
            for (Choice choice : values()) {
                if (choice.key().equals(key)) {
                    return choice;
                }
            }
            throw new RuleViolation(Refusal.INVALID_INPUT, "choose one of the ways");
        }
    }

    /**
     * @param target of a transfer: key of a target, or the number of an account
     * @param method of a refund to a payer, {@code check} or {@code ach}
     */
    public record Resolution(Choice choice, String reason, String target, String method) {

        public static Resolution ofKeys(
                @Nullable Object choice, @Nullable Object reason, @Nullable Object target, @Nullable Object method) {
            return new Resolution(Choice.ofKey(choice), text(reason), text(target), text(method));
        }
    }

    /**
     * Where a case stands, for its process.
     *
     * @param remindAt far away if people were reminded of this due date already
     * @param letterAt when somebody has to write to the owner; far away if nobody has to, or knows already
     * @param level of the approval it waits for
     * @param dueDays until that approval is due
     * @param returnId what is under way
     */
    public record Standing(
            CreditBalance credit,
            CreditClock.Deadline deadline,
            Instant remindAt,
            Instant dueAt,
            Instant suspensionEndsAt,
            Instant letterAt,
            int followUpDays,
            List<String> groups,
            int level,
            int dueDays,
            @Nullable UUID returnId) {}

    /** Looks at the books and winds the clock. Repeating it changes nothing. */
    public Standing standing(UUID id) {
        return inTransaction(() -> {
            CreditBalance known = rows.lock(id);
            CreditBalance credit = known.isResolved() ? known : credits.proposed(known);
            CreditClock.Deadline deadline = credit.isResolved() ? credits.deadline(credit) : credits.wind(credit);
            CreditBalance now = rows.get(id);
            CreditBalanceSettings settings = rows.settings();
            LocalDate due = deadline.dueOn();
            boolean suspended = deadline.isSuspended(organizations.today());
            Optional<CreditReturn> wanted = returns.underWay(id);
            int level = wanted.map(returns::level).orElse(1);
            return new Standing(
                    now,
                    deadline,
                    due.equals(now.remindedFor()) ? NEVER : startOf(due.minusDays(settings.remindDaysBefore())),
                    due.equals(now.escalatedFor()) ? NEVER : startOf(due),
                    suspended ? startOf(Objects.requireNonNull(deadline.suspendedUntil())) : NEVER,
                    letterAt(now),
                    settings.followUpDays(),
                    groups(now, wanted.orElse(null), level),
                    level,
                    wanted.map(CreditReturn::dueDays).orElse(CreditReturn.DUE_DAYS),
                    wanted.map(CreditReturn::id).orElse(null));
        });
    }

    /** Each choice with the reason why it cannot be taken now; null if it can. */
    public Map<Choice, @Nullable String> choices(UUID id) {
        return inTransaction(() -> {
            CreditBalance credit = rows.get(id);
            Map<Choice, @Nullable String> found = new EnumMap<>(Choice.class);
            for (Choice choice : Choice.values()) {
                found.put(choice, whyNot(credit, choice).orElse(null));
            }
            return found;
        });
    }

    /** The signed-in person confirmed or changed the classification on our page. */
    public void classify(UUID id, long taskKey, CreditClassification classification, String note) {
        onPage(
                id,
                taskKey,
                CreditBalanceSteps.CLASSIFY,
                (credit, person) -> classify(credit, person, classification, note));
    }

    /** The signed-in person decided what becomes of the credit on our page. */
    public void resolve(UUID id, long taskKey, Resolution resolution) {
        onPage(id, taskKey, CreditBalanceSteps.RESOLVE, (credit, person) -> resolve(credit, person, resolution));
    }

    /** The signed-in person concluded the investigation on our page. */
    public void conclude(UUID id, long taskKey, String finding) {
        onPage(id, taskKey, CreditBalanceSteps.INVESTIGATE, (credit, person) -> conclude(credit, person, finding));
    }

    /** The signed-in person paid the payer. */
    public void payBack(UUID id, long taskKey, String reference) {
        onPage(
                id,
                taskKey,
                CreditBalanceSteps.PAY_BACK,
                (credit, person) -> returns.payBack(credit, requireActive(person), reference));
    }

    /**
     * What the process does after a human task that was completed outside of our pages: it counts if its holder could do
     * it, else its refusal is recorded and the task comes back.
     *
     * @param level of an approval
     * @return false: the completed task is not visible yet
     */
    public boolean completed(UUID id, String element, int level, List<CompletedTask> newestFirst, long jobKey) {
        CreditBalance credit = inTransaction(() -> rows.get(id));
        if (!credit.step().equals(element)) {
            return true;
        }
        if (element.equals(CreditBalanceSteps.APPROVE)) {
            return returns.underWay(id)
                    .map(wanted -> returns.verify(wanted.id(), level, newestFirst, jobKey)
                            .isPresent())
                    .orElse(true);
        }
        boolean before = inTransaction(
                () -> results.foundBy(CreditBalances.SUBJECT, id, jobKey).isPresent());
        if (before) {
            return true;
        }
        var used = inTransaction(() -> results.used(CreditBalances.SUBJECT, id));
        Optional<CompletedTask> found =
                newestFirst.stream().filter(task -> !used.contains(task.key())).findFirst();
        found.ifPresent(task -> inTasklist(id, element, task, jobKey));
        return found.isPresent();
    }

    /** The credit is due soon. Repeating it changes nothing. */
    public void remind(UUID id) {
        inTransaction(() -> {
            CreditBalance credit = rows.lock(id);
            if (!credit.isResolved() && !credit.refundDue().equals(credit.remindedFor())) {
                rows.reminded(id, credit.refundDue());
                timeline.add(CreditBalances.SUBJECT, id, null, "Reminder", "Due on " + credit.refundDue());
            }
            return true;
        });
    }

    /** The credit is due: superiors are asked too. Repeating it changes nothing. */
    public void escalate(UUID id) {
        inTransaction(() -> {
            CreditBalance credit = rows.lock(id);
            if (!credit.isResolved() && !credit.isEscalated()) {
                rows.escalated(id, credit.refundDue());
                timeline.add(
                        CreditBalances.SUBJECT,
                        id,
                        null,
                        "Escalated",
                        "Due on " + credit.refundDue() + " and not back: it goes to billing manager and CFO");
                audit.record("credit-balance-escalated", CreditBalances.SUBJECT, id.toString(), Map.of());
            }
            return true;
        });
    }

    private Instant letterAt(CreditBalance credit) {
        return unasked(credit).map(dormancy -> startOf(dormancy.letterDueOn())).orElse(NEVER);
    }

    /** The clock of a letter that was neither written nor asked for. */
    private Optional<Dormancy> unasked(CreditBalance credit) {
        return credit.letterSentOn() != null
                ? Optional.empty()
                : credits.dormancy(credit)
                        .filter(dormancy -> !dormancy.letterDueOn().equals(credit.letterAskedFor()));
    }

    /** The credit will be unclaimed property: people are told to write to its owner. Repeating it changes nothing. */
    public void askForLetter(UUID id) {
        inTransaction(() -> {
            CreditBalance credit = rows.lock(id);
            if (!credit.isResolved()) {
                unasked(credit).ifPresent(dormancy -> {
                    rows.letterAskedFor(id, dormancy.letterDueOn());
                    timeline.add(
                            CreditBalances.SUBJECT,
                            id,
                            null,
                            "Write to the owner",
                            "Until %s; unclaimed property of the state from %s"
                                    .formatted(dormancy.letterDueOn(), dormancy.reportableOn()));
                });
            }
            return true;
        });
    }

    /** The investigation has used all its time: the clock runs again, whether it is concluded or not. */
    public void suspensionEnded(UUID id) {
        inTransaction(() -> {
            CreditBalance credit = rows.lock(id);
            timeline.addOnce(
                    CreditBalances.SUBJECT,
                    id,
                    "Clock runs again",
                    "180 days after identification; due on " + credit.refundDue());
            return true;
        });
    }

    /** The payer has not taken the money back in time: somebody decides again. Repeating it changes nothing. */
    public void notTakenBack(UUID id) {
        inTransaction(() -> {
            CreditBalance credit = rows.lock(id);
            if (credit.step().equals(CreditBalanceSteps.AWAIT_TAKEBACK)) {
                rows.step(id, CreditBalanceSteps.RESOLVE, "The payer has not taken the money back yet");
                timeline.add(CreditBalances.SUBJECT, id, null, "Not taken back", "The payer is silent: decide again");
            }
            return true;
        });
    }

    private interface Act {
        void of(CreditBalance credit, @Nullable Person person);
    }

    private void onPage(UUID id, long taskKey, String element, Act act) {
        Person person = users.find(CurrentUser.id()).orElseThrow(() -> RuleViolation.notFound("the person"));
        inTransaction(() -> {
            CreditBalance credit = requireAt(lock(id), element);
            act.of(credit, person);
            use(id, new TaskResult(taskKey, element, person.id(), "remitflow", null, null));
            messages.completeTask(taskKey, users.signInName(person.id()), Map.of("doneHere", true));
            return true;
        });
    }

    /** A refusal undoes what the act had begun, and is recorded after that. */
    private void inTasklist(UUID id, String element, CompletedTask task, long jobKey) {
        Person person = person(task.assignee()).orElse(null);
        UserId actor = person == null ? null : person.id();
        try {
            inTransaction(() -> {
                CreditBalance credit = requireAt(lock(id), element);
                Runnable work = () -> actOf(element, task).of(credit, person);
                if (actor == null) {
                    work.run();
                } else {
                    CurrentUser.run(actor, work);
                }
                use(id, new TaskResult(task.key(), element, actor, "tasklist", null, jobKey));
                return true;
            });
        } catch (RuleViolation refused) {
            String reason = String.valueOf(refused.getMessage());
            inTransaction(() -> {
                results.use(
                        CreditBalances.SUBJECT,
                        id,
                        new TaskResult(task.key(), element, actor, "tasklist", reason, jobKey));
                rows.refused(id, reason);
                timeline.add(CreditBalances.SUBJECT, id, actor, "Not accepted", reason);
                audit.record(
                        "credit-balance-task-refused",
                        CreditBalances.SUBJECT,
                        id.toString(),
                        Map.of("task", task.key(), "reason", reason));
                return true;
            });
        }
    }

    private Act actOf(String element, CompletedTask task) {
        Map<String, Object> given = task.variables();
        return switch (element) {
            case CreditBalanceSteps.CLASSIFY ->
                (credit, person) -> classify(
                        credit,
                        person,
                        CreditClassification.ofKeys(
                                given.get("belongsTo"), given.get("payerClass"), given.get("causeCode")),
                        text(given.get("note")));
            case CreditBalanceSteps.RESOLVE ->
                (credit, person) -> resolve(
                        credit,
                        person,
                        Resolution.ofKeys(
                                given.get("choice"),
                                given.get("reason"),
                                given.get("targetNumber"),
                                given.get("method")));
            case CreditBalanceSteps.INVESTIGATE ->
                (credit, person) -> conclude(credit, person, text(given.get("finding")));
            case CreditBalanceSteps.PAY_BACK ->
                (credit, person) -> returns.payBack(credit, requireActive(person), text(given.get("payoutReference")));
            default -> throw new IllegalStateException(element + " is no task of a person");
        };
    }

    private void classify(
            CreditBalance credit, @Nullable Person person, CreditClassification classification, String note) {
        Person classifier = requireWorker(person);
        CreditClassification proposed = credit.classification();
        boolean changed = !classification.equals(proposed);
        String text = limited(note);
        if (changed && text.isEmpty()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say why it is classified in another way than proposed");
        }
        if (credit.payerId() != null && classification.belongsTo() != BelongsTo.PAYER) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "the credit stands on the side of a payer, so it is not the patient's money");
        }
        rows.classify(credit.id(), classification, text.isEmpty() ? "Confirmed as proposed" : text, classifier.id());
        rows.step(credit.id(), CreditBalanceSteps.RESOLVE, null);
        CreditClock.Deadline deadline = credits.wind(rows.get(credit.id()));
        timeline.add(
                CreditBalances.SUBJECT,
                credit.id(),
                classifier.id(),
                changed ? "Classified anew" : "Classified",
                "%s; %s; due on %s"
                        .formatted(
                                classification.words(), classification.cause().words(), deadline.dueOn()));
        audit.record(
                "credit-balance-classified",
                CreditBalances.SUBJECT,
                credit.id().toString(),
                Map.of(
                        "belongsTo", classification.belongsTo().key(),
                        "payerClass", classification.payerClass().key(),
                        "cause", classification.cause().key(),
                        "by", classifier.id().toString()));
    }

    private void resolve(CreditBalance credit, @Nullable Person person, Resolution resolution) {
        Person decider = requireWorker(person);
        whyNot(credit, resolution.choice()).ifPresent(why -> {
            throw new RuleViolation(Refusal.CREDIT_CHOICE_NOT_ALLOWED, why);
        });
        String reason = limited(resolution.reason());
        if (reason.isEmpty()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 500 characters why");
        }
        UUID id = credit.id();
        timeline.add(
                CreditBalances.SUBJECT,
                id,
                decider.id(),
                "Decided",
                resolution.choice().words() + ". " + reason);
        audit.record(
                "credit-balance-decided",
                CreditBalances.SUBJECT,
                id.toString(),
                Map.of("choice", resolution.choice().key(), "by", decider.id().toString()));
        switch (resolution.choice()) {
            case INVESTIGATE -> {
                rows.openInvestigation(id, organizations.today(), decider.id());
                rows.step(id, CreditBalanceSteps.INVESTIGATE, null);
                credits.wind(rows.get(id));
            }
            case REFUND -> refund(credit, reason);
            case TRANSFER -> returns.requestTransfer(credit, decider, resolution.target(), reason);
            case PAYER_REFUND ->
                returns.requestPayerRefund(credit.limitedTo(credit.left()), decider, resolution.method(), reason);
            case TAKEBACK -> rows.step(id, CreditBalanceSteps.AWAIT_TAKEBACK, null);
            case NOT_A_CREDIT -> {
                if (!decider.may(Permission.REFUNDS_APPROVE)) {
                    throw new RuleViolation(
                            Refusal.NOT_PERMITTED, "Only whoever may approve refunds decides that it is no credit");
                }
                credits.resolve(credit, Closing.NOT_A_CREDIT, reason, credit.amount());
            }
        }
    }

    private void refund(CreditBalance credit, String reason) {
        UUID paymentId = Objects.requireNonNull(credit.paymentId());
        Money left = refunds.refundable(paymentId);
        // The process of the refund starts, and its end is heard of by the case.
        refunds.request(new RefundRequest(
                paymentId,
                credit.amount().isGreaterThan(left) ? left : credit.amount(),
                null,
                "overpayment",
                reason,
                null));
    }

    private void conclude(CreditBalance credit, @Nullable Person person, String finding) {
        Person investigator = requireWorker(person);
        String text = limited(finding);
        if (text.isEmpty()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 500 characters what was found out");
        }
        rows.concludeInvestigation(credit.id(), organizations.today(), investigator.id(), text);
        rows.step(credit.id(), CreditBalanceSteps.RESOLVE, null);
        CreditClock.Deadline deadline = credits.wind(rows.get(credit.id()));
        timeline.add(
                CreditBalances.SUBJECT,
                credit.id(),
                investigator.id(),
                "Investigated",
                "%s. Due on %s".formatted(text, deadline.dueOn()));
        audit.record(
                "credit-balance-investigated",
                CreditBalances.SUBJECT,
                credit.id().toString(),
                Map.of("by", investigator.id().toString()));
    }

    private Optional<String> whyNot(CreditBalance credit, Choice choice) {
        return switch (choice) {
            case INVESTIGATE, NOT_A_CREDIT -> Optional.empty();
            case REFUND -> {
                UUID paymentId = credit.paymentId();
                if (credit.isOfPayer()) {
                    yield Optional.of("It is the payer's money");
                }
                yield paymentId == null || !refunds.refundable(paymentId).isPositive()
                        ? Optional.of("No payment is left from which it can be returned")
                        : Optional.empty();
            }
            case TRANSFER ->
                returns.whyNoTransfer(credit.id())
                        .or(() -> returns.targets(credit.id()).isEmpty()
                                ? Optional.of("The guarantor owes nothing else")
                                : Optional.empty());
            case PAYER_REFUND, TAKEBACK -> {
                if (credit.payerId() == null) {
                    yield Optional.of("The credit stands on the side of the patient");
                }
                yield choice == Choice.PAYER_REFUND && !credit.left().isPositive()
                        ? Optional.of("The payer takes the money back itself")
                        : Optional.empty();
            }
        };
    }

    private List<String> groups(CreditBalance credit, @Nullable CreditReturn wanted, int level) {
        if (credit.step().equals(CreditBalanceSteps.APPROVE) && wanted != null && wanted.levels() != null) {
            List<String> named = approvers(wanted, wanted.levels(), level);
            return credit.isEscalated()
                    ? Stream.concat(named.stream(), Stream.of(Role.CFO.key()))
                            .distinct()
                            .toList()
                    : named;
        }
        if (credit.step().equals(CreditBalanceSteps.PAY_BACK)) {
            return PAYERS_OUT;
        }
        return credit.isEscalated() ? SUPERIORS : STAFF;
    }

    private static List<String> approvers(CreditReturn wanted, List<String> levels, int level) {
        Integer escalated = wanted.escalatedLevel();
        if (escalated != null && escalated == level) {
            return List.of(Objects.requireNonNullElse(wanted.escalateTo(), Role.CFO.key()));
        }
        return level == 1 && !wanted.groups().isEmpty()
                ? wanted.groups()
                : List.of(levels.get(Math.min(level, levels.size()) - 1));
    }

    /** A payment before the accounts, the accounts before the case: as refunds and remittances do it. */
    private CreditBalance lock(UUID id) {
        CreditBalance credit = rows.get(id);
        UUID paymentId = credit.paymentId();
        if (paymentId != null) {
            payments.lock(paymentId);
        }
        accounts.lock(List.of(credit.accountId()));
        return rows.lock(id);
    }

    private static CreditBalance requireAt(CreditBalance credit, String element) {
        CreditBalances.requireUnresolved(credit);
        if (!credit.step().equals(element) || credit.state() == State.REFUND_REQUESTED) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "the case of this credit stands elsewhere now");
        }
        return credit;
    }

    private void use(UUID id, TaskResult result) {
        if (!results.use(CreditBalances.SUBJECT, id, result)) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "this task was done already");
        }
    }

    private static Person requireActive(@Nullable Person person) {
        if (person == null || !person.active()) {
            throw new RuleViolation(Refusal.NOT_PERMITTED, "The task was done by nobody who is active here");
        }
        return person;
    }

    private static Person requireWorker(@Nullable Person person) {
        Person active = requireActive(person);
        if (!active.may(Permission.REFUNDS_REQUEST)) {
            throw new RuleViolation(
                    Refusal.NOT_PERMITTED, "Whoever works on credit balances needs the permission to request refunds");
        }
        return active;
    }

    private static String limited(String text) {
        String stripped = text.strip();
        if (stripped.length() > MAX_TEXT) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a reason has at most 500 characters");
        }
        return stripped;
    }

    private static String text(@Nullable Object value) {
        return value instanceof String text ? text : "";
    }

    private Instant startOf(LocalDate day) {
        return day.atStartOfDay(organizations.current().timeZone()).toInstant();
    }

    private Optional<Person> person(@Nullable String signInName) {
        return signInName == null
                ? Optional.empty()
                : users.bySignInName(signInName)
                        .filter(person -> person.organization().equals(CurrentOrganization.id()));
    }

    private <T> T inTransaction(Supplier<T> work) {
        return Objects.requireNonNull(transactions.execute(status -> work.get()));
    }
}
