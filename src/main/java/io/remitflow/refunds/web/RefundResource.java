package io.remitflow.refunds.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.payments.IdempotentRequests;
import io.remitflow.payments.Payments;
import io.remitflow.refunds.Refund;
import io.remitflow.refunds.RefundApprovals;
import io.remitflow.refunds.RefundFilter;
import io.remitflow.refunds.RefundHolds;
import io.remitflow.refunds.RefundMethod;
import io.remitflow.refunds.RefundPayouts;
import io.remitflow.refunds.RefundRequest;
import io.remitflow.refunds.RefundReturns;
import io.remitflow.refunds.RefundStatus;
import io.remitflow.refunds.RefundSteps;
import io.remitflow.refunds.Refunds;
import io.remitflow.workflow.ApprovalDecision;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing")
class RefundResource {

    private final Refunds refunds;
    private final RefundApprovals approvals;
    private final RefundPayouts payouts;
    private final RefundReturns returns;
    private final RefundHolds holds;
    private final Payments payments;
    private final IdempotentRequests requests;
    private final RefundTasks tasks;

    RefundResource(
            Refunds refunds,
            RefundApprovals approvals,
            RefundPayouts payouts,
            RefundReturns returns,
            RefundHolds holds,
            Payments payments,
            IdempotentRequests requests,
            RefundTasks tasks) {
        this.refunds = refunds;
        this.approvals = approvals;
        this.payouts = payouts;
        this.returns = returns;
        this.holds = holds;
        this.payments = payments;
        this.requests = requests;
        this.tasks = tasks;
    }

    @PostMapping("/payments/{paymentId}/refund")
    @PreAuthorize("hasAuthority('refunds.request')")
    ResponseEntity<RefundView> request(
            @PathVariable UUID paymentId,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody @Valid RequestBodyView body) {
        String currency = payments.get(paymentId).amount().getCurrencyUnit().getCode();
        UUID id = requests.once(
                "refunds", key, paymentId + " " + body, () -> refunds.request(body.toRequest(paymentId, currency)));
        return ResponseEntity.created(URI.create("/billing/refunds/" + id)).body(RefundView.of(refunds.get(id)));
    }

    @GetMapping("/refunds")
    @PreAuthorize("hasAuthority('refunds.view')")
    Page list(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable UUID accountId,
            @RequestParam(required = false) @Nullable UUID paymentId,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        var filter = new RefundFilter(status(status), false, accountId, paymentId, after, limit);
        List<RefundView> items =
                refunds.list(filter).stream().map(RefundView::of).toList();
        return new Page(
                items, items.size() < filter.limit() ? null : items.getLast().id());
    }

    @GetMapping("/refunds/{id}")
    @PreAuthorize("hasAuthority('refunds.view')")
    RefundView get(@PathVariable UUID id) {
        return RefundView.of(refunds.get(id));
    }

    @PostMapping("/refunds/{id}/approval")
    @PreAuthorize("hasAuthority('refunds.approve')")
    RefundView approve(@PathVariable UUID id, @RequestBody @Valid ApprovalBody body) {
        refunds.get(id);
        long task = tasks.require(id, RefundSteps.APPROVE, null).key();
        approvals.decide(
                id, new ApprovalDecision(task, body.version(), body.decision().equals("approve"), body.comment()));
        return RefundView.of(refunds.get(id));
    }

    /** Paid out by hand: a check or cash without reference takes the next number. */
    @PostMapping("/refunds/{id}/payout")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    RefundView payOut(@PathVariable UUID id, @RequestBody(required = false) @Nullable @Valid PayoutBody body) {
        refunds.get(id);
        long task = tasks.require(id, RefundSteps.PAY_OUT, null).key();
        String reference = body == null ? null : body.reference();
        payouts.payOut(id, task, reference == null ? "" : reference);
        return RefundView.of(refunds.get(id));
    }

    @PostMapping("/refunds/{id}/method")
    @PreAuthorize("hasAuthority('refunds.request')")
    RefundView chooseMethod(@PathVariable UUID id, @RequestBody @Valid MethodBody body) {
        refunds.get(id);
        long task = tasks.require(id, RefundSteps.CHOOSE_METHOD, null).key();
        RefundMethod chosen = method(body.method());
        if (chosen == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "choose a method");
        }
        payouts.chooseMethod(id, task, chosen, body.words());
        return RefundView.of(refunds.get(id));
    }

    /** Money that left by transfer or in cash is back, which no file and no gateway tells: it is owed again. */
    @PostMapping("/refunds/{id}/return")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    RefundView cameBack(@PathVariable UUID id, @RequestBody @Valid ReturnBody body) {
        returns.cameBack(id, body.reason());
        return RefundView.of(refunds.get(id));
    }

    /** After its money came back: a new refund, or {@code none} to leave the credit on the account. */
    @PostMapping("/refunds/{id}/reissue")
    @PreAuthorize("hasAuthority('refunds.request')")
    RefundView reissue(@PathVariable UUID id, @RequestBody @Valid MethodBody body) {
        refunds.get(id);
        long task = tasks.require(id, RefundSteps.REISSUE, null).key();
        returns.choose(id, task, body.method() == null ? "" : body.method(), body.words());
        return RefundView.of(returns.reissued(id).orElseGet(() -> refunds.get(id)));
    }

    /** While nothing was decided about it; whoever had approved must approve again. */
    @PostMapping("/refunds/{id}/amount")
    @PreAuthorize("hasAuthority('refunds.request')")
    RefundView changeAmount(@PathVariable UUID id, @RequestBody @Valid AmountBody body) {
        String currency = refunds.get(id).amount().getCurrencyUnit().getCode();
        refunds.changeAmount(id, Amounts.parse(body.amount(), currency));
        return RefundView.of(refunds.get(id));
    }

    @PostMapping("/refunds/{id}/hold")
    @PreAuthorize("hasAuthority('refunds.request')")
    RefundView hold(@PathVariable UUID id, @RequestBody @Valid MethodBody body) {
        holds.hold(id, body.words());
        return RefundView.of(refunds.get(id));
    }

    @PostMapping("/refunds/{id}/cancellation")
    @PreAuthorize("hasAuthority('refunds.request')")
    RefundView cancel(@PathVariable UUID id, @RequestBody(required = false) @Nullable @Valid CancellationBody body) {
        refunds.cancel(id, body == null ? null : body.reason());
        return RefundView.of(refunds.get(id));
    }

    private static @Nullable RefundStatus status(@Nullable String key) {
        try {
            return key == null || key.isBlank() ? null : RefundStatus.ofKey(key);
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "unknown status");
        }
    }

    record Page(List<RefundView> items, @Nullable UUID next) {}

    record RequestBodyView(
            @NotBlank @Size(max = 30) String amount,
            @Nullable @Size(max = 30) String method,
            @NotBlank @Size(max = 50) String reason,
            @NotBlank @Size(max = 500) String description,
            @Nullable @Size(max = 500) String methodReason) {

        RefundRequest toRequest(UUID paymentId, String currency) {
            return new RefundRequest(
                    paymentId,
                    Amounts.parse(amount, currency),
                    RefundResource.method(method),
                    reason,
                    description,
                    methodReason);
        }
    }

    static @Nullable RefundMethod method(@Nullable String key) {
        try {
            return key == null || key.isBlank() ? null : RefundMethod.ofKey(key);
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "unknown method");
        }
    }

    /** @param version of the refund that was looked at: a decision about another one is refused */
    record ApprovalBody(
            @NotBlank @Pattern(regexp = "approve|reject") String decision,
            @Nullable @Size(max = 500) String comment,
            @NotNull Integer version) {}

    record AmountBody(@NotBlank @Size(max = 30) String amount) {}

    record PayoutBody(@Nullable @Size(max = 50) String reference) {}

    record MethodBody(
            @Nullable @Size(max = 30) String method,
            @Nullable @Size(max = 500) String reason) {

        String words() {
            return reason == null ? "" : reason;
        }
    }

    record ReturnBody(@NotBlank @Size(max = 500) String reason) {}

    record CancellationBody(@Nullable @Size(max = 500) String reason) {}

    record RefundView(
            UUID id,
            String number,
            UUID accountId,
            UUID paymentId,
            String amount,
            String currency,
            String method,
            boolean originalMethod,
            String reason,
            String description,
            String status,
            String step,
            int version,
            @Nullable List<String> approvalLevels,
            @Nullable String approvalReason,
            Instant requestedAt,
            @Nullable Instant approvedAt,
            @Nullable Instant completedAt,
            @Nullable String payoutReference,
            @Nullable String gatewayRefundId,
            @Nullable String declineCode,
            @Nullable UUID journalEntryId,
            LocalDate dueOn,
            @Nullable String holdReason,
            @Nullable UUID reissueOf) {

        static RefundView of(Refund refund) {
            return new RefundView(
                    refund.id(),
                    refund.number(),
                    refund.accountId(),
                    refund.paymentId(),
                    refund.amount().getAmount().toPlainString(),
                    refund.amount().getCurrencyUnit().getCode(),
                    refund.method().key(),
                    refund.originalMethod(),
                    refund.reason(),
                    refund.description(),
                    refund.status().key(),
                    refund.step(),
                    refund.version(),
                    refund.levels(),
                    refund.approvalReason(),
                    refund.requestedAt(),
                    refund.approvedAt(),
                    refund.completedAt(),
                    refund.payoutReference(),
                    refund.gatewayRefundId(),
                    refund.declineCode(),
                    refund.journalEntryId(),
                    refund.dueOn(),
                    refund.holdReason(),
                    refund.reissueOf());
        }
    }
}
