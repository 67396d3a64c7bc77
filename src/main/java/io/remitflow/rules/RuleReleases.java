package io.remitflow.rules;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.workflow.ApprovableCases;
import io.remitflow.workflow.Approval;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.ApprovalSubject;
import io.remitflow.workflow.Approvals;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.Assert;

/**
 * Releases of decision tables: requested by an analyst, approved by others, in force at once or at a date. What happens in
 * between is {@code bpmn/rule-release.bpmn}.
 */
@Service
public class RuleReleases implements ApprovableCases {

    /** Subject of timelines, decisions and audit entries. */
    public static final String SUBJECT = "rule-release";

    /** Months of past decisions that a release is judged by. */
    private static final int MONTHS = 6;

    private final ReleaseRequestRows rows;
    private final DecisionTables tables;
    private final Drafts drafts;
    private final TestCases tests;
    private final Replays replays;
    private final Approvals approvals;
    private final ProcessMessages messages;
    private final ProcessInstances instances;
    private final Timeline timeline;
    private final AuditLog audit;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final Users users;
    private final TransactionTemplate transactions;
    private final Clock clock;

    RuleReleases(
            ReleaseRequestRows rows,
            DecisionTables tables,
            Drafts drafts,
            TestCases tests,
            Replays replays,
            Approvals approvals,
            ProcessMessages messages,
            ProcessInstances instances,
            Timeline timeline,
            AuditLog audit,
            NumberSeries numbers,
            Organizations organizations,
            Users users,
            TransactionTemplate transactions,
            Clock clock) {
        this.rows = rows;
        this.tables = tables;
        this.drafts = drafts;
        this.tests = tests;
        this.replays = replays;
        this.approvals = approvals;
        this.messages = messages;
        this.instances = instances;
        this.timeline = timeline;
        this.audit = audit;
        this.numbers = numbers;
        this.organizations = organizations;
        this.users = users;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * Asks for the release of the draft. It is gone from the editor, and comes back if the request is rejected or withdrawn.
     *
     * @param seenVersion of the draft, so that nobody releases what they did not see
     * @param effectiveFrom null for at once
     * @throws RuleViolation {@link Refusal#RULE_NOT_RELEASABLE} if the checks or the tests say no, or if another release of
     *     this decision is under way; {@link Refusal#CHANGED_MEANWHILE} if the draft is another one
     */
    public UUID request(String decisionId, int seenVersion, String why, @Nullable Instant effectiveFrom) {
        Draft draft = inTransaction(() -> drafts.find(decisionId))
                .filter(found -> found.version() == seenVersion)
                .orElseThrow(() -> new RuleViolation(
                        Refusal.CHANGED_MEANWHILE, "The draft was changed meanwhile: look at it again"));
        DecisionTable table = draft.table();
        requireReleasable(table);
        var replayed = ReleaseRequest.Replayed.of(replays.replay(table, MONTHS));
        return inTransaction(() -> {
            UUID id = add(
                    decisionId,
                    Release.Source.DRAFT,
                    null,
                    draft.xml(),
                    why,
                    effectiveFrom,
                    draft.editors().stream().map(UserId::new).toList(),
                    replayed);
            drafts.discard(decisionId);
            return id;
        });
    }

    /** Asks to bring an earlier release back, at once. It is released as a new version and approved as any other. */
    public UUID requestRollback(String decisionId, int number, String why) {
        Release earlier = tables.required(decisionId, number);
        if (tables.required(decisionId).number() == number) {
            throw new RuleViolation(Refusal.RULE_NOT_RELEASABLE, "This version is in force");
        }
        requireReleasable(earlier.table());
        var replayed = ReleaseRequest.Replayed.of(replays.replay(earlier.table(), MONTHS));
        return inTransaction(
                () -> add(decisionId, Release.Source.ROLLBACK, number, earlier.xml(), why, null, List.of(), replayed));
    }

    /** Until it is in force, whoever requested it takes it back, and so may whoever could approve it. */
    public boolean mayWithdraw(ReleaseRequest request) {
        return request.requestedBy().equals(CurrentUser.id())
                || users.find(CurrentUser.id())
                        .filter(person -> person.may(Permission.RULES_APPROVE))
                        .isPresent();
    }

    /** As {@link #mayWithdraw} says. */
    public void withdraw(UUID id) {
        inTransaction(() -> {
            ReleaseRequest request = rows.lock(id);
            if (!mayWithdraw(request)) {
                throw new RuleViolation(
                        Refusal.NOT_PERMITTED,
                        "A release is withdrawn by whoever requested it, or by somebody who may approve it");
            }
            if (request.state() != ReleaseRequest.State.REQUESTED && request.state() != ReleaseRequest.State.APPROVED) {
                throw notWaiting(request);
            }
            rows.state(id, ReleaseRequest.State.WITHDRAWN, clock.instant(), null);
            giveBackDraft(request);
            timeline.add(SUBJECT, id, "Withdrawn", "The request was withdrawn");
            audit.record("rules.release-withdrawn", SUBJECT, id.toString(), Map.of("number", request.number()));
            messages.publish("rules.release-withdrawn", id.toString(), Map.of());
            instances.caseEnded(RuleReleaseSteps.PROCESS, id.toString());
            return id;
        });
    }

    public ReleaseRequest get(UUID id) {
        return inTransaction(() -> rows.get(id));
    }

    /** Newest first. */
    public List<ReleaseRequest> of(String decisionId) {
        return inTransaction(() -> rows.of(decisionId));
    }

    /** What {@code dmn/rule-release-approval.dmn} is asked with. */
    public Map<String, Object> facts(UUID id) {
        return inTransaction(() -> {
            ReleaseRequest request = rows.get(id);
            Map<String, Object> inputs = new LinkedHashMap<>();
            inputs.put("type", request.decisionId());
            inputs.put("sameCurrency", request.replayed().otherCurrency() == 0);
            inputs.put("amountMinor", request.replayed().affectedMinor());
            inputs.put(
                    "exposureMinor",
                    rows.exposureMinor(request.decisionId(), clock.instant().minus(Approvals.EXPOSURE)));
            inputs.put("approvalsSkipped", request.replayed().approvalsSkipped());
            inputs.put(
                    "ageDays",
                    ChronoUnit.DAYS.between(
                            tables.required(request.decisionId()).releasedAt(), clock.instant()));
            inputs.put("requesterRole", approvals.requesterRole(request.requestedBy()));
            return inputs;
        });
    }

    /** Takes over what the rule said; repeating it changes nothing. */
    public ReleaseRequest ruleAnswered(UUID id, List<String> levels, String reason) {
        Assert.notEmpty(levels, "nobody releases a rule alone");
        Approvals.requireKnown(levels);
        return inTransaction(() -> {
            ReleaseRequest request = rows.lock(id);
            if (request.levels() == null && request.state() == ReleaseRequest.State.REQUESTED) {
                rows.ruleAnswered(id, levels, reason);
                timeline.add(SUBJECT, id, "Needs approval", reason);
            }
            return rows.get(id);
        });
    }

    /** As {@link Approvals#decide}. */
    public void decide(UUID id, ApprovalDecision decision) {
        approvals.decide(this, id, decision);
    }

    /** As {@link Approvals#recorded}. */
    public Optional<Verification> recorded(UUID id, int level, long jobKey) {
        return approvals.recorded(subject(get(id)), 1, level, jobKey);
    }

    /** As {@link Approvals#isDecided}. */
    public boolean isDecided(UUID id, int level) {
        return approvals.isDecided(subject(get(id)), 1, level);
    }

    /** As {@link Approvals#lookUp}. */
    public Optional<Verification> lookUp(UUID id, int level, List<CompletedTask> newestFirst, long jobKey) {
        return approvals.lookUp(this, id, level, newestFirst, jobKey);
    }

    /** As {@link Approvals#remind}. */
    public void remind(UUID id, boolean escalated) {
        approvals.remind(SUBJECT, id, escalated);
    }

    public List<Approval> approvals(UUID id) {
        return approvals.of(SUBJECT, id);
    }

    /**
     * Puts the approved table in force; repeating it changes nothing.
     *
     * @return the release
     * @throws RuleViolation {@link Refusal#RULE_NOT_RELEASABLE} if not everybody has approved whom the rule named
     */
    public Release activate(UUID id) {
        return inTransaction(() -> {
            ReleaseRequest request = rows.lock(id);
            Integer released = request.releaseNumber();
            if (released != null) {
                return tables.required(request.decisionId(), released);
            }
            if (request.state() != ReleaseRequest.State.APPROVED || !approvals.isApproved(subject(request))) {
                throw new RuleViolation(
                        Refusal.RULE_NOT_RELEASABLE, "release request %s is not approved".formatted(request.number()));
            }
            int number = tables.release(
                    request.decisionId(),
                    request.source(),
                    request.copiedFrom(),
                    request.xml(),
                    request.why(),
                    request.requestedBy().value(),
                    null);
            rows.state(id, ReleaseRequest.State.RELEASED, clock.instant(), number);
            timeline.add(SUBJECT, id, "In force", "Version %d is in force".formatted(number));
            audit.record(
                    "rules.released",
                    SUBJECT,
                    id.toString(),
                    Map.of("decision", request.decisionId(), "version", number));
            return tables.required(request.decisionId(), number);
        });
    }

    @Override
    public String type() {
        return SUBJECT;
    }

    @Override
    public ApprovalSubject subject(UUID id) {
        return subject(rows.get(id));
    }

    @Override
    public Locked lock(UUID id) {
        return new LockedRequest(rows.lock(id));
    }

    private void giveBackDraft(ReleaseRequest request) {
        if (request.source() == Release.Source.DRAFT) {
            drafts.giveBack(request);
        }
    }

    private UUID add(
            String decisionId,
            Release.Source source,
            @Nullable Integer copiedFrom,
            String xml,
            String why,
            @Nullable Instant effectiveFrom,
            List<UserId> editors,
            ReleaseRequest.Replayed replayed) {
        if (why.isBlank()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "Say why the rule changes");
        }
        var request = new ReleaseRequest(
                Ids.next(),
                numbers.next("RR"),
                decisionId,
                source,
                copiedFrom,
                tables.required(decisionId).number(),
                xml,
                why.strip(),
                effectiveFrom,
                editors,
                replayed,
                ReleaseRequest.State.REQUESTED,
                null,
                null,
                CurrentUser.id(),
                clock.instant(),
                null,
                null);
        if (!rows.insert(request)) {
            throw new RuleViolation(
                    Refusal.RULE_NOT_RELEASABLE, "Another release of this decision is under way: wait or withdraw it");
        }
        timeline.add(SUBJECT, request.id(), "Requested", replayed.inWords());
        audit.record(
                "rules.release-requested",
                SUBJECT,
                request.id().toString(),
                Map.of("number", request.number(), "decision", decisionId));
        messages.publish(
                "rules.release-requested",
                request.id().toString(),
                Map.of("requestId", request.id().toString()));
        return request.id();
    }

    private void requireReleasable(DecisionTable table) {
        List<Flaw> blocking = Drafts.flaws(table).stream()
                .filter(flaw -> flaw.kind().blocks())
                .toList();
        if (!blocking.isEmpty()) {
            throw new RuleViolation(
                    Refusal.RULE_NOT_RELEASABLE, blocking.getFirst().text());
        }
        inTransaction(() -> tests.run(table)).stream()
                .filter(result -> !result.passed())
                .findFirst()
                .ifPresent(failed -> {
                    throw new RuleViolation(
                            Refusal.RULE_NOT_RELEASABLE,
                            "The test \"%s\" is answered otherwise"
                                    .formatted(failed.test().name()));
                });
    }

    private ApprovalSubject subject(ReleaseRequest request) {
        List<String> levels = request.levels();
        return new ApprovalSubject(
                SUBJECT,
                request.id(),
                "release request " + request.number(),
                1,
                Money.ofMinor(
                        organizations.current().currency(), request.replayed().affectedMinor()),
                levels == null ? List.of() : levels,
                request.state() == ReleaseRequest.State.REQUESTED && levels != null,
                request.requestedBy(),
                request.requestedBy(),
                Set.copyOf(request.editors()),
                RuleReleaseSteps.APPROVE,
                Permission.RULES_APPROVE);
    }

    private static RuleViolation notWaiting(ReleaseRequest request) {
        return new RuleViolation(
                Refusal.RULE_NOT_RELEASABLE,
                "release request %s is %s"
                        .formatted(request.number(), request.state().key()));
    }

    private <T> T inTransaction(java.util.function.Supplier<T> work) {
        return Objects.requireNonNull(transactions.execute(status -> work.get()));
    }

    private final class LockedRequest implements Locked {

        private final ReleaseRequest request;

        LockedRequest(ReleaseRequest request) {
            this.request = request;
        }

        @Override
        public ApprovalSubject subject() {
            return RuleReleases.this.subject(request);
        }

        @Override
        public RuleViolation notWaiting() {
            return RuleReleases.notWaiting(request);
        }

        @Override
        public void approved(Approval approval, boolean last) {
            if (last) {
                rows.state(request.id(), ReleaseRequest.State.APPROVED, clock.instant(), null);
            }
        }

        @Override
        public void rejected(Approval approval) {
            rows.state(request.id(), ReleaseRequest.State.REJECTED, clock.instant(), null);
            giveBackDraft(request);
        }

        @Override
        public void taskRefused(String reason) {
            // The reason is in the timeline and in the variables of the next task.
        }
    }
}
