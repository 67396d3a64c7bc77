package io.remitflow.payments.web;

import io.remitflow.payments.Dispute;
import io.remitflow.payments.Disputes;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing/disputes")
@PreAuthorize("hasAuthority('patient-accounts.view')")
class DisputeResource {

    private final Disputes disputes;

    DisputeResource(Disputes disputes) {
        this.disputes = disputes;
    }

    /** What waits for evidence first. */
    @GetMapping
    List<DisputeView> list(
            @RequestParam(required = false) @Nullable Boolean decided, @RequestParam(defaultValue = "50") int limit) {
        return disputes.list(decided, null, limit).stream().map(DisputeView::of).toList();
    }

    @GetMapping("/{id}")
    DisputeView get(@PathVariable UUID id) {
        return DisputeView.of(disputes.get(id));
    }

    /** Asks the gateway what became of it. */
    @PostMapping("/{id}/question")
    @PreAuthorize("hasAuthority('payments.post')")
    DisputeView ask(@PathVariable UUID id) {
        disputes.ask(id);
        return get(id);
    }

    record DisputeView(
            UUID id,
            String number,
            UUID paymentId,
            UUID accountId,
            String amount,
            String currency,
            String reason,
            String status,
            @Nullable Instant evidenceDueAt,
            String withdrawn,
            String reinstated,
            String held,
            String lost,
            String fee,
            @Nullable String problem,
            Instant openedAt,
            @Nullable Instant closedAt) {

        static DisputeView of(Dispute dispute) {
            return new DisputeView(
                    dispute.id(),
                    dispute.number(),
                    dispute.paymentId(),
                    dispute.accountId(),
                    dispute.amount().getAmount().toPlainString(),
                    dispute.amount().getCurrencyUnit().getCode(),
                    dispute.reason(),
                    dispute.status().key(),
                    dispute.evidenceDueAt(),
                    dispute.withdrawn().getAmount().toPlainString(),
                    dispute.reinstated().getAmount().toPlainString(),
                    dispute.held().getAmount().toPlainString(),
                    dispute.lost().getAmount().toPlainString(),
                    dispute.fee().getAmount().toPlainString(),
                    dispute.problem(),
                    dispute.openedAt(),
                    dispute.closedAt());
        }
    }
}
