package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.UserId;
import io.remitflow.workflow.ApprovableCases;
import io.remitflow.workflow.Approval;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.ApprovalSubject;
import io.remitflow.workflow.Approvals;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.ProcessInstances;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Remittances that wait for a person before they are posted; who may approve is for {@link Approvals} to say.
 *
 * <p>Whoever uploaded a remittance does not approve it. An approved one is posted as it is at that moment, whole or not at
 * all: if it cannot be posted any more, it is held.
 */
@Service
public class RemittanceReviews implements ApprovableCases {

    /** Subject of its timeline, its decisions and its audit entries. */
    public static final String SUBJECT = "remittance";

    /** Requester of what came by itself. */
    private static final UserId NOBODY = new UserId(new UUID(0, 0));

    private static final int MAX_REASON = 300;

    private final ReviewRows reviews;
    private final ReviewRequests requests;
    private final ProcessInstances instances;
    private final RemittanceRows rows;
    private final Remittances remittances;
    private final Approvals approvals;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    RemittanceReviews(
            ReviewRows reviews,
            ReviewRequests requests,
            ProcessInstances instances,
            RemittanceRows rows,
            Remittances remittances,
            Approvals approvals,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions,
            Clock clock) {
        this.reviews = reviews;
        this.requests = requests;
        this.instances = instances;
        this.rows = rows;
        this.remittances = remittances;
        this.approvals = approvals;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
    }

    public RemittanceReview get(UUID remittanceId) {
        return inTransaction(() -> reviews.get(remittanceId));
    }

    /** Empty for a remittance that never waited for a review. */
    public Optional<RemittanceReview> find(UUID remittanceId) {
        return inTransaction(() -> reviews.find(remittanceId));
    }

    /** How many wait for a person. */
    public long waiting() {
        return inTransaction(reviews::waiting);
    }

    /** What those pay that wait, in the organization's currency. */
    public Money waitingTotal() {
        return inTransaction(() -> {
            String currency = organizations.current().currency().getCode();
            return Amounts.ofMinor(reviews.waitingMinor(currency), currency);
        });
    }

    /** What {@code dmn/remittance-review.dmn} is asked with. */
    public Map<String, Object> facts(UUID remittanceId) {
        RemittanceReview review = get(remittanceId);
        Map<String, Object> inputs = new LinkedHashMap<>();
        inputs.put("amountMinor", review.amount().getAmountMinorLong());
        inputs.put("takesBack", review.takesBack());
        return inputs;
    }

    /** Takes over what the rule said; repeating it changes nothing. A review without any level is refused. */
    public RemittanceReview ruleAnswered(UUID remittanceId, List<String> levels, String reason) {
        Approvals.requireKnown(levels);
        if (levels.isEmpty()) {
            throw new IllegalStateException("the rule must name somebody who approves a remittance");
        }
        return inTransaction(() -> {
            RemittanceReview before = reviews.lock(remittanceId);
            if (before.levels() != null || before.approved() != null) {
                return before;
            }
            reviews.ruleAnswered(remittanceId, levels, reason);
            timeline.add(SUBJECT, remittanceId, "Needs approval", reason);
            return reviews.get(remittanceId);
        });
    }

    /** As {@link Approvals#decide}. */
    public void decide(UUID remittanceId, ApprovalDecision decision) {
        if (!decision.approve()
                && (decision.comment() == null || decision.comment().isBlank())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say why it is rejected");
        }
        approvals.decide(this, remittanceId, decision);
    }

    /** As {@link Approvals#recorded}. */
    public Optional<Verification> recorded(UUID remittanceId, int level, long jobKey) {
        return recorded(subject(get(remittanceId)), level, jobKey);
    }

    /** As {@link Approvals#isDecided}. */
    public boolean isDecided(UUID remittanceId, int level) {
        ApprovalSubject subject = subject(get(remittanceId));
        return approvals.isDecided(subject, subject.version(), level);
    }

    /** As {@link Approvals#lookUp}. */
    public Optional<Verification> lookUp(UUID remittanceId, int level, List<CompletedTask> newestFirst, long jobKey) {
        return approvals.lookUp(this, remittanceId, level, newestFirst, jobKey);
    }

    /** As {@link Approvals#remind}. */
    public void remind(UUID remittanceId, boolean escalated) {
        approvals.remind(SUBJECT, remittanceId, escalated);
    }

    /** Decisions, oldest first. */
    public List<Approval> approvalsOf(UUID remittanceId) {
        return approvals.of(SUBJECT, remittanceId);
    }

    /**
     * Posts it if everybody who must has approved it. Repeating it changes nothing.
     *
     * @return {@link RemittanceState#POSTED}, or {@link RemittanceState#HELD} if it cannot be posted any more
     * @throws RuleViolation {@link Refusal#REMITTANCE_NOT_IN_REVIEW} if it is not approved
     */
    public RemittanceState post(UUID remittanceId) {
        RemittanceReview review = get(remittanceId);
        boolean approved =
                review.conflict() != null && !review.needsApproval() || approvals.isApproved(subject(review));
        if (!Boolean.TRUE.equals(review.approved()) || !approved) {
            throw new RuleViolation(Refusal.REMITTANCE_NOT_IN_REVIEW, "this remittance is not approved");
        }
        inTransaction(() -> rows.inReview(remittanceId)).ifPresent(remittances::postReviewed);
        RemittanceState state = get(remittanceId).state();
        if (state == RemittanceState.REVIEW) {
            throw new IllegalStateException("the file of remittance %s has no such part".formatted(remittanceId));
        }
        return state;
    }

    private Optional<Verification> recorded(ApprovalSubject subject, int level, long jobKey) {
        return approvals.recorded(subject, subject.version(), level, jobKey);
    }

    /**
     * Has a rejected or held remittance looked at once more: it waits for a review again, whatever the policy says, and is
     * read anew when it is posted. Whoever wants that does not approve it.
     *
     * @throws RuleViolation {@link Refusal#REMITTANCE_NOT_REOPENABLE} if it is neither, or its money does not balance
     */
    public void reopen(UUID remittanceId, String reason) {
        String why = reason.strip();
        if (why.isEmpty() || why.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 300 characters why");
        }
        inTransaction(() -> {
            find(remittanceId).ifPresent(this::requireEnded);
            requests.askAgain(remittanceId, why);
            audit.record("remittance.reopened", SUBJECT, remittanceId.toString(), Map.of("reason", why));
            return true;
        });
    }

    /** Whether its money balances: otherwise only a corrected file helps, and it is not opened again. */
    public boolean balances(UUID remittanceId) {
        return inTransaction(() -> rows.balances(remittanceId));
    }

    /** The process of the round before must be over, or it would meet the next one. */
    private void requireEnded(RemittanceReview review) {
        if (instances
                .find(RemittanceReviewSteps.PROCESS, review.processKey())
                .filter(instance -> instance.endedAt() != null)
                .isEmpty()) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE, "its review is just being closed: try again in a moment");
        }
    }

    @Override
    public String type() {
        return SUBJECT;
    }

    @Override
    public ApprovalSubject subject(UUID id) {
        return subject(reviews.get(id));
    }

    @Override
    public Locked lock(UUID id) {
        return new LockedReview(reviews.lock(id));
    }

    private static ApprovalSubject subject(RemittanceReview review) {
        List<String> levels = Objects.requireNonNullElse(review.levels(), List.of());
        UserId uploader = Objects.requireNonNullElse(review.requestedBy(), NOBODY);
        UserId reopenedBy = Objects.requireNonNullElse(review.reopenedBy(), uploader);
        return new ApprovalSubject(
                SUBJECT,
                review.remittanceId(),
                "remittance " + review.traceNumber(),
                review.round(),
                review.amount(),
                levels,
                review.approved() == null
                        && !levels.isEmpty()
                        && !review.conflictOpen()
                        && review.state() == RemittanceState.REVIEW,
                uploader,
                reopenedBy,
                RemittanceReviewSteps.APPROVE,
                Permission.REMITTANCES_APPROVE);
    }

    private <T> T inTransaction(java.util.function.Supplier<T> work) {
        return Objects.requireNonNull(transactions.execute(status -> work.get()));
    }

    private final class LockedReview implements Locked {

        private final RemittanceReview review;

        LockedReview(RemittanceReview review) {
            this.review = review;
        }

        @Override
        public ApprovalSubject subject() {
            return RemittanceReviews.subject(review);
        }

        @Override
        public RuleViolation notWaiting() {
            return new RuleViolation(Refusal.REMITTANCE_NOT_IN_REVIEW, "this remittance does not wait for an approval");
        }

        @Override
        public void approved(Approval approval, boolean last) {
            if (last) {
                reviews.decided(review.remittanceId(), true, approval.comment(), clock.instant());
            } else {
                reviews.refused(review.remittanceId(), null);
            }
        }

        @Override
        public void rejected(Approval approval) {
            reviews.decided(review.remittanceId(), false, approval.comment(), clock.instant());
            rows.changeReviewTo(RemittanceState.REJECTED, review.remittanceId());
            timeline.add(
                    SUBJECT,
                    review.remittanceId(),
                    approval.decidedBy(),
                    "Not posted",
                    "Nothing of it is in the books; its payment stays without a posting");
            audit.record(
                    "remittance.not-posted",
                    SUBJECT,
                    review.remittanceId().toString(),
                    Map.of("amount", review.amount().toString()));
        }

        @Override
        public void taskRefused(String reason) {
            reviews.refused(review.remittanceId(), reason);
        }
    }
}
