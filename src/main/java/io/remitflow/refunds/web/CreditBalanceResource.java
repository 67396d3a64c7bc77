package io.remitflow.refunds.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.IdempotentRequests;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalanceSettings;
import io.remitflow.refunds.CreditBalanceSteps;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.CreditCases;
import io.remitflow.refunds.CreditClassification;
import io.remitflow.refunds.CreditClassification.BelongsTo;
import io.remitflow.refunds.CreditClassification.Cause;
import io.remitflow.refunds.CreditClassification.PayerClass;
import io.remitflow.refunds.CreditClock;
import io.remitflow.refunds.CreditEvidence;
import io.remitflow.refunds.CreditFilter;
import io.remitflow.refunds.CreditReturn;
import io.remitflow.refunds.CreditReturns;
import io.remitflow.refunds.Dormancy;
import io.remitflow.workflow.ApprovalDecision;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing/credit-balances")
class CreditBalanceResource {

    private final CreditBalances credits;
    private final CreditCases cases;
    private final CreditReturns returns;
    private final CreditBalanceTasks tasks;
    private final IdempotentRequests requests;
    private final Organizations organizations;

    CreditBalanceResource(
            CreditBalances credits,
            CreditCases cases,
            CreditReturns returns,
            CreditBalanceTasks tasks,
            IdempotentRequests requests,
            Organizations organizations) {
        this.credits = credits;
        this.cases = cases;
        this.returns = returns;
        this.tasks = tasks;
        this.requests = requests;
        this.organizations = organizations;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('refunds.view')")
    Page list(
            @RequestParam(defaultValue = "unresolved") String state,
            @RequestParam(defaultValue = "") String belongsTo,
            @RequestParam(defaultValue = "") String payerClass,
            @RequestParam(required = false) @Nullable Integer dueWithinDays,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        CreditFilter filter = filter(state, belongsTo, payerClass, dueWithinDays, after, limit);
        List<CreditView> items = credits.list(filter).stream().map(this::view).toList();
        return new Page(
                items, items.size() < filter.limit() ? null : items.getLast().id());
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('refunds.view')")
    CreditView get(@PathVariable UUID id) {
        return view(credits.get(id));
    }

    @PostMapping("/{id}/classification")
    @PreAuthorize("hasAuthority('refunds.request')")
    CreditView classify(@PathVariable UUID id, @RequestBody @Valid ClassificationBody body) {
        credits.get(id);
        CreditClassification classification = classification(body.belongsTo(), body.payerClass(), body.cause());
        long task = tasks.require(id, CreditBalanceSteps.CLASSIFY, null).key();
        cases.classify(id, task, classification, body.note() == null ? "" : body.note());
        return view(credits.get(id));
    }

    /** A choice that moves money starts its approval; nothing leaves before. */
    @PostMapping("/{id}/resolution")
    @PreAuthorize("hasAuthority('refunds.request')")
    CreditView resolve(
            @PathVariable UUID id,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody @Valid ResolutionBody body) {
        credits.get(id);
        requests.once("credit-resolutions", key, id + " " + body, () -> {
            var resolution = CreditCases.Resolution.ofKeys(body.choice(), body.reason(), body.target(), body.method());
            long task = tasks.require(id, CreditBalanceSteps.RESOLVE, null).key();
            cases.resolve(id, task, resolution);
            return id;
        });
        return view(credits.get(id));
    }

    @PostMapping("/{id}/finding")
    @PreAuthorize("hasAuthority('refunds.request')")
    CreditView conclude(@PathVariable UUID id, @RequestBody @Valid FindingBody body) {
        credits.get(id);
        long task = tasks.require(id, CreditBalanceSteps.INVESTIGATE, null).key();
        cases.conclude(id, task, body.finding());
        return view(credits.get(id));
    }

    @PostMapping("/{id}/approval")
    @PreAuthorize("hasAuthority('refunds.approve')")
    CreditView approve(@PathVariable UUID id, @RequestBody @Valid ApprovalBody body) {
        credits.get(id);
        long task = tasks.require(id, CreditBalanceSteps.APPROVE, null).key();
        returns.decide(
                underWay(returns, id).id(),
                new ApprovalDecision(task, 1, body.decision().equals("approve"), body.comment()));
        return view(credits.get(id));
    }

    @PostMapping("/{id}/payout")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    CreditView payBack(
            @PathVariable UUID id,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody @Valid PayoutBody body) {
        credits.get(id);
        requests.once("credit-payouts", key, id + " " + body, () -> {
            long task = tasks.require(id, CreditBalanceSteps.PAY_BACK, null).key();
            cases.payBack(id, task, body.reference());
            return id;
        });
        return view(credits.get(id));
    }

    @GetMapping("/{id}/evidence")
    @PreAuthorize("hasAuthority('refunds.view')")
    List<EvidenceView> evidence(@PathVariable UUID id) {
        credits.get(id);
        return credits.evidence(id).stream().map(EvidenceView::of).toList();
    }

    @PostMapping("/{id}/return")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    CreditView cameBack(@PathVariable UUID id, @RequestBody @Valid ReturnBody body) {
        credits.get(id);
        returns.cameBack(id, body.reason());
        return view(credits.get(id));
    }

    @PostMapping("/{id}/evidence")
    @PreAuthorize("hasAuthority('refunds.request')")
    @ResponseStatus(HttpStatus.CREATED)
    EvidenceView addEvidence(@PathVariable UUID id, @RequestBody @Valid EvidenceBody body) {
        String currency = credits.get(id).amount().getCurrencyUnit().getCode();
        String amount = body.amount();
        UUID added = credits.addEvidence(
                id,
                body.note(),
                amount == null || amount.isBlank() ? null : Amounts.parse(amount, currency),
                body.dated(),
                body.remittanceId(),
                body.paymentId(),
                body.journalEntryId());
        return credits.evidence(id).stream()
                .filter(each -> each.id().equals(added))
                .map(EvidenceView::of)
                .findFirst()
                .orElseThrow();
    }

    /** Somebody wrote to the owner before the credit becomes unclaimed property of the state. */
    @PostMapping("/{id}/letter")
    @PreAuthorize("hasAuthority('refunds.request')")
    CreditView letterSent(@PathVariable UUID id, @RequestBody @Valid LetterBody body) {
        credits.get(id);
        credits.letterSent(id, body.date());
        return view(credits.get(id));
    }

    @GetMapping("/settings")
    @PreAuthorize("hasAuthority('settings.manage')")
    CreditBalanceSettings settings() {
        return credits.settings();
    }

    @PutMapping("/settings")
    @PreAuthorize("hasAuthority('settings.manage')")
    CreditBalanceSettings changeSettings(@RequestBody CreditBalanceSettings settings) {
        credits.changeSettings(settings);
        return credits.settings();
    }

    static CreditFilter filter(
            String show,
            String belongsTo,
            String payerClass,
            @Nullable Integer within,
            @Nullable UUID after,
            int limit) {
        CreditBalance.State state = switch (show) {
            case "unresolved", "all", "letter" -> null;
            case "requested" -> CreditBalance.State.REFUND_REQUESTED;
            default -> oneOf(CreditBalance.State.class, show, "the state");
        };
        return new CreditFilter(
                state,
                show.equals("all"),
                belongsTo.isBlank() ? null : oneOf(BelongsTo.class, belongsTo, "whose money it is"),
                payerClass.isBlank() ? null : oneOf(PayerClass.class, payerClass, "the class of the payer"),
                within,
                show.equals("letter"),
                after,
                limit);
    }

    static CreditClassification classification(String belongsTo, String payerClass, String cause) {
        return new CreditClassification(
                oneOf(BelongsTo.class, belongsTo, "whose money it is"),
                oneOf(PayerClass.class, payerClass, "the class of the payer"),
                oneOf(Cause.class, cause, "the cause"));
    }

    static CreditReturn underWay(CreditReturns returns, UUID id) {
        return returns.underWay(id)
                .orElseThrow(
                        () -> new RuleViolation(Refusal.CHANGED_MEANWHILE, "nothing is under way for this credit"));
    }

    private static <T extends Enum<T>> T oneOf(Class<T> type, String key, String what) {
        try {
            return Enum.valueOf(type, key.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "choose " + what + " from the list");
        }
    }

    private CreditView view(CreditBalance credit) {
        CreditClock.Deadline deadline = credits.deadline(credit);
        Optional<Dormancy> dormancy = credit.isResolved() ? Optional.empty() : credits.dormancy(credit);
        LocalDate today = organizations.today();
        CreditClassification classification = credit.classification();
        return new CreditView(
                credit.id(),
                credit.accountId(),
                credit.claimId(),
                credit.payerId(),
                credit.paymentId(),
                credit.amount().getAmount().toPlainString(),
                credit.amount().getCurrencyUnit().getCode(),
                credit.state().key(),
                credit.step(),
                classification == null ? null : classification.belongsTo().key(),
                classification == null ? null : classification.payerClass().key(),
                classification == null ? null : classification.cause().key(),
                credit.classifiedBy() != null,
                credit.identifiedOn(),
                deadline.dueOn(),
                deadline.isSuspended(today),
                credit.isResolved() ? null : deadline.daysLeft(today),
                dormancy.map(Dormancy::letterDueOn).orElse(null),
                dormancy.map(Dormancy::reportableOn).orElse(null),
                credit.letterSentOn(),
                credit.openedAt(),
                credit.resolvedAt(),
                credit.closing() == null ? null : credit.closing().key(),
                credit.resolution());
    }

    record Page(List<CreditView> items, @Nullable UUID next) {}

    record ClassificationBody(
            @NotBlank @Size(max = 30) String belongsTo,
            @NotBlank @Size(max = 30) String payerClass,
            @NotBlank @Size(max = 50) String cause,
            @Nullable @Size(max = 500) String note) {}

    record ResolutionBody(
            @NotBlank @Size(max = 30) String choice,
            @NotBlank @Size(max = 500) String reason,
            @Nullable @Size(max = 80) String target,
            @Nullable @Size(max = 10) String method) {}

    record FindingBody(@NotBlank @Size(max = 500) String finding) {}

    record ApprovalBody(
            @NotBlank @Pattern(regexp = "approve|reject") String decision,
            @Nullable @Size(max = 500) String comment) {}

    record PayoutBody(@NotBlank @Size(max = 50) String reference) {}

    record ReturnBody(@NotBlank @Size(max = 500) String reason) {}

    record LetterBody(@NotNull LocalDate date) {}

    record EvidenceBody(
            @NotBlank @Size(max = 2000) String note,
            @Nullable @Size(max = 30) String amount,
            @Nullable LocalDate dated,
            @Nullable UUID remittanceId,
            @Nullable UUID paymentId,
            @Nullable UUID journalEntryId) {}

    record EvidenceView(
            UUID id,
            String note,
            @Nullable String amount,
            @Nullable LocalDate dated,
            @Nullable UUID remittanceId,
            @Nullable UUID paymentId,
            @Nullable UUID journalEntryId,
            @Nullable UUID recordedBy,
            Instant recordedAt) {

        static EvidenceView of(CreditEvidence evidence) {
            Money amount = evidence.amount();
            return new EvidenceView(
                    evidence.id(),
                    evidence.note(),
                    amount == null ? null : amount.getAmount().toPlainString(),
                    evidence.dated(),
                    evidence.remittanceId(),
                    evidence.paymentId(),
                    evidence.journalEntryId(),
                    evidence.recordedBy() == null ? null : evidence.recordedBy().value(),
                    evidence.recordedAt());
        }
    }

    record CreditView(
            UUID id,
            UUID accountId,
            @Nullable UUID claimId,
            @Nullable UUID payerId,
            @Nullable UUID paymentId,
            String amount,
            String currency,
            String state,
            String step,
            @Nullable String belongsTo,
            @Nullable String payerClass,
            @Nullable String cause,
            boolean classified,
            LocalDate identifiedOn,
            LocalDate dueOn,
            boolean suspended,
            @Nullable Long daysLeft,
            @Nullable LocalDate letterDueOn,
            @Nullable LocalDate reportableOn,
            @Nullable LocalDate letterSentOn,
            Instant openedAt,
            @Nullable Instant resolvedAt,
            @Nullable String closing,
            @Nullable String resolution) {}
}
