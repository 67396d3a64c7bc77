package io.remitflow.discrepancies;

import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.discrepancies.DiscrepancyRows.Logged;
import io.remitflow.discrepancies.DiscrepancyRows.NewDiscrepancy;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.TimelineEntry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Differences as cases: reported by whoever reconciles, worked on by people, closed by a resolution or by a later run that
 * finds that the records agree.
 *
 * <p>Every act is written here first, with its row of the action log, and reaches the process by a message after commit.
 * Nothing here changes the books.
 */
@Service
@Transactional
public class Discrepancies {

    /** Subject of decisions and audit entries. */
    public static final String SUBJECT = "discrepancy";

    private static final int MAX_TEXT = 1_000;
    private static final int ESCALATED_PRIORITY = 95;

    private final DiscrepancyRows rows;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final ObjectProvider<Corrections> corrections;
    private final ProcessMessages messages;
    private final Users users;
    private final AuditLog audit;
    private final Clock clock;

    Discrepancies(
            DiscrepancyRows rows,
            NumberSeries numbers,
            Organizations organizations,
            ObjectProvider<Corrections> corrections,
            ProcessMessages messages,
            Users users,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.numbers = numbers;
        this.organizations = organizations;
        this.corrections = corrections;
        this.messages = messages;
        this.users = users;
        this.audit = audit;
        this.clock = clock;
    }

    /** An unresolved one, as far as whoever reconciles must know it. */
    public record Standing(UUID id, String subjectKey, DiscrepancyType type) {}

    /**
     * Takes in what a reconciliation found, all of one kind of subject, in its transaction. What is known already keeps its
     * number, its status and its history, which says when it amounts to something else, and is triaged again if it is more;
     * only one that was resolved because the records agreed, or whose amount is another one than it was resolved with, is
     * opened again.
     *
     * @param foundBy the run
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void report(UUID foundBy, String subjectType, List<FoundDiscrepancy> found) {
        Map<String, Map<DiscrepancyType, Discrepancy>> known = new HashMap<>();
        List<String> keys =
                found.stream().map(FoundDiscrepancy::subjectKey).distinct().toList();
        rows.lockBySubject(subjectType, keys)
                .forEach(discrepancy -> known.computeIfAbsent(
                                discrepancy.subjectKey(), key -> new EnumMap<>(DiscrepancyType.class))
                        .put(discrepancy.type(), discrepancy));
        List<FoundDiscrepancy> fresh = new ArrayList<>();
        Map<UUID, FoundDiscrepancy> again = new LinkedHashMap<>();
        Map<UUID, String> reopened = new LinkedHashMap<>();
        List<Logged> changed = new ArrayList<>();
        Map<String, Map<String, ?>> grew = new LinkedHashMap<>();
        for (FoundDiscrepancy one : found) {
            Discrepancy before = known.getOrDefault(one.subjectKey(), Map.of()).get(one.type());
            if (before == null) {
                fresh.add(one);
            } else {
                again.put(before.id(), one);
                if (!before.difference().equals(one.difference())) {
                    changed.add(new Logged(
                            before.id(),
                            "changed",
                            null,
                            "From %s to %s".formatted(inWords(before.difference()), inWords(one.difference()))));
                }
                if (!before.isResolved() && isMore(one.difference(), before.difference())) {
                    grew.put(before.caseKey(), Map.of());
                }
                whyReopened(before, one).ifPresent(why -> reopened.put(before.id(), why));
            }
        }
        rows.foundAgain(again, foundBy, clock.instant());
        rows.log(changed, clock.instant());
        if (!grew.isEmpty()) {
            messages.publish(DiscrepancySteps.GREW_MESSAGE, grew);
        }
        open(fresh, foundBy);
        reopen(reopened, null);
    }

    private static boolean isMore(Money now, Money before) {
        return !now.getCurrencyUnit().equals(before.getCurrencyUnit()) || now.isGreaterThan(before);
    }

    private static String inWords(Money amount) {
        return Amounts.format(amount) + " " + amount.getCurrencyUnit();
    }

    private java.util.Optional<String> whyReopened(Discrepancy before, FoundDiscrepancy now) {
        Discrepancy.Resolved resolved = before.resolved();
        if (resolved == null) {
            return java.util.Optional.empty();
        }
        if (resolved.resolution() == DiscrepancyResolution.MATCHED) {
            return java.util.Optional.of("Found again after the records had agreed");
        }
        return rows.changedSinceResolved(before.id(), now.difference())
                ? java.util.Optional.of("Found again with another amount than it was resolved with")
                : java.util.Optional.empty();
    }

    private void open(List<FoundDiscrepancy> found, UUID foundBy) {
        if (found.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        List<String> series = numbers.next("RD", organizations.today().getYear(), found.size());
        List<NewDiscrepancy> fresh = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            fresh.add(new NewDiscrepancy(Ids.next(), series.get(i), found.get(i)));
        }
        rows.insert(fresh, foundBy, now);
        rows.log(
                fresh.stream()
                        .map(one -> new Logged(
                                one.id(),
                                "opened",
                                null,
                                "%s: %s"
                                        .formatted(
                                                one.found().type().key(),
                                                inWords(one.found().difference()))))
                        .toList(),
                now);
        messages.publish(
                DiscrepancySteps.FOUND_MESSAGE,
                fresh.stream().collect(Collectors.toMap(one -> one.id().toString(), one -> started(one.id(), 1))));
    }

    /** In the order of their ids. */
    @Transactional(readOnly = true)
    public List<Standing> unresolved(String subjectType) {
        return rows.unresolved(subjectType);
    }

    /** The records of these agree now: they close themselves. Those that somebody resolved meanwhile stay as they are. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void agree(Collection<UUID> ids, String evidence) {
        if (ids.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        Map<UUID, Discrepancy.Resolved> resolved = new LinkedHashMap<>();
        Map<String, Map<String, ?>> news = new LinkedHashMap<>();
        for (Discrepancy discrepancy : rows.lockUnresolved(ids)) {
            resolved.put(
                    discrepancy.id(),
                    new Discrepancy.Resolved(DiscrepancyResolution.MATCHED, evidence, null, null, now));
            news.put(discrepancy.caseKey(), Map.of("resolution", DiscrepancyResolution.MATCHED.key()));
        }
        if (resolved.isEmpty()) {
            return;
        }
        rows.resolved(resolved);
        rows.log(
                resolved.keySet().stream()
                        .map(id -> new Logged(id, "resolved", null, evidence))
                        .toList(),
                now);
        messages.publish(DiscrepancySteps.RESOLVED_MESSAGE, news);
    }

    @Transactional(readOnly = true)
    public Discrepancy get(UUID id) {
        return rows.get(id);
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public List<Discrepancy> list(DiscrepancyFilter filter) {
        return rows.list(filter, clock.instant());
    }

    /** Of the unresolved, in the order of precedence. */
    @Transactional(readOnly = true)
    public List<DiscrepancyTotal> totals() {
        return rows.totals(clock.instant());
    }

    /** The action log, oldest first. */
    @Transactional(readOnly = true)
    public List<DiscrepancyAction> actions(UUID id) {
        rows.get(id);
        return rows.actions(id);
    }

    /** The action log in words. */
    @Transactional(readOnly = true)
    public List<TimelineEntry> timeline(UUID id) {
        Map<UserId, String> names = new HashMap<>();
        return rows.actions(id).stream()
                .map(action -> {
                    UserId actor = action.actor();
                    return new TimelineEntry(
                            action.at(),
                            actor == null
                                    ? "System"
                                    : names.computeIfAbsent(
                                            actor,
                                            who -> users.find(who)
                                                    .map(Person::displayName)
                                                    .orElse("Someone")),
                            action.action().substring(0, 1).toUpperCase(java.util.Locale.ROOT)
                                    + action.action().substring(1),
                            action.detail());
                })
                .toList();
    }

    /** Whoever may work on discrepancies, to choose an owner from. */
    @Transactional(readOnly = true)
    public List<Person> possibleOwners() {
        return users.all().stream().filter(Discrepancies::mayWork).toList();
    }

    /** The signed-in person has seen it. Repeating it changes nothing. */
    public void acknowledge(UUID id) {
        Discrepancy discrepancy = rows.lock(id);
        if (discrepancy.status() == DiscrepancyStatus.ACKNOWLEDGED) {
            return;
        }
        requireUnresolved(discrepancy);
        rows.acknowledged(id, CurrentUser.id(), clock.instant());
        done(discrepancy, CurrentUser.id(), "acknowledged", "Somebody looks after it");
        tellChanged(discrepancy);
    }

    /**
     * Gives it to somebody who may work on it; the status stays. Repeating it changes nothing.
     *
     * @param assignee null: to nobody, whoever of its group is free takes it
     */
    public void assign(UUID id, @Nullable UserId assignee) {
        Discrepancy discrepancy = rows.lock(id);
        if (Objects.equals(discrepancy.assignee(), assignee)) {
            return;
        }
        requireUnresolved(discrepancy);
        String words = "To nobody";
        if (assignee != null) {
            Person person = users.find(assignee).orElseThrow(() -> RuleViolation.notFound("the person"));
            if (!mayWork(person)) {
                throw new RuleViolation(Refusal.INVALID_INPUT, "an owner is active and may work on discrepancies");
            }
            words = "To " + person.displayName();
        }
        rows.assigned(id, assignee, clock.instant());
        done(discrepancy, CurrentUser.id(), "assigned", words);
        tellChanged(discrepancy);
    }

    /** Allowed in every status: a note is part of the trail. */
    public void note(UUID id, String text) {
        Discrepancy discrepancy = rows.lock(id);
        done(discrepancy, CurrentUser.id(), "noted", words(text));
        tellChanged(discrepancy);
    }

    /**
     * The signed-in person ends it with a reason. The same again changes nothing.
     *
     * @param adjustmentNumber of the posted adjustment that corrects it, for that resolution only
     */
    public void resolve(UUID id, DiscrepancyResolution resolution, String reason, @Nullable String adjustmentNumber) {
        Discrepancy discrepancy = rows.lock(id);
        resolve(discrepancy, CurrentUser.id(), resolution, reason, adjustmentNumber);
        messages.publish(
                DiscrepancySteps.RESOLVED_MESSAGE, discrepancy.caseKey(), Map.of("resolution", resolution.key()));
    }

    /** Back to work, with a reason and a process of its own. */
    public void reopen(UUID id, String reason) {
        Discrepancy discrepancy = rows.lock(id);
        if (!discrepancy.isResolved()) {
            throw notInState(discrepancy);
        }
        reopen(Map.of(id, words(reason)), CurrentUser.id());
    }

    /** For a task that was completed in Tasklist: the process goes on by itself, and a refusal is recorded by the caller. */
    @Transactional(propagation = Propagation.MANDATORY, noRollbackFor = RuleViolation.class)
    void resolve(
            Discrepancy discrepancy,
            UserId by,
            DiscrepancyResolution resolution,
            String reason,
            @Nullable String adjustmentNumber) {
        requireUnresolved(discrepancy);
        if (resolution == DiscrepancyResolution.MATCHED) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "whether the records agree is found by a run");
        }
        String why = words(reason);
        String adjustment = adjustment(discrepancy, resolution, adjustmentNumber);
        rows.resolved(
                Map.of(discrepancy.id(), new Discrepancy.Resolved(resolution, why, adjustment, by, clock.instant())));
        done(
                discrepancy,
                by,
                "resolved",
                resolution.words() + (adjustment == null ? "" : " " + adjustment) + ": " + why);
    }

    private @Nullable String adjustment(
            Discrepancy discrepancy, DiscrepancyResolution resolution, @Nullable String number) {
        String given = number == null || number.isBlank() ? null : number.strip();
        if (resolution != DiscrepancyResolution.CORRECTED) {
            if (given != null) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT, "an adjustment is named only where it corrects the discrepancy");
            }
            return null;
        }
        Corrections known = corrections.getIfAvailable();
        if (given == null || known == null) {
            throw new RuleViolation(
                    Refusal.CORRECTION_NOT_POSTED,
                    "a correction is an adjustment that was approved and posted: give its number");
        }
        known.refusal(discrepancy, given).ifPresent(reason -> {
            throw new RuleViolation(Refusal.CORRECTION_NOT_POSTED, reason);
        });
        return given;
    }

    private void reopen(Map<UUID, String> why, @Nullable UserId by) {
        if (why.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        rows.reopened(why.keySet(), now);
        rows.log(
                why.entrySet().stream()
                        .map(entry -> new Logged(entry.getKey(), "reopened", by, entry.getValue()))
                        .toList(),
                now);
        Map<String, Map<String, ?>> news = new LinkedHashMap<>();
        for (UUID id : why.keySet()) {
            Discrepancy discrepancy = rows.get(id);
            news.put(discrepancy.caseKey(), started(id, discrepancy.round()));
            if (by != null) {
                audit.record("discrepancy-reopened", SUBJECT, id.toString(), Map.of("round", discrepancy.round()));
            }
        }
        messages.publish(DiscrepancySteps.FOUND_MESSAGE, news);
    }

    private static Map<String, String> started(UUID id, int round) {
        return Map.of("discrepancyId", id.toString(), "caseKey", Discrepancy.caseKey(id, round));
    }

    /** What the rule about triage is asked with: codes and amounts only. */
    @Transactional(readOnly = true)
    public Map<String, Object> triageInputs(UUID id) {
        Discrepancy discrepancy = rows.get(id);
        return Map.of(
                "discrepancyType",
                discrepancy.type().key(),
                "amountMinor",
                discrepancy.difference().getAmountMinorLong(),
                "currency",
                discrepancy.difference().getCurrencyUnit().getCode());
    }

    /** Notes what the rule said. Repeating it changes nothing: the deadline runs from the first time. */
    public Discrepancy triaged(UUID id, int priority, String ownerGroup, int dueDays, String reason) {
        Discrepancy discrepancy = rows.lock(id);
        if (discrepancy.triage() != null) {
            return discrepancy;
        }
        Instant due = clock.instant().plus(Duration.ofDays(dueDays));
        rows.triaged(id, new Discrepancy.Triage(priority, ownerGroup, reason, due), clock.instant());
        log(id, null, "triaged", reason);
        return rows.get(id);
    }

    /**
     * Notes what the rule says now that more differs: never less urgent or later than it was before. Repeating it changes
     * nothing.
     */
    public Discrepancy triagedAgain(UUID id, int priority, String ownerGroup, int dueDays, String reason) {
        Discrepancy discrepancy = rows.lock(id);
        Discrepancy.Triage before = discrepancy.triage();
        Discrepancy.Resolved resolved = discrepancy.resolved();
        if (resolved != null) {
            // Its task may have ended in the very moment: the process is told so, and does not ask for another one.
            messages.publish(
                    DiscrepancySteps.RESOLVED_MESSAGE,
                    discrepancy.caseKey(),
                    Map.of("resolution", resolved.resolution().key()));
            return discrepancy;
        }
        if (before == null) {
            return triaged(id, priority, ownerGroup, dueDays, reason);
        }
        // The task is a new one: it goes to whoever had it.
        tellChanged(discrepancy);
        if (priority <= before.priority()) {
            return discrepancy;
        }
        Instant due = clock.instant().plus(Duration.ofDays(dueDays));
        rows.triaged(
                id,
                new Discrepancy.Triage(
                        priority, ownerGroup, reason, due.isBefore(before.dueAt()) ? due : before.dueAt()),
                clock.instant());
        log(id, null, "triaged", "More differs: " + reason);
        return rows.get(id);
    }

    /** Before the deadline passes; not where somebody has acknowledged it, nor where it is resolved. */
    public void remind(UUID id) {
        Discrepancy discrepancy = rows.lock(id);
        if (discrepancy.status() == DiscrepancyStatus.OPEN) {
            log(id, null, "reminded", "Nobody has acknowledged it and its deadline comes near");
        }
    }

    /**
     * The deadline has passed: it goes to others, with a new one. A resolved one stays as it is.
     *
     * @param from the deadline that passed, so that repeating it changes nothing
     */
    public Discrepancy escalate(UUID id, String toGroup, Duration within, Instant from) {
        Discrepancy discrepancy = rows.lock(id);
        Discrepancy.Triage triage = discrepancy.triage();
        if (discrepancy.isResolved() || triage == null || triage.dueAt().isAfter(from)) {
            return discrepancy;
        }
        rows.escalated(
                id,
                new Discrepancy.Triage(
                        ESCALATED_PRIORITY,
                        toGroup,
                        triage.reason(),
                        clock.instant().plus(within)),
                clock.instant());
        log(id, null, "escalated", "The deadline has passed: to the group " + toGroup);
        // The task is a new one: it goes to whoever had it.
        tellChanged(discrepancy);
        return rows.get(id);
    }

    static boolean mayWork(Person person) {
        return person.active() && person.may(Permission.RECONCILIATION_MANAGE);
    }

    void refused(Discrepancy discrepancy, @Nullable UserId actor, String reason) {
        rows.refused(discrepancy.id(), reason);
        log(discrepancy.id(), actor, "refused", reason);
        // The task comes back as a new one: it goes to whoever had it.
        tellChanged(discrepancy);
    }

    Discrepancy lock(UUID id) {
        return rows.lock(id);
    }

    private void tellChanged(Discrepancy discrepancy) {
        if (!discrepancy.isResolved()) {
            messages.publish(DiscrepancySteps.CHANGED_MESSAGE, discrepancy.caseKey(), Map.of());
        }
    }

    private void done(Discrepancy discrepancy, UserId by, String action, String detail) {
        log(discrepancy.id(), by, action, detail);
        audit.record(
                "discrepancy-" + action,
                SUBJECT,
                discrepancy.id().toString(),
                Map.of("number", discrepancy.number(), "by", by.toString()));
    }

    private void log(UUID id, @Nullable UserId actor, String action, String detail) {
        rows.log(List.of(new Logged(id, action, actor, detail)), clock.instant());
    }

    private static void requireUnresolved(Discrepancy discrepancy) {
        if (discrepancy.isResolved()) {
            throw notInState(discrepancy);
        }
    }

    private static RuleViolation notInState(Discrepancy discrepancy) {
        return new RuleViolation(
                Refusal.DISCREPANCY_NOT_IN_STATE,
                "discrepancy %s is %s"
                        .formatted(discrepancy.number(), discrepancy.status().key()));
    }

    private static String words(@Nullable String text) {
        String words = text == null ? "" : text.strip();
        if (words.isEmpty() || words.length() > MAX_TEXT) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say why, in at most %d characters".formatted(MAX_TEXT));
        }
        return CardNumbers.removedFrom(words);
    }
}
