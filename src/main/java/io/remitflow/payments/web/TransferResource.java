package io.remitflow.payments.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.payments.BankTransfers;
import io.remitflow.payments.BankTransfers.Unassigned;
import io.remitflow.payments.IdempotentRequests;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Bank transfers that came in, and the accounts that people give to those that name none. */
@RestController
@RequestMapping("/billing/bank-transfers")
@PreAuthorize("hasAuthority('patient-accounts.view')")
class TransferResource {

    private final BankTransfers transfers;
    private final IdempotentRequests requests;

    TransferResource(BankTransfers transfers, IdempotentRequests requests) {
        this.transfers = transfers;
        this.requests = requests;
    }

    /** Newest first. */
    @GetMapping
    TransferPage list(
            @RequestParam(defaultValue = "unmatched") String show,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        boolean unmatchedOnly = switch (show) {
            case "unmatched" -> true;
            case "all" -> false;
            default -> throw new RuleViolation(Refusal.INVALID_INPUT, "show unmatched or all");
        };
        int size = Math.clamp(limit, 1, BankTransfers.MOST);
        List<TransferView> items = transfers.incoming(unmatchedOnly, after, size).stream()
                .map(TransferView::of)
                .toList();
        return new TransferPage(
                items, items.size() < size ? null : items.getLast().id());
    }

    @GetMapping("/{id}")
    TransferView get(@PathVariable UUID id) {
        return TransferView.of(transfers.get(id));
    }

    /** It becomes a payment of the account. */
    @PostMapping("/{id}/assignment")
    @PreAuthorize("hasAuthority('payments.post')")
    TransferView assign(
            @PathVariable UUID id,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody @Valid AssignmentBody body) {
        requests.once("bank-transfers/" + id, key, body, () -> transfers.assign(id, body.accountNumber()));
        return get(id);
    }

    record TransferPage(List<TransferView> items, @Nullable UUID next) {}

    record AssignmentBody(@NotBlank @Size(max = 50) String accountNumber) {}

    record TransferView(
            UUID id,
            String transferId,
            String amount,
            String currency,
            @Nullable String referenceCode,
            @Nullable String content,
            String state,
            @Nullable UUID paymentId,
            Instant recordedAt) {

        static TransferView of(Unassigned transfer) {
            return new TransferView(
                    transfer.id(),
                    transfer.transferId(),
                    transfer.amount().getAmount().toPlainString(),
                    transfer.amount().getCurrencyUnit().getCode(),
                    transfer.referenceCode(),
                    transfer.content(),
                    transfer.state(),
                    transfer.paymentId(),
                    transfer.recordedAt());
        }
    }
}
