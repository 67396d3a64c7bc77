package io.remitflow.refunds;

import io.remitflow.claims.Claims;
import io.remitflow.claims.Payers;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Role;
import io.remitflow.payments.Payment;
import io.remitflow.payments.Payments;
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
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** What the rule says about a refund, and its approval; who may approve is for {@link Approvals} to say. */
@Service
public class RefundApprovals implements ApprovableCases {

    /** The decision that is asked. */
    public static final String RULE = "refund-approval";

    private final RefundRows rows;
    private final CreditReturnRows returns;
    private final Approvals approvals;
    private final Payments payments;
    private final Claims claims;
    private final Payers payers;
    private final PatientAccounts accounts;
    private final AchDestinations destinations;
    private final SplitWarnings warnings;
    private final Organizations organizations;
    private final CreditBalances creditBalances;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    RefundApprovals(
            RefundRows rows,
            CreditReturnRows returns,
            Approvals approvals,
            Payments payments,
            Claims claims,
            Payers payers,
            PatientAccounts accounts,
            AchDestinations destinations,
            SplitWarnings warnings,
            Organizations organizations,
            CreditBalances creditBalances,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions,
            Clock clock) {
        this.rows = rows;
        this.returns = returns;
        this.approvals = approvals;
        this.payments = payments;
        this.claims = claims;
        this.payers = payers;
        this.accounts = accounts;
        this.destinations = destinations;
        this.warnings = warnings;
        this.organizations = organizations;
        this.creditBalances = creditBalances;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** What {@code dmn/refund-approval.dmn} is asked with. */
    public record Facts(int version, Map<String, Object> inputs) {}

    /** Amounts in minor units. What is not known is left out, and the rule is strict then. */
    public Facts facts(UUID id) {
        return inTransaction(() -> {
            Refund refund = rows.get(id);
            Payment payment = payments.get(refund.paymentId());
            long amount = refund.amount().getAmountMinorLong();
            String currency = refund.amount().getCurrencyUnit().getCode();
            Instant since = clock.instant().minus(Approvals.EXPOSURE);
            long exposure = rows.exposureMinor(refund.accountId(), currency, since)
                    + returns.exposureMinor(refund.accountId(), currency, since);
            Map<String, Object> inputs = new LinkedHashMap<>();
            inputs.put("refundVersion", refund.version());
            inputs.put("amountMinor", amount);
            inputs.put("exposureMinor", Math.max(exposure, amount));
            inputs.put(
                    "sameCurrency",
                    refund.amount()
                            .getCurrencyUnit()
                            .equals(organizations.current().currency()));
            inputs.put("originalMethod", refund.originalMethod());
            inputs.put("type", refund.reason());
            inputs.put("ageDays", Math.max(0, ChronoUnit.DAYS.between(payment.date(), organizations.today())));
            inputs.put("requesterRole", approvals.requesterRole(refund.requestedBy()));
            UUID claimId = payment.claimId();
            if (claimId != null) {
                inputs.put(
                        "payerClass", payers.get(claims.get(claimId).payerId()).payerClass());
            }
            return new Facts(refund.version(), inputs);
        });
    }

    /** Signs that this version was split, judged by the rule and kept; the engine is asked. */
    public List<SplitWarning> splitting(UUID id, Facts facts, List<String> levels) {
        Refund refund = inTransaction(() -> rows.get(id));
        return warnings.note(
                subject(refund), RULE, facts.inputs(), levels, inTransaction(() -> related(refund, facts)));
    }

    private List<RelatedCases> related(Refund refund, Facts facts) {
        long own = ((Number) facts.inputs().getOrDefault("exposureMinor", 0L)).longValue();
        List<UUID> family = accounts.ofSameGuarantor(refund.accountId());
        destinations.completeFingerprints();
        return Arrays.stream(RelatedCases.Relation.values())
                .map(relation -> rows.related(
                        refund, relation, family, own, clock.instant().minus(Approvals.EXPOSURE)))
                .toList();
    }

    /** Signs of splitting that were found for this version. */
    public List<SplitWarning> splitting(UUID id) {
        return approvals.splitWarnings(inTransaction(() -> subject(rows.get(id))));
    }

    /**
     * A refund returns what a payment brought, whether or not the patient has a credit: who asks for it and who approves it
     * must see it if the patient owes the money afterwards. It says so until the money has left.
     */
    public Optional<String> beyondCredit(UUID id) {
        return inTransaction(() -> lookTwice(id));
    }

    @Override
    public Optional<String> lookTwice(UUID id) {
        Refund refund = rows.get(id);
        if (!refund.status().underWay() || refund.left()) {
            return Optional.empty();
        }
        Money balance = accounts.get(refund.accountId()).patientBalance();
        if (!balance.isSameCurrency(refund.amount())) {
            return Optional.empty();
        }
        Money owed = balance.plusMinor(rows.stillToLeaveMinor(
                refund.accountId(), balance.getCurrencyUnit().getCode()));
        return owed.isPositive()
                ? Optional.of(
                        "With this refund more is returned than the credit of the account: afterwards the patient owes "
                                + Amounts.format(owed))
                : Optional.empty();
    }

    /** As {@link Approvals#warningAboutMe}. */
    public Optional<String> warningAboutMe(UUID id) {
        return approvals.warningAboutMe(inTransaction(() -> subject(rows.get(id))));
    }

    /**
     * Takes over what the rule said about this version.
     *
     * @throws IllegalStateException if the refund changed since its facts were collected: collect them again
     */
    public Refund ruleAnswered(UUID id, int version, List<String> levels, String reason) {
        return inTransaction(() -> {
            RefundCase refund = rows.lock(id);
            Refund before = refund.state();
            if (before.status() == RefundStatus.CANCELLED || (before.levels() != null && before.version() == version)) {
                return before;
            }
            if (before.version() != version) {
                throw new IllegalStateException("refund " + before.number() + " changed while its rule was asked");
            }
            Approvals.requireKnown(levels);
            // What another party returns as well never leaves by rule alone.
            List<String> approvers =
                    levels.isEmpty() && before.holdReason() != null ? List.of(Role.BILLING_MANAGER.key()) : levels;
            refund.ruleAnswered(approvers, reason, clock.instant());
            rows.save(refund.state(), clock.instant());
            timeline.add(Refunds.SUBJECT, id, approvers.isEmpty() ? "Approved by rule" : "Needs approval", reason);
            lookTwice(id).ifPresent(warning -> timeline.add(Refunds.SUBJECT, id, "Warning", warning));
            return refund.state();
        });
    }

    /** As {@link Approvals#decide}. */
    public void decide(UUID id, ApprovalDecision decision) {
        approvals.decide(this, id, decision);
    }

    /** As {@link Approvals#recorded}. */
    public Optional<Verification> recorded(UUID id, int version, int level, long jobKey) {
        return approvals.recorded(subject(inTransaction(() -> rows.get(id))), version, level, jobKey);
    }

    /** As {@link Approvals#isDecided}. */
    public boolean isDecided(UUID id, int version, int level) {
        return approvals.isDecided(subject(inTransaction(() -> rows.get(id))), version, level);
    }

    /** As {@link Approvals#lookUp}. */
    public Optional<Verification> lookUp(UUID id, int level, List<CompletedTask> newestFirst, long jobKey) {
        return approvals.lookUp(this, id, level, newestFirst, jobKey);
    }

    /**
     * Takes an approval back because the payment no longer covers the refund, and asks the same people again: they reject
     * it, or it is changed or cancelled. What the rule had let pass goes to the billing manager. Repeating it changes
     * nothing.
     */
    public Refund fellShort(UUID id) {
        return inTransaction(() -> {
            RefundCase refund = rows.lock(id);
            Refund before = refund.state();
            String hold = before.holdReason();
            // Whoever waits for the gateway comes here only after the gateway said that it has nothing.
            boolean stopped = before.status() == RefundStatus.PROCESSING
                    && !before.left()
                    && (hold != null || before.step().equals(RefundSteps.AWAIT_GATEWAY));
            if (before.status() != RefundStatus.APPROVED && !stopped) {
                return before;
            }
            String reason = hold != null
                    ? hold
                    : "The payment no longer covers this refund: reject it, or have its amount changed";
            refund.fallsShort(
                    before.neededApproval() ? levels(before) : List.of(Role.BILLING_MANAGER.key()),
                    hold != null
                            ? "Approved before, but somebody else returns the same money"
                            : "Approved before, but the payment no longer covers it",
                    reason);
            rows.save(refund.state(), clock.instant());
            timeline.add(Refunds.SUBJECT, id, "Approval taken back", reason);
            audit.record(
                    "refund-fell-short",
                    Refunds.SUBJECT,
                    id.toString(),
                    Map.of("amount", before.amount().toString()));
            return refund.state();
        });
    }

    /** As {@link Approvals#remind}. */
    public void remind(UUID id, boolean escalated) {
        approvals.remind(Refunds.SUBJECT, id, escalated);
    }

    /** Decisions of all versions, oldest first. */
    public List<Approval> of(UUID id) {
        return approvals.of(Refunds.SUBJECT, id);
    }

    /** How many levels of what the refund is now have approved it. */
    public int given(UUID id) {
        return (int) ofVersion(inTransaction(() -> rows.get(id))).stream()
                .filter(Approval::approved)
                .count();
    }

    List<Approval> ofVersion(Refund refund) {
        return approvals.ofVersion(subject(refund));
    }

    /** Whatever its status says: an approved refund has the approvals that its rule asked for, of what it is now. */
    void requireApproved(Refund refund) {
        boolean decided = refund.status() == RefundStatus.APPROVED && refund.levels() != null;
        if (!decided || !approvals.isApproved(subject(refund))) {
            throw new RuleViolation(
                    Refusal.REFUND_NOT_IN_STATE, "refund %s is not approved".formatted(refund.number()));
        }
    }

    @Override
    public String type() {
        return Refunds.SUBJECT;
    }

    @Override
    public ApprovalSubject subject(UUID id) {
        return subject(rows.get(id));
    }

    @Override
    public Locked lock(UUID id) {
        return new LockedRefund(rows.lock(id));
    }

    private static ApprovalSubject subject(Refund refund) {
        return new ApprovalSubject(
                Refunds.SUBJECT,
                refund.id(),
                "refund " + refund.number(),
                refund.version(),
                refund.amount(),
                levels(refund),
                refund.status() == RefundStatus.PENDING && refund.levels() != null,
                refund.requestedBy(),
                refund.preparedBy(),
                refund.preparers(),
                RefundSteps.APPROVE,
                Permission.REFUNDS_APPROVE);
    }

    private static List<String> levels(Refund refund) {
        List<String> levels = refund.levels();
        return levels == null ? List.of() : levels;
    }

    private <T> T inTransaction(java.util.function.Supplier<T> work) {
        T result = transactions.execute(status -> work.get());
        if (result == null) {
            throw new IllegalStateException("no result");
        }
        return result;
    }

    private final class LockedRefund implements Locked {

        private final RefundCase refund;

        LockedRefund(RefundCase refund) {
            this.refund = refund;
        }

        @Override
        public ApprovalSubject subject() {
            return RefundApprovals.subject(refund.state());
        }

        @Override
        public RuleViolation notWaiting() {
            Refund state = refund.state();
            return new RuleViolation(
                    Refusal.REFUND_NOT_IN_STATE,
                    "refund %s is %s".formatted(state.number(), state.status().key()));
        }

        @Override
        public void approved(Approval approval, boolean last) {
            refund.approved(approval.decidedBy(), last, clock.instant());
            rows.save(refund.state(), clock.instant());
        }

        @Override
        public void rejected(Approval approval) {
            refund.rejected(approval.comment());
            creditBalances.refundAbandoned(
                    refund.state().creditBalanceId(), refund.state().id());
            rows.save(refund.state(), clock.instant());
        }

        @Override
        public void taskRefused(String reason) {
            refund.taskRefused(reason);
            rows.save(refund.state(), clock.instant());
        }
    }
}
