package io.remitflow.adjustments;

import io.remitflow.claims.Claims;
import io.remitflow.claims.Payers;
import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Settings;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.ApprovableCases;
import io.remitflow.workflow.Approval;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.ApprovalSubject;
import io.remitflow.workflow.Approvals;
import io.remitflow.workflow.CompletedTask;
import io.remitflow.workflow.RelatedCases;
import io.remitflow.workflow.SplitWarning;
import io.remitflow.workflow.SplitWarnings;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** What a rule is asked about a write-off and what it answered, and its approval; who may approve is for {@link Approvals}. */
@Service
public class AdjustmentApprovals implements ApprovableCases {

    private final AdjustmentRows rows;
    private final Adjustments adjustments;
    private final Approvals approvals;
    private final PatientAccounts accounts;
    private final Claims claims;
    private final Payers payers;
    private final Organizations organizations;
    private final Settings settings;
    private final SplitWarnings splitWarnings;
    private final Timeline timeline;
    private final TransactionTemplate transactions;
    private final Clock clock;

    AdjustmentApprovals(
            AdjustmentRows rows,
            Adjustments adjustments,
            Approvals approvals,
            PatientAccounts accounts,
            Claims claims,
            Payers payers,
            Organizations organizations,
            Settings settings,
            SplitWarnings splitWarnings,
            Timeline timeline,
            TransactionTemplate transactions,
            Clock clock) {
        this.rows = rows;
        this.adjustments = adjustments;
        this.approvals = approvals;
        this.accounts = accounts;
        this.claims = claims;
        this.payers = payers;
        this.organizations = organizations;
        this.settings = settings;
        this.splitWarnings = splitWarnings;
        this.timeline = timeline;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** @param rule the decision that is asked */
    public record Facts(String rule, int version, Map<String, Object> inputs) {}

    /** What the rule is asked with; amounts in minor units. What is not known is left out, and the rule is strict then. */
    public Facts facts(UUID id) {
        return inTransaction(() -> {
            Adjustment adjustment = rows.get(id);
            long exposure = exposure(List.of(adjustment.accountId()), adjustment)
                    .amount()
                    .getAmountMinorLong();
            Map<String, Object> inputs = new LinkedHashMap<>();
            inputs.put("writeOffVersion", adjustment.version());
            inputs.put("amountMinor", adjustment.amount().getAmountMinorLong());
            inputs.put("exposureMinor", Math.max(exposure, adjustment.amount().getAmountMinorLong()));
            inputs.put(
                    "sameCurrency",
                    adjustment
                            .amount()
                            .getCurrencyUnit()
                            .equals(organizations.current().currency()));
            inputs.put("type", adjustment.type().key());
            inputs.put(
                    "balanceMinor",
                    adjustments
                            .owed(adjustment.accountId(), adjustment.claimId(), adjustment.responsibility())
                            .getAmountMinorLong());
            inputs.put("smallBalanceMinor", settings.billing().smallBalance().getAmountMinorLong());
            inputs.put("requesterRole", approvals.requesterRole(adjustment.requestedBy()));
            UUID claimId = adjustment.claimId();
            if (claimId != null) {
                var claim = claims.get(claimId);
                inputs.put("payerClass", payers.get(claim.payerId()).payerClass());
                inputs.put("ageDays", Math.max(0, ChronoUnit.DAYS.between(claim.serviceTo(), organizations.today())));
            }
            return new Facts(adjustment.type().rule(), adjustment.version(), inputs);
        });
    }

    /**
     * Takes over what the rule said about this version. Without levels the rule itself approves.
     *
     * @throws IllegalStateException if the amount changed since the facts were collected: collect them again
     */
    public Adjustment ruleAnswered(UUID id, int version, List<String> levels, String reason) {
        return inTransaction(() -> {
            Adjustment before = rows.lock(id);
            if (before.status() == AdjustmentStatus.CANCELLED
                    || (before.levels() != null && before.version() == version)) {
                return before;
            }
            if (before.version() != version) {
                throw new IllegalStateException(before.number() + " changed while its rule was asked");
            }
            Approvals.requireKnown(levels);
            rows.ruleAnswered(id, levels, reason);
            timeline.add(Adjustments.SUBJECT, id, levels.isEmpty() ? "Approved by rule" : "Needs approval", reason);
            return rows.get(id);
        });
    }

    /** As {@link Approvals#decide}. */
    public void decide(UUID id, ApprovalDecision decision) {
        approvals.decide(this, id, decision);
    }

    /** As {@link Approvals#recorded}. */
    public Optional<Verification> recorded(UUID id, int version, int level, long jobKey) {
        return approvals.recorded(subject(adjustments.get(id)), version, level, jobKey);
    }

    /** As {@link Approvals#isDecided}. */
    public boolean isDecided(UUID id, int version, int level) {
        return approvals.isDecided(subject(adjustments.get(id)), version, level);
    }

    /** As {@link Approvals#lookUp}. */
    public Optional<Verification> lookUp(UUID id, int level, List<CompletedTask> newestFirst, long jobKey) {
        return approvals.lookUp(this, id, level, newestFirst, jobKey);
    }

    /** As {@link Approvals#remind}. */
    public void remind(UUID id, boolean escalated) {
        approvals.remind(Adjustments.SUBJECT, id, escalated);
    }

    /** Decisions of all versions, oldest first. */
    public List<Approval> of(UUID id) {
        return approvals.of(Adjustments.SUBJECT, id);
    }

    /** Signs that this version was split, judged by the rule and kept; the engine is asked. */
    public List<SplitWarning> splitting(UUID id, Facts facts, List<String> levels) {
        Adjustment adjustment = inTransaction(() -> rows.get(id));
        return splitWarnings.note(
                subject(adjustment),
                facts.rule(),
                facts.inputs(),
                levels,
                inTransaction(() -> related(adjustment, facts)));
    }

    private List<RelatedCases> related(Adjustment adjustment, Facts facts) {
        long own = ((Number) facts.inputs().getOrDefault("exposureMinor", 0L)).longValue();
        List<UUID> family = accounts.ofSameGuarantor(adjustment.accountId());
        return Stream.of(RelatedCases.Relation.GUARANTOR, RelatedCases.Relation.REQUESTER)
                .map(relation -> rows.related(
                        adjustment, relation, family, own, clock.instant().minus(Approvals.EXPOSURE)))
                .toList();
    }

    /** Signs of splitting that were found for this version. */
    public List<SplitWarning> splitting(UUID id) {
        return approvals.splitWarnings(inTransaction(() -> subject(rows.get(id))));
    }

    /** What else an approver should know before deciding. */
    public List<String> warnings(UUID id) {
        return inTransaction(() -> {
            Adjustment adjustment = rows.get(id);
            var warnings = new ArrayList<String>();
            var account = exposure(List.of(adjustment.accountId()), adjustment);
            if (account.requests() > 1) {
                warnings.add("%d requests on this account in 7 days or still open, together %s"
                        .formatted(account.requests(), Amounts.format(account.amount())));
            }
            approvals.warningAboutMe(subject(adjustment)).ifPresent(warnings::add);
            return List.copyOf(warnings);
        });
    }

    boolean isApproved(Adjustment adjustment) {
        return adjustment.status() == AdjustmentStatus.APPROVED
                && adjustment.levels() != null
                && approvals.isApproved(subject(adjustment));
    }

    @Override
    public String type() {
        return Adjustments.SUBJECT;
    }

    @Override
    public ApprovalSubject subject(UUID id) {
        return subject(rows.get(id));
    }

    @Override
    public Locked lock(UUID id) {
        rows.lock(id);
        return new LockedAdjustment(id);
    }

    private AdjustmentRows.Exposure exposure(List<UUID> accountIds, Adjustment adjustment) {
        return rows.exposure(
                accountIds,
                adjustment.amount().getCurrencyUnit().getCode(),
                clock.instant().minus(Approvals.EXPOSURE));
    }

    private static ApprovalSubject subject(Adjustment adjustment) {
        List<String> levels = adjustment.levels();
        return new ApprovalSubject(
                Adjustments.SUBJECT,
                adjustment.id(),
                adjustment.number(),
                adjustment.version(),
                adjustment.amount(),
                levels == null ? List.of() : levels,
                adjustment.status() == AdjustmentStatus.PENDING && levels != null,
                adjustment.requestedBy(),
                adjustment.preparedBy(),
                adjustment.preparers(),
                WriteOffSteps.APPROVE,
                Permission.WRITE_OFFS_APPROVE);
    }

    private <T> T inTransaction(java.util.function.Supplier<T> work) {
        T result = transactions.execute(status -> work.get());
        if (result == null) {
            throw new IllegalStateException("no result");
        }
        return result;
    }

    private final class LockedAdjustment implements Locked {

        private final UUID id;

        LockedAdjustment(UUID id) {
            this.id = id;
        }

        @Override
        public ApprovalSubject subject() {
            return AdjustmentApprovals.subject(rows.get(id));
        }

        @Override
        public RuleViolation notWaiting() {
            return Adjustments.notInState(rows.get(id));
        }

        @Override
        public void approved(Approval approval, boolean last) {
            if (last) {
                rows.approved(id, approval.decidedBy());
            } else {
                rows.refused(id, null);
            }
        }

        @Override
        public void rejected(Approval approval) {
            rows.ended(id, AdjustmentStatus.REJECTED, WriteOffSteps.REJECTED, approval.comment());
            adjustments.tellDenial(rows.get(id), false, approval.comment());
        }

        @Override
        public void taskRefused(String reason) {
            rows.refused(id, reason);
        }
    }
}
