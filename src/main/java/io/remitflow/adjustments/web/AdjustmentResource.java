package io.remitflow.adjustments.web;

import io.remitflow.adjustments.Adjustment;
import io.remitflow.adjustments.AdjustmentApprovals;
import io.remitflow.adjustments.AdjustmentFilter;
import io.remitflow.adjustments.AdjustmentRequest;
import io.remitflow.adjustments.AdjustmentStatus;
import io.remitflow.adjustments.Adjustments;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.payments.IdempotentRequests;
import io.remitflow.receivables.PatientAccounts;
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
@RequestMapping("/billing/adjustments")
class AdjustmentResource {

    private final Adjustments adjustments;
    private final AdjustmentApprovals approvals;
    private final PatientAccounts accounts;
    private final IdempotentRequests requests;
    private final WriteOffTasks tasks;

    AdjustmentResource(
            Adjustments adjustments,
            AdjustmentApprovals approvals,
            PatientAccounts accounts,
            IdempotentRequests requests,
            WriteOffTasks tasks) {
        this.adjustments = adjustments;
        this.approvals = approvals;
        this.accounts = accounts;
        this.requests = requests;
        this.tasks = tasks;
    }

    @PostMapping
    @PreAuthorize("hasAuthority('write-offs.request')")
    ResponseEntity<AdjustmentView> request(
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody @Valid AdjustmentBody body) {
        String currency =
                accounts.get(body.accountId()).balance().getCurrencyUnit().getCode();
        UUID id =
                requests.once("adjustments", key, body.toString(), () -> adjustments.request(body.toRequest(currency)));
        return ResponseEntity.created(URI.create("/billing/adjustments/" + id))
                .body(AdjustmentView.of(adjustments.get(id)));
    }

    @GetMapping
    @PreAuthorize("hasAuthority('write-offs.view')")
    AdjustmentPage list(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable UUID accountId,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        AdjustmentStatus state = status == null || status.isBlank()
                ? null
                : AdjustmentStatus.ofKey(status)
                        .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "unknown status"));
        var filter = new AdjustmentFilter(state, false, accountId, 0, after, limit);
        List<AdjustmentView> items =
                adjustments.list(filter).stream().map(AdjustmentView::of).toList();
        return new AdjustmentPage(
                items, items.size() < filter.limit() ? null : items.getLast().id());
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('write-offs.view')")
    AdjustmentView get(@PathVariable UUID id) {
        return AdjustmentView.of(adjustments.get(id));
    }

    @PostMapping("/{id}/approval")
    @PreAuthorize("hasAuthority('write-offs.approve')")
    AdjustmentView approve(@PathVariable UUID id, @RequestBody @Valid DecisionBody body) {
        adjustments.get(id);
        approvals.decide(
                id,
                new ApprovalDecision(
                        tasks.require(id, null).key(),
                        body.version(),
                        body.decision().equals("approve"),
                        body.comment()));
        return AdjustmentView.of(adjustments.get(id));
    }

    @PostMapping("/{id}/cancellation")
    @PreAuthorize("hasAuthority('write-offs.request')")
    AdjustmentView cancel(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        adjustments.cancel(id, body.reason());
        return AdjustmentView.of(adjustments.get(id));
    }

    @PostMapping("/{id}/reversal")
    @PreAuthorize("hasAuthority('write-offs.request')")
    ResponseEntity<AdjustmentView> reverse(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        UUID reversal = adjustments.requestReversal(id, body.reason());
        return ResponseEntity.created(URI.create("/billing/adjustments/" + reversal))
                .body(AdjustmentView.of(adjustments.get(reversal)));
    }

    record AdjustmentPage(
            List<AdjustmentView> items, @Nullable UUID next) {}

    record AdjustmentBody(
            @NotNull UUID accountId,
            @Nullable UUID claimId,
            @NotBlank @Pattern(regexp = "patient|insurance") String responsibility,
            @NotBlank @Size(max = 30) String type,
            @NotBlank @Size(max = 30) String amount,
            @NotBlank @Size(max = 500) String reason,
            @Nullable UUID invoiceId) {

        AdjustmentRequest toRequest(String currency) {
            return new AdjustmentRequest(
                    accountId,
                    claimId,
                    WriteOffController.responsibility(responsibility),
                    WriteOffController.type(type),
                    Amounts.parse(amount, currency),
                    reason,
                    invoiceId);
        }
    }

    /** @param version of the write-off that was looked at: a decision about another one is refused */
    record DecisionBody(
            @NotBlank @Pattern(regexp = "approve|reject") String decision,
            @Nullable @Size(max = 500) String comment,
            @NotNull Integer version) {}

    record ReasonBody(@NotBlank @Size(max = 500) String reason) {}

    record AdjustmentView(
            UUID id,
            String number,
            UUID accountId,
            @Nullable UUID claimId,
            String responsibility,
            String type,
            LocalDate date,
            String amount,
            String currency,
            String reason,
            String status,
            int version,
            @Nullable List<String> approvalLevels,
            @Nullable String approvalReason,
            Instant requestedAt,
            @Nullable Instant approvedAt,
            @Nullable Instant postedAt,
            @Nullable UUID journalEntryId,
            @Nullable UUID reverses,
            @Nullable UUID invoiceId) {

        static AdjustmentView of(Adjustment adjustment) {
            return new AdjustmentView(
                    adjustment.id(),
                    adjustment.number(),
                    adjustment.accountId(),
                    adjustment.claimId(),
                    adjustment.responsibility().key(),
                    adjustment.type().key(),
                    adjustment.date(),
                    adjustment.amount().getAmount().toPlainString(),
                    adjustment.amount().getCurrencyUnit().getCode(),
                    adjustment.reason(),
                    adjustment.status().key(),
                    adjustment.version(),
                    adjustment.levels(),
                    adjustment.approvalReason(),
                    adjustment.requestedAt(),
                    adjustment.approvedAt(),
                    adjustment.postedAt(),
                    adjustment.journalEntryId(),
                    adjustment.reverses(),
                    adjustment.invoiceId());
        }
    }
}
