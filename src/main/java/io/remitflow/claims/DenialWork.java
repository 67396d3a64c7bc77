package io.remitflow.claims;

import io.remitflow.claims.DenialRows.TaskResult;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * What people do with a denial: choose a way, send a corrected claim or an appeal, give it up, bill the patient.
 *
 * <p>Accounts are locked before the case, as the posting of a remittance does it.
 */
@Service
@Transactional
public class DenialWork {

    private static final int MAX_REFERENCE = 50;

    private final DenialRows rows;
    private final Claims claims;
    private final Payers payers;
    private final PatientAccounts accounts;
    private final Journal journal;
    private final ObjectProvider<DenialWriteOffs> writeOffs;
    private final Users users;
    private final Organizations organizations;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    DenialWork(
            DenialRows rows,
            Claims claims,
            Payers payers,
            PatientAccounts accounts,
            Journal journal,
            ObjectProvider<DenialWriteOffs> writeOffs,
            Users users,
            Organizations organizations,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.claims = claims;
        this.payers = payers;
        this.accounts = accounts;
        this.journal = journal;
        this.writeOffs = writeOffs;
        this.users = users;
        this.organizations = organizations;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * What became of a completed task.
     *
     * @param accepted false: it did not count, the task comes back
     * @param outcome the key of the choice, or {@code sent} or {@code back}
     */
    public record Result(
            boolean accepted, String outcome, @Nullable String reason) {}

    /** Each choice with the reason why it cannot be taken now; null if it can. */
    @Transactional(readOnly = true)
    public Map<DenialChoice, @Nullable String> choices(UUID id) {
        Denial denial = rows.get(id);
        Map<DenialChoice, @Nullable String> found = new EnumMap<>(DenialChoice.class);
        for (DenialChoice choice : DenialChoice.values()) {
            found.put(choice, refusalOf(denial, choice).orElse(null));
        }
        return found;
    }

    /** How much of it the patient may be billed: nothing of group CO ever, nothing that the payer's contract forbids. */
    @Transactional(readOnly = true)
    public Money billable(UUID id) {
        return billable(rows.get(id));
    }

    /** The signed-in person chose on our page. */
    public void choose(UUID id, long taskKey, DenialChoice choice) {
        Person person = signedIn();
        choose(lock(id), person, taskKey, choice, "remitflow", null);
        messages.completeTask(taskKey, users.signInName(person.id()), Map.of("choice", choice.key()));
    }

    /** The signed-in person sent a corrected claim or an appeal. */
    public void send(UUID id, long taskKey, String reference) {
        Person person = signedIn();
        send(lock(id), person, taskKey, reference, "remitflow", null);
        messages.completeTask(
                taskKey, users.signInName(person.id()), Map.of("outcome", "sent", "reference", reference.strip()));
    }

    /** The signed-in person wants another way. */
    public void goBack(UUID id, long taskKey) {
        Person person = signedIn();
        goBack(lock(id), person, taskKey, "remitflow", null);
        messages.completeTask(taskKey, users.signInName(person.id()), Map.of("outcome", "back", "reference", ""));
    }

    /**
     * What the process does after its task "work on the denial".
     *
     * @return empty: the completed task is not visible yet, or the case ended and the process is about to hear of it
     */
    public Optional<Result> applyChoice(UUID id, List<CompletedTask> newestFirst, long jobKey) {
        Denial denial = lock(id);
        if (denial.closing() == DenialClosing.NOTHING_OPEN) {
            return Optional.of(new Result(true, DenialChoice.CLOSE.key(), null));
        }
        return switch (denial.status()) {
            case CORRECTING -> Optional.of(new Result(true, DenialChoice.CORRECT.key(), null));
            case APPEALING -> Optional.of(new Result(true, DenialChoice.APPEAL.key(), null));
            case WRITING_OFF -> Optional.of(new Result(true, DenialChoice.WRITE_OFF.key(), null));
            case BILLING_PATIENT -> Optional.of(new Result(true, DenialChoice.BILL_PATIENT.key(), null));
            case WAITING -> throw new IllegalStateException("denial " + denial.number() + " waits for its payer");
            case CLOSED ->
                denial.closing() == DenialClosing.WRITTEN_OFF
                        ? Optional.of(new Result(true, DenialChoice.WRITE_OFF.key(), null))
                        : Optional.empty();
            case OPEN ->
                verify(denial, newestFirst, jobKey, DenialSteps.WORK, (task, person) -> {
                    DenialChoice choice = DenialChoice.ofKey(
                                    String.valueOf(task.variables().get("choice")))
                            .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "choose one of the five ways"));
                    choose(denial, person, task.key(), choice, "tasklist", jobKey);
                    return choice.key();
                });
        };
    }

    /**
     * What the process does after a corrected claim or an appeal was prepared.
     *
     * @return empty: the completed task is not visible yet, or the case ended and the process is about to hear of it
     */
    public Optional<Result> verifySending(UUID id, String element, List<CompletedTask> newestFirst, long jobKey) {
        Denial denial = lock(id);
        return switch (denial.status()) {
            case WAITING -> Optional.of(new Result(true, "sent", null));
            case OPEN -> Optional.of(new Result(true, "back", null));
            case CORRECTING, APPEALING ->
                verify(denial, newestFirst, jobKey, element, (task, person) -> {
                    Object reference = task.variables().get("reference");
                    boolean sent = "sent".equals(task.variables().get("outcome"));
                    if (sent) {
                        send(
                                denial,
                                person,
                                task.key(),
                                reference instanceof String text ? text : "",
                                "tasklist",
                                jobKey);
                    } else {
                        goBack(denial, person, task.key(), "tasklist", jobKey);
                    }
                    return sent ? "sent" : "back";
                });
            case WRITING_OFF, BILLING_PATIENT, CLOSED -> Optional.empty();
        };
    }

    /**
     * Moves what may be billed from the payer to the patient. Repeating it changes nothing.
     *
     * @return whether the case is over; if not, the rest goes back to work
     */
    public boolean billPatient(UUID id) {
        Denial denial = lock(id);
        if (denial.status() != DenialStatus.BILLING_PATIENT) {
            return denial.isClosed();
        }
        Money amount = billable(denial);
        if (amount.isPositive()) {
            post(denial, amount);
        }
        Denial after = rows.get(id);
        if (amount.isPositive() && !after.open().isPositive()) {
            rows.close(
                    Map.of(
                            id,
                            "%s %s moved to the patient".formatted(Amounts.format(amount), amount.getCurrencyUnit())),
                    DenialClosing.BILLED_TO_PATIENT,
                    clock.instant());
            return true;
        }
        rows.move(id, DenialStatus.OPEN, DenialSteps.WORK, clock.instant());
        rows.refused(
                id,
                amount.isPositive()
                        ? "The rest of it may not be billed to the patient"
                        : "Meanwhile nothing of it may be billed to the patient",
                clock.instant());
        return false;
    }

    /** The payer has not answered what was sent: the case is worked on again. Repeating it changes nothing. */
    public void silent(UUID id) {
        Denial denial = lock(id);
        if (denial.status() == DenialStatus.WAITING) {
            rows.move(id, DenialStatus.OPEN, DenialSteps.WORK, clock.instant());
            timeline.add(
                    Denials.SUBJECT,
                    id,
                    "No answer",
                    "The payer has not answered what was sent: ask it for the status");
        }
    }

    /** After a write-off that was not approved. Repeating it changes nothing. */
    public void reopen(UUID id) {
        Denial denial = lock(id);
        if (denial.status() == DenialStatus.WRITING_OFF) {
            rows.move(id, DenialStatus.OPEN, DenialSteps.WORK, clock.instant());
            String reason = denial.refusalReason();
            if (reason != null) {
                rows.refused(id, reason, clock.instant());
            }
        }
    }

    private interface Act {
        String of(CompletedTask task, @Nullable Person person);
    }

    private Optional<Result> verify(
            Denial denial, List<CompletedTask> newestFirst, long jobKey, String element, Act act) {
        Optional<Result> before = rows.foundBy(denial.id(), jobKey)
                .map(result -> new Result(result.refusal() == null, result.outcome(), result.refusal()));
        if (before.isPresent()) {
            return before;
        }
        var used = rows.usedTasks(denial.id());
        return newestFirst.stream()
                .filter(task -> !used.contains(task.key()))
                .findFirst()
                .map(task -> {
                    Person person = person(task.assignee()).orElse(null);
                    try {
                        return new Result(true, act.of(task, person), null);
                    } catch (RuleViolation refused) {
                        String reason = String.valueOf(refused.getMessage());
                        refuse(denial, task, person, element, reason, jobKey);
                        return new Result(false, "", reason);
                    }
                });
    }

    private void refuse(
            Denial denial, CompletedTask task, @Nullable Person person, String element, String reason, long jobKey) {
        UserId actor = person == null ? null : person.id();
        rows.useTask(
                denial.id(),
                new TaskResult(task.key(), element, actor, "tasklist", "refused", reason, jobKey),
                clock.instant());
        rows.refused(denial.id(), reason, clock.instant());
        timeline.add(Denials.SUBJECT, denial.id(), actor, "Not accepted", reason);
        audit.record(
                "denial-task-refused",
                Denials.SUBJECT,
                denial.id().toString(),
                Map.of("task", task.key(), "reason", reason));
    }

    private void choose(
            Denial denial,
            @Nullable Person person,
            long taskKey,
            DenialChoice choice,
            String source,
            @Nullable Long jobKey) {
        Person chooser = requireWorker(person);
        if (denial.status() != DenialStatus.OPEN) {
            throw new RuleViolation(
                    Refusal.DENIAL_NOT_IN_STATE,
                    "denial %s is %s".formatted(denial.number(), denial.status().key()));
        }
        refusalOf(denial, choice).ifPresent(reason -> {
            throw new RuleViolation(Refusal.DENIAL_CHOICE_NOT_ALLOWED, reason);
        });
        use(denial, DenialSteps.WORK, chooser, taskKey, choice.key(), source, jobKey);
        switch (choice) {
            case CORRECT -> move(denial, DenialStatus.CORRECTING, DenialSteps.CORRECT);
            case APPEAL -> move(denial, DenialStatus.APPEALING, DenialSteps.APPEAL);
            case BILL_PATIENT -> move(denial, DenialStatus.BILLING_PATIENT, DenialSteps.BILL_PATIENT);
            case WRITE_OFF -> writeOff(denial, chooser);
            case CLOSE ->
                rows.close(
                        Map.of(denial.id(), "Closed by hand: nothing of it was open"),
                        DenialClosing.NOTHING_OPEN,
                        clock.instant());
        }
        timeline.add(Denials.SUBJECT, denial.id(), chooser.id(), "Decided", choice.words());
        audit.record(
                "denial-decided",
                Denials.SUBJECT,
                denial.id().toString(),
                Map.of(
                        "choice", choice.key(),
                        "decidedBy", chooser.id().toString(),
                        "open", denial.open().toString(),
                        "task", taskKey,
                        "source", source));
    }

    private Optional<String> refusalOf(Denial denial, DenialChoice choice) {
        Denial.Triage triage = denial.triage();
        LocalDate today = organizations.today();
        return switch (choice) {
            case CORRECT -> Optional.empty();
            case APPEAL -> {
                if (triage == null || !triage.appealable()) {
                    yield Optional.of("The rule says that a denial of this class is not appealed");
                }
                yield today.isAfter(denial.appealLimitOn())
                        ? Optional.of("The payer took appeals until " + denial.appealLimitOn())
                        : Optional.empty();
            }
            case WRITE_OFF -> {
                if (writeOffs.getIfAvailable() == null) {
                    yield Optional.of("Write-offs are not set up");
                }
                yield denial.open().isPositive() ? Optional.empty() : Optional.of("Nothing of it is open");
            }
            case BILL_PATIENT ->
                billable(denial).isPositive()
                        ? Optional.empty()
                        : Optional.of("Nothing of it may be billed to the patient: "
                                + (triage == null || !triage.patientBillable()
                                        ? "the rule says so for this class"
                                        : payers.terms(denial.payerId()).patientBillingAllowed()
                                                ? "its amounts are not the patient's (group CO or PI)"
                                                : "the contract with the payer forbids it"));
            case CLOSE ->
                denial.open().isPositive()
                        ? Optional.of("%s %s of it is open"
                                .formatted(
                                        Amounts.format(denial.open()),
                                        denial.open().getCurrencyUnit()))
                        : Optional.empty();
        };
    }

    /**
     * Group CO is the provider's loss by contract, PI is not the patient's by this answer; what is left of OA may be
     * billed. After a payment in part it is not known which reason was paid, so the others are deducted in full.
     */
    private Money billable(Denial denial) {
        Money none = Money.zero(denial.open().getCurrencyUnit());
        Denial.Triage triage = denial.triage();
        if (triage == null
                || !triage.patientBillable()
                || !payers.terms(denial.payerId()).patientBillingAllowed()) {
            return none;
        }
        long notThePatients = rows.reasons(denial.id()).stream()
                .filter(reason -> reason.counts() && !reason.group().equals("OA"))
                .mapToLong(DenialReason::amountMinor)
                .sum();
        Money owed = accounts.insuranceBalanceOfClaim(denial.claimId());
        Money most = owed.isLessThan(denial.open()) ? owed : denial.open();
        Money billable = most.minusMinor(Math.max(0, notThePatients));
        return billable.isPositive() ? billable : none;
    }

    private void writeOff(Denial denial, Person chooser) {
        DenialWriteOffs available = writeOffs.getObject();
        int round = denial.writeOffRound() + 1;
        String codes = rows.reasons(denial.id()).stream()
                .map(DenialReason::groupAndCode)
                .distinct()
                .limit(8)
                .reduce((all, code) -> all + ", " + code)
                .orElse("no reason");
        UUID writeOff = available.request(new DenialWriteOffs.DeniedAmount(
                denial.id(),
                round,
                denial.accountId(),
                denial.claimId(),
                denial.payerId(),
                denial.open(),
                denial.underpaid(),
                "Denial %s: %s".formatted(denial.number(), codes),
                chooser.id()));
        rows.writingOff(denial.id(), writeOff, round, clock.instant());
        move(denial, DenialStatus.WRITING_OFF, DenialSteps.AWAIT_WRITE_OFF);
    }

    private void send(
            Denial denial,
            @Nullable Person person,
            long taskKey,
            String reference,
            String source,
            @Nullable Long jobKey) {
        Person sender = requireWorker(person);
        boolean appeal = requirePreparing(denial);
        String text = reference.strip();
        if (text.isBlank() || text.length() > MAX_REFERENCE || manyDigits(text)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "give the number under which it was sent, at most 50 characters, no card or member number");
        }
        use(denial, stepOf(denial), sender, taskKey, "sent", source, jobKey);
        LocalDate today = organizations.today();
        rows.sent(denial.id(), appeal, today, text, clock.instant());
        move(denial, DenialStatus.WAITING, DenialSteps.AWAIT_ANSWER);
        timeline.add(
                Denials.SUBJECT,
                denial.id(),
                sender.id(),
                appeal ? "Appealed" : "Sent again",
                "On %s under %s".formatted(today, text));
        audit.record(
                appeal ? "denial-appealed" : "denial-resubmitted",
                Denials.SUBJECT,
                denial.id().toString(),
                Map.of("by", sender.id().toString(), "task", taskKey, "source", source));
    }

    private void goBack(Denial denial, @Nullable Person person, long taskKey, String source, @Nullable Long jobKey) {
        Person worker = requireWorker(person);
        requirePreparing(denial);
        use(denial, stepOf(denial), worker, taskKey, "back", source, jobKey);
        move(denial, DenialStatus.OPEN, DenialSteps.WORK);
        timeline.add(Denials.SUBJECT, denial.id(), worker.id(), "Back to the choice", "Another way is wanted");
    }

    private void post(Denial denial, Money amount) {
        LocalDate today = organizations.today();
        String key = "denial-billed:" + denial.processKey();
        String text = "Denial %s billed to the patient".formatted(denial.number());
        var entry = journal.post(NewEntry.on(today, "claims", key, text)
                .debit(StandardAccount.AR_PATIENTS, amount)
                .credit(StandardAccount.AR_INSURANCE, amount)
                .reference(Denials.SUBJECT, denial.id())
                .referenceNumber(denial.number())
                .inOpenPeriod()
                .build());
        accounts.record(
                transfer(denial, today, Responsibility.INSURANCE, amount.negated(), entry.id(), text, key + ":from"));
        accounts.record(transfer(denial, today, Responsibility.PATIENT, amount, entry.id(), text, key + ":to"));
        Money none = Money.zero(amount.getCurrencyUnit());
        claims.applyRemittance(
                denial.claimId(),
                new ClaimOutcome(ClaimOutcome.Kind.BILLED, today, none, none, amount, null, null, key));
        rows.billed(denial.id(), amount, entry.id(), clock.instant());
        timeline.add(
                Denials.SUBJECT,
                denial.id(),
                "Billed to the patient",
                "%s %s".formatted(Amounts.format(amount), amount.getCurrencyUnit()));
        audit.record(
                "denial-billed-to-patient",
                Denials.SUBJECT,
                denial.id().toString(),
                Map.of("amount", amount.toString()));
    }

    static AccountPosting transfer(
            Denial denial,
            LocalDate date,
            Responsibility responsibility,
            Money amount,
            UUID entryId,
            String text,
            String key) {
        return new AccountPosting(
                denial.accountId(),
                date,
                TransactionType.TRANSFER,
                responsibility,
                amount,
                denial.claimId(),
                null,
                denial.payerId(),
                entryId,
                text,
                key);
    }

    private Denial lock(UUID id) {
        accounts.lock(List.of(rows.get(id).accountId()));
        return rows.lock(id);
    }

    private void move(Denial denial, DenialStatus status, String step) {
        rows.move(denial.id(), status, step, clock.instant());
    }

    private void use(
            Denial denial,
            String element,
            Person person,
            long taskKey,
            String outcome,
            String source,
            @Nullable Long jobKey) {
        boolean fresh = rows.useTask(
                denial.id(),
                new TaskResult(taskKey, element, person.id(), source, outcome, null, jobKey),
                clock.instant());
        if (!fresh) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "this task was done already");
        }
    }

    /** @return whether an appeal is prepared; else a corrected claim */
    private static boolean requirePreparing(Denial denial) {
        return switch (denial.status()) {
            case APPEALING -> true;
            case CORRECTING -> false;
            default ->
                throw new RuleViolation(
                        Refusal.DENIAL_NOT_IN_STATE,
                        "denial %s is %s"
                                .formatted(denial.number(), denial.status().key()));
        };
    }

    private static String stepOf(Denial denial) {
        return denial.status() == DenialStatus.APPEALING ? DenialSteps.APPEAL : DenialSteps.CORRECT;
    }

    private static Person requireWorker(@Nullable Person person) {
        if (person == null || !person.active() || !person.may(Permission.DENIALS_WORK)) {
            throw new RuleViolation(
                    Refusal.NOT_PERMITTED, "Whoever works on denials is active and has the permission to");
        }
        return person;
    }

    /** 13 digits in a row or more could be a card number, which is never stored. */
    private static boolean manyDigits(String reference) {
        return reference.replaceAll("[ -]", "").matches(".*\\d{13,}.*");
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
