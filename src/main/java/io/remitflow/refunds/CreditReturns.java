package io.remitflow.refunds;

import static io.remitflow.ledger.StandardAccount.AR_PATIENTS;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.PostedEntry;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Credits that pay another balance of their guarantor or go back to their payer: the rule, the approval, the booking.
 *
 * <p>They are approved by the rule of refunds, which judges them together with the refunds of the account.
 */
@Service
public class CreditReturns implements ApprovableCases {

    /** Subject of approvals and decisions. */
    public static final String SUBJECT = "credit-return";

    private static final int VERSION = 1;
    private static final int MAX_REFERENCE = 50;

    private final CreditReturnRows returns;
    private final CreditRows rows;
    private final CreditBalances credits;
    private final RefundRows refunds;
    private final RefundChecks checks;
    private final CreditReturnBooking booking;
    private final SplitWarnings warnings;
    private final PatientAccounts accounts;
    private final Journal journal;
    private final Approvals approvals;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    CreditReturns(
            CreditReturnRows returns,
            CreditRows rows,
            CreditBalances credits,
            RefundRows refunds,
            RefundChecks checks,
            CreditReturnBooking booking,
            SplitWarnings warnings,
            PatientAccounts accounts,
            Journal journal,
            Approvals approvals,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions,
            Clock clock) {
        this.returns = returns;
        this.rows = rows;
        this.credits = credits;
        this.refunds = refunds;
        this.checks = checks;
        this.booking = booking;
        this.warnings = warnings;
        this.accounts = accounts;
        this.journal = journal;
        this.approvals = approvals;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * An open balance of the patient that a credit could pay.
     *
     * @param claimId null: what the account owes without a claim
     */
    public record Target(
            UUID accountId, String accountNumber, @Nullable UUID claimId, Money open) {

        /** What a form sends back. */
        public String key() {
            return accountId + (claimId == null ? "" : ":" + claimId);
        }
    }

    /** Of the same guarantor, the account of the credit first; empty where policy or law forbids it. */
    public List<Target> targets(UUID creditId) {
        return inTransaction(() -> {
            CreditBalance credit = rows.get(creditId);
            return whyNoTransfer(credit).isPresent() ? List.of() : targets(credit);
        });
    }

    /** Why a credit can pay nothing else; empty if it can. */
    public Optional<String> whyNoTransfer(UUID creditId) {
        return inTransaction(() -> whyNoTransfer(rows.get(creditId)));
    }

    /** Newest first. */
    public List<CreditReturn> of(UUID creditId) {
        return inTransaction(() -> returns.of(creditId));
    }

    public Optional<CreditReturn> underWay(UUID creditId) {
        return inTransaction(() -> returns.underWay(creditId));
    }

    /** What {@code dmn/refund-approval.dmn} is asked with. */
    public Map<String, Object> facts(CreditReturn wanted) {
        return inTransaction(() -> {
            CreditBalance credit = rows.get(wanted.creditId());
            var currency = wanted.amount().getCurrencyUnit();
            var since = clock.instant().minus(Approvals.EXPOSURE);
            long exposure = returns.exposureMinor(credit.accountId(), currency.getCode(), since)
                    + refunds.exposureMinor(credit.accountId(), currency.getCode(), since);
            CreditClassification classification = Objects.requireNonNull(credit.classification());
            Map<String, Object> inputs = new LinkedHashMap<>();
            inputs.put("amountMinor", wanted.amount().getAmountMinorLong());
            inputs.put("exposureMinor", Math.max(exposure, wanted.amount().getAmountMinorLong()));
            inputs.put("sameCurrency", currency.equals(organizations.current().currency()));
            inputs.put("originalMethod", true);
            inputs.put("type", wanted.kind().key());
            inputs.put("payerClass", classification.payerClass().key());
            inputs.put("requesterRole", approvals.requesterRole(wanted.requestedBy()));
            inputs.put("ageDays", Math.max(0, ChronoUnit.DAYS.between(credit.identifiedOn(), organizations.today())));
            return inputs;
        });
    }

    /**
     * What the rule said.
     *
     * @param groups who is asked first, if that is not whoever has the role of the first level
     */
    public record Answer(List<String> levels, String reason, List<String> groups, int dueDays, String escalateTo) {

        public static Answer of(List<String> levels, String reason) {
            return new Answer(levels, reason, List.of(), CreditReturn.DUE_DAYS, "cfo");
        }
    }

    /** Signs that it was split, judged by the rule and kept; the engine is asked. */
    public List<SplitWarning> splitting(CreditReturn wanted, Map<String, Object> inputs, List<String> levels) {
        return warnings.note(
                subject(wanted), RefundApprovals.RULE, inputs, levels, inTransaction(() -> related(wanted, inputs)));
    }

    private List<RelatedCases> related(CreditReturn wanted, Map<String, Object> inputs) {
        long own = ((Number) inputs.getOrDefault("exposureMinor", 0L)).longValue();
        UUID account = rows.get(wanted.creditId()).accountId();
        List<UUID> family = accounts.ofSameGuarantor(account);
        return Arrays.stream(RelatedCases.Relation.values())
                .map(relation -> returns.related(
                        wanted, account, relation, family, own, clock.instant().minus(Approvals.EXPOSURE)))
                .toList();
    }

    /** Signs of splitting that were found when its rule was asked. */
    public List<SplitWarning> splitting(CreditReturn wanted) {
        return approvals.splitWarnings(subject(wanted));
    }

    /** As {@link Approvals#warningAboutMe}. */
    public Optional<String> warningAboutMe(CreditReturn wanted) {
        return approvals.warningAboutMe(subject(wanted));
    }

    /** Its approval is due, or overdue: then whom the rule names is asked too. Repeating it changes nothing. */
    public void remind(UUID creditId, boolean escalated) {
        boolean waits = inTransaction(() -> {
            CreditBalance credit = rows.lock(creditId);
            Optional<CreditReturn> wanted = returns.underWay(creditId);
            if (wanted.isEmpty() || !credit.step().equals(CreditBalanceSteps.APPROVE)) {
                return false;
            }
            if (escalated) {
                returns.escalated(wanted.get().id(), level(wanted.get()));
            }
            return true;
        });
        if (waits) {
            approvals.remind(CreditBalances.SUBJECT, creditId, escalated);
        }
    }

    /** Takes over what the rule said; without levels the rule itself approves. Repeating it changes nothing. */
    public void ruleAnswered(UUID creditId, UUID returnId, Answer answer) {
        List<String> levels = answer.levels();
        String reason = answer.reason();
        inTransaction(() -> {
            CreditBalance credit = lock(returns.get(returnId));
            CreditReturn wanted = returns.get(returnId);
            if (wanted.levels() != null || wanted.status() != CreditReturn.Status.PENDING) {
                return true;
            }
            Approvals.requireKnown(levels);
            returns.ruleAnswered(
                    returnId, answer, levels.isEmpty() ? CreditReturn.Status.APPROVED : CreditReturn.Status.PENDING);
            rows.step(creditId, levels.isEmpty() ? next(wanted) : CreditBalanceSteps.APPROVE, null);
            timeline.add(
                    CreditBalances.SUBJECT,
                    credit.id(),
                    null,
                    levels.isEmpty() ? "Approved by rule" : "Needs approval",
                    reason);
            return true;
        });
    }

    public CreditReturn get(UUID returnId) {
        return inTransaction(() -> returns.get(returnId));
    }

    /** As {@link Approvals#decide}. */
    public void decide(UUID returnId, ApprovalDecision decision) {
        approvals.decide(this, returnId, decision);
    }

    /** Decisions about it, oldest first. */
    public List<Approval> approvals(UUID returnId) {
        return approvals.of(SUBJECT, returnId);
    }

    /** At which level it stands, from 1. */
    public int level(CreditReturn wanted) {
        return approvals.ofVersion(subject(wanted)).size() + 1;
    }

    /** Whether a completed approval task counted or was refused; empty: it is not visible yet. */
    public Optional<Verification> verify(UUID returnId, int level, List<CompletedTask> newestFirst, long jobKey) {
        CreditReturn wanted = inTransaction(() -> returns.get(returnId));
        return approvals
                .recorded(subject(wanted), VERSION, level, jobKey)
                .or(() -> approvals.lookUp(this, returnId, level, newestFirst, jobKey));
    }

    /**
     * Books a transfer once it is approved. What cannot be done any more goes back to a person. Repeating it changes nothing.
     */
    public void postTransfer(UUID creditId) {
        inTransaction(() -> {
            Optional<CreditReturn> found = returns.underWay(creditId);
            if (found.isEmpty() || found.get().kind() != CreditReturn.Kind.TRANSFER) {
                return true;
            }
            CreditBalance credit = lock(found.get());
            CreditReturn wanted = returns.get(found.get().id());
            if (!wanted.isUnderWay()) {
                return true;
            }
            requireApproved(wanted);
            Optional<String> obstacle = whyNoTransfer(credit).or(() -> tooMuch(credit, wanted));
            if (obstacle.isPresent()) {
                returns.end(wanted.id(), CreditReturn.Status.CANCELLED);
                rows.step(creditId, CreditBalanceSteps.RESOLVE, obstacle.get());
                timeline.add(CreditBalances.SUBJECT, creditId, null, "Not transferred", obstacle.get());
                return true;
            }
            post(credit, wanted);
            return true;
        });
    }

    /** What of a case was paid to its payer by transfer, so that a person has to say it if it comes back. */
    public Optional<CreditReturn> paidByTransfer(UUID creditId) {
        return of(creditId).stream().filter(CreditReturns::isToldByAPerson).findFirst();
    }

    private static boolean isToldByAPerson(CreditReturn paid) {
        return paid.kind() == CreditReturn.Kind.PAYER_REFUND
                && paid.status() == CreditReturn.Status.POSTED
                && !paid.byCheck();
    }

    /**
     * The signed-in person says that money which had left for a payer by transfer is back: it is owed again, since the day
     * the credit was found.
     *
     * @throws RuleViolation {@link Refusal#REFUND_NOT_IN_STATE} if none did, or by check: that is voided or stopped
     */
    public void cameBack(UUID creditId, String reason) {
        String why = RefundReturns.howKnown(reason);
        transactions.executeWithoutResult(status -> {
            CreditReturn paid = paidByTransfer(creditId)
                    .map(each -> booking.lock(each.id()))
                    .filter(CreditReturns::isToldByAPerson)
                    .orElseThrow(
                            () -> new RuleViolation(
                                    Refusal.REFUND_NOT_IN_STATE,
                                    "nothing was paid to the payer by transfer that could come back; a check is voided or stopped"));
            booking.takeBack(paid, why);
        });
    }

    /** The person paid the payer; books it at once. A check takes the number given, or without one the next of the book. */
    void payBack(CreditBalance credit, Person person, String reference) {
        CreditReturn wanted = returns.underWay(credit.id())
                .filter(each -> each.kind() == CreditReturn.Kind.PAYER_REFUND)
                .orElseThrow(() -> new RuleViolation(Refusal.CHANGED_MEANWHILE, "no refund to the payer is under way"));
        requireApproved(wanted);
        booking.requireMayPayOut(wanted, person);
        String text = reference.strip();
        String paidUnder;
        if (wanted.byCheck()) {
            paidUnder = checks.issue(credit, wanted, RefundPayouts.checkNumber(text), person.id())
                    .reference();
        } else if (text.isEmpty()
                || text.length() > MAX_REFERENCE
                || text.replaceAll("[ -]", "").matches(".*\\d{13,}.*")) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "give the trace number, at most 50 characters, no card number");
        } else {
            paidUnder = text;
        }
        PostedEntry entry = booking.paid(credit, wanted, person, paidUnder);
        told(
                credit,
                "Paid back",
                "%s to the payer, %s %s"
                        .formatted(
                                Amounts.format(wanted.amount()), wanted.byCheck() ? "check" : "reference", paidUnder),
                entry.number());
        rows.step(credit.id(), CreditBalanceSteps.RESOLVE, null);
        credits.settleAgain(rows.get(credit.id()));
    }

    /**
     * With account and case locked.
     *
     * @param targetKey of a {@link Target}, or the number of its account
     */
    void requestTransfer(CreditBalance credit, Person person, String targetKey, String reason) {
        whyNoTransfer(credit).ifPresent(why -> {
            throw new RuleViolation(Refusal.CREDIT_CHOICE_NOT_ALLOWED, why);
        });
        Target target = targets(credit).stream()
                .filter(each ->
                        each.key().equals(targetKey) || each.accountNumber().equals(targetKey.strip()))
                .findFirst()
                .orElseThrow(() -> new RuleViolation(
                        Refusal.INVALID_INPUT, "choose an account of the same guarantor that owes something"));
        Money amount = target.open().isLessThan(credit.amount()) ? target.open() : credit.amount();
        request(
                credit,
                person,
                CreditReturn.Kind.TRANSFER,
                amount,
                target.accountId(),
                target.claimId(),
                credit.paymentId(),
                null,
                reason);
    }

    /** With account and case locked. */
    void requestPayerRefund(CreditBalance credit, Person person, String method, String reason) {
        if (credit.payerId() == null) {
            throw new RuleViolation(
                    Refusal.CREDIT_CHOICE_NOT_ALLOWED,
                    "the credit stands on the side of the patient: correct the claim first, then the payer has it");
        }
        if (!method.equals("check") && !method.equals("ach")) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a payer is refunded by check or ach");
        }
        request(credit, person, CreditReturn.Kind.PAYER_REFUND, credit.amount(), null, null, null, method, reason);
    }

    private void request(
            CreditBalance credit,
            Person person,
            CreditReturn.Kind kind,
            Money amount,
            @Nullable UUID accountId,
            @Nullable UUID claimId,
            @Nullable UUID paymentId,
            @Nullable String method,
            String reason) {
        var wanted = new CreditReturn(
                io.remitflow.core.Ids.next(),
                credit.id(),
                accounts.get(credit.accountId()).number(),
                kind,
                amount,
                accountId,
                claimId,
                paymentId,
                method,
                reason,
                CreditReturn.Status.PENDING,
                null,
                null,
                person.id(),
                clock.instant(),
                null,
                null,
                null,
                List.of(),
                CreditReturn.DUE_DAYS,
                null,
                null);
        returns.insert(wanted);
        rows.step(credit.id(), CreditBalanceSteps.DETERMINE, null);
        audit.record(
                "credit-return-requested",
                CreditBalances.SUBJECT,
                credit.id().toString(),
                Map.of("return", wanted.id().toString(), "kind", kind.key(), "amount", amount.toString()));
    }

    private void post(CreditBalance credit, CreditReturn wanted) {
        UUID target = Objects.requireNonNull(wanted.targetAccountId());
        Money amount = wanted.amount();
        String key = "credit-return:" + wanted.id();
        String words = "Credit used for another balance of the guarantor";
        var entry = journal.post(NewEntry.on(organizations.today(), "refunds", key, words)
                .debit(AR_PATIENTS, amount)
                .credit(AR_PATIENTS, amount)
                .reference(CreditBalances.SUBJECT, credit.id())
                .inOpenPeriod()
                .build());
        accounts.record(List.of(
                posting(
                        credit.accountId(),
                        credit.claimId(),
                        TransactionType.TRANSFER,
                        Responsibility.PATIENT,
                        amount,
                        null,
                        entry.id(),
                        words,
                        key + ":from"),
                posting(
                        target,
                        wanted.targetClaimId(),
                        TransactionType.TRANSFER,
                        Responsibility.PATIENT,
                        amount.negated(),
                        null,
                        entry.id(),
                        words,
                        key + ":to")));
        returns.posted(wanted.id(), entry.id(), null, null);
        told(
                credit,
                "Transferred",
                "%s to account %s"
                        .formatted(Amounts.format(amount), accounts.get(target).number()),
                entry.number());
        rows.step(credit.id(), CreditBalanceSteps.RESOLVE, null);
        credits.settleAgain(rows.get(credit.id()));
    }

    private void told(CreditBalance credit, String step, String text, String entryNumber) {
        timeline.add(CreditBalances.SUBJECT, credit.id(), step, "%s; journal entry %s".formatted(text, entryNumber));
        audit.record(
                "credit-return-posted", CreditBalances.SUBJECT, credit.id().toString(), Map.of("entry", entryNumber));
    }

    private AccountPosting posting(
            UUID accountId,
            @Nullable UUID claimId,
            TransactionType type,
            Responsibility responsibility,
            Money amount,
            @Nullable UUID payerId,
            UUID entryId,
            String text,
            String key) {
        return new AccountPosting(
                accountId,
                organizations.today(),
                type,
                responsibility,
                amount,
                claimId,
                null,
                payerId,
                entryId,
                text,
                key);
    }

    private Optional<String> whyNoTransfer(CreditBalance credit) {
        CreditClassification classification = credit.classification();
        if (credit.isMedicare()) {
            return Optional.of("Money of Medicare pays nothing else: it goes back to Medicare");
        }
        if (credit.payerId() != null
                || classification == null
                || classification.belongsTo() == CreditClassification.BelongsTo.PAYER) {
            return Optional.of("Money of a payer does not pay what patients owe");
        }
        return rows.settings().transfersAllowed()
                ? Optional.empty()
                : Optional.of("The policy of this organization returns credits and uses them for nothing else");
    }

    private Optional<String> tooMuch(CreditBalance credit, CreditReturn wanted) {
        boolean stillOwed = targets(credit).stream()
                .anyMatch(target -> target.accountId().equals(wanted.targetAccountId())
                        && Objects.equals(target.claimId(), wanted.targetClaimId())
                        && !target.open().isLessThan(wanted.amount()));
        return stillOwed && !wanted.amount().isGreaterThan(credit.amount())
                ? Optional.empty()
                : Optional.of("Meanwhile so much is not owed there any more, or the credit is smaller");
    }

    private List<Target> targets(CreditBalance credit) {
        List<UUID> ids = new ArrayList<>();
        ids.add(credit.accountId());
        accounts.ofSameGuarantor(credit.accountId()).stream()
                .filter(id -> !id.equals(credit.accountId()))
                .forEach(ids::add);
        Map<UUID, PatientAccount> known = accounts.all(ids);
        List<Target> targets = new ArrayList<>();
        for (UUID id : ids) {
            PatientAccount account = Objects.requireNonNull(known.get(id));
            Money without = account.patientBalance();
            for (var claim : accounts.claimBalances(id).entrySet()) {
                Money open = claim.getValue().patient();
                without = without.minus(open);
                if (open.isPositive() && !claim.getKey().equals(credit.claimId())) {
                    targets.add(new Target(id, account.number(), claim.getKey(), open));
                }
            }
            if (without.isPositive()) {
                targets.add(new Target(id, account.number(), null, without));
            }
        }
        return targets;
    }

    /** Accounts before the case, as the posting of a remittance does it. */
    private CreditBalance lock(CreditReturn wanted) {
        List<UUID> ids = new ArrayList<>();
        ids.add(rows.get(wanted.creditId()).accountId());
        if (wanted.targetAccountId() != null) {
            ids.add(wanted.targetAccountId());
        }
        accounts.lock(ids);
        return rows.lock(wanted.creditId());
    }

    private void requireApproved(CreditReturn wanted) {
        boolean decided = wanted.status() == CreditReturn.Status.APPROVED && wanted.levels() != null;
        if (!decided || !approvals.isApproved(subject(wanted))) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "what shall become of the credit is not approved");
        }
    }

    private static String next(CreditReturn wanted) {
        return wanted.kind() == CreditReturn.Kind.TRANSFER ? CreditBalanceSteps.POST : CreditBalanceSteps.PAY_BACK;
    }

    private static List<String> levels(CreditReturn wanted) {
        return Objects.requireNonNullElse(wanted.levels(), List.of());
    }

    private static ApprovalSubject subject(CreditReturn wanted) {
        return new ApprovalSubject(
                SUBJECT,
                wanted.id(),
                wanted.number(),
                VERSION,
                wanted.amount(),
                levels(wanted),
                wanted.status() == CreditReturn.Status.PENDING && wanted.levels() != null,
                wanted.requestedBy(),
                wanted.requestedBy(),
                CreditBalanceSteps.APPROVE,
                Permission.REFUNDS_APPROVE);
    }

    @Override
    public String type() {
        return SUBJECT;
    }

    @Override
    public ApprovalSubject subject(UUID id) {
        return subject(returns.get(id));
    }

    @Override
    public Locked lock(UUID id) {
        lock(returns.get(id));
        return new LockedReturn(returns.get(id));
    }

    private <T> T inTransaction(Supplier<T> work) {
        return Objects.requireNonNull(transactions.execute(status -> work.get()));
    }

    private final class LockedReturn implements Locked {

        private final CreditReturn wanted;

        LockedReturn(CreditReturn wanted) {
            this.wanted = wanted;
        }

        @Override
        public ApprovalSubject subject() {
            return CreditReturns.subject(wanted);
        }

        @Override
        public RuleViolation notWaiting() {
            return new RuleViolation(
                    Refusal.CHANGED_MEANWHILE,
                    "this is %s already".formatted(wanted.status().key()));
        }

        @Override
        public void approved(Approval approval, boolean last) {
            if (last) {
                returns.approved(wanted.id());
                rows.step(wanted.creditId(), next(wanted), null);
            }
            timeline.add(
                    CreditBalances.SUBJECT,
                    wanted.creditId(),
                    approval.decidedBy(),
                    "Approved",
                    "Level %d: %s".formatted(approval.level(), wanted.words()));
        }

        @Override
        public void rejected(Approval approval) {
            returns.end(wanted.id(), CreditReturn.Status.REJECTED);
            String comment = approval.comment();
            // What the case stands at is told to the engine; what somebody typed stays in the books.
            rows.step(wanted.creditId(), CreditBalanceSteps.RESOLVE, "Rejected: the history of the case says why");
            timeline.add(
                    CreditBalances.SUBJECT,
                    wanted.creditId(),
                    approval.decidedBy(),
                    "Rejected",
                    wanted.words() + (comment == null ? "" : ": " + comment));
        }

        @Override
        public void taskRefused(String reason) {
            rows.refused(wanted.creditId(), reason);
        }
    }
}
