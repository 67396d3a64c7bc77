package io.remitflow.refunds.web;

import io.remitflow.payments.IdempotentRequests;
import io.remitflow.refunds.AchBatch;
import io.remitflow.refunds.AchBatches;
import io.remitflow.refunds.AchDestination;
import io.remitflow.refunds.AchDestinations;
import io.remitflow.refunds.AchReturn;
import io.remitflow.refunds.AchReturns;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
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
class AchResource {

    private final AchBatches batches;
    private final AchReturns returns;
    private final AchDestinations destinations;
    private final IdempotentRequests requests;

    AchResource(AchBatches batches, AchReturns returns, AchDestinations destinations, IdempotentRequests requests) {
        this.batches = batches;
        this.returns = returns;
        this.destinations = destinations;
        this.requests = requests;
    }

    @GetMapping("/refunds/ach/batches")
    @PreAuthorize("hasAuthority('refunds.view')")
    List<BatchView> list(@RequestParam(defaultValue = "50") int limit) {
        return batches.list(limit).stream().map(BatchView::of).toList();
    }

    /** Releases everything that may leave now, in one file. */
    @PostMapping("/refunds/ach/batches")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    ResponseEntity<BatchView> release(@RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key) {
        UUID id = requests.once("ach-batches", key, "release", batches::release);
        return ResponseEntity.created(URI.create("/billing/refunds/ach/batches/" + id))
                .body(BatchView.of(batches.get(id)));
    }

    @GetMapping("/refunds/ach/batches/{id}")
    @PreAuthorize("hasAuthority('refunds.view')")
    BatchDetail get(@PathVariable UUID id) {
        return new BatchDetail(
                BatchView.of(batches.get(id)),
                batches.entries(id).stream().map(EntryView::of).toList());
    }

    /** The file as the bank gets it, with full account numbers; that it was taken is recorded. */
    @PostMapping(path = "/refunds/ach/batches/{id}/file", produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    ResponseEntity<byte[]> file(@PathVariable UUID id) {
        return AchController.download(batches.get(id).fileName(), MediaType.APPLICATION_OCTET_STREAM, batches.file(id));
    }

    @GetMapping("/refunds/ach/returns")
    @PreAuthorize("hasAuthority('refunds.view')")
    List<ReturnView> returns(
            @RequestParam(defaultValue = "false") boolean open, @RequestParam(defaultValue = "50") int limit) {
        return returns.list(open, limit).stream().map(ReturnView::of).toList();
    }

    @PostMapping("/refunds/ach/returns/{id}/confirmation")
    @PreAuthorize("hasAuthority('refunds.request')")
    ReturnView confirm(@PathVariable UUID id) {
        returns.confirm(id);
        return ReturnView.of(returns.get(id));
    }

    /** The bank confirmed that the money is back, although its file did not say it as it should. */
    @PostMapping("/refunds/ach/returns/{id}/take-back")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    ReturnView takeBack(@PathVariable UUID id, @RequestBody @Valid TakeBackBody body) {
        returns.takeBack(id, body.reason());
        return ReturnView.of(returns.get(id));
    }

    @PostMapping("/refunds/ach/returns/{id}/dismissal")
    @PreAuthorize("hasAuthority('refunds.request')")
    ReturnView dismiss(@PathVariable UUID id) {
        returns.dismiss(id);
        return ReturnView.of(returns.get(id));
    }

    @GetMapping("/patient-accounts/{id}/bank-accounts")
    @PreAuthorize("hasAuthority('refunds.view')")
    List<DestinationView> bankAccounts(@PathVariable UUID id) {
        return destinations.ofAccount(id).stream().map(DestinationView::of).toList();
    }

    @PostMapping("/patient-accounts/{id}/bank-accounts")
    @PreAuthorize("hasAuthority('refunds.request')")
    ResponseEntity<DestinationView> enter(@PathVariable UUID id, @RequestBody @Valid DestinationBody body) {
        UUID destination = destinations.enter(
                id,
                Objects.requireNonNullElse(body.routingNumber(), ""),
                Objects.requireNonNullElse(body.accountNumber(), ""),
                Objects.requireNonNullElse(body.accountType(), "checking"));
        return ResponseEntity.status(201)
                .body(DestinationView.of(destinations.find(destination).orElseThrow()));
    }

    record DestinationBody(
            @Nullable @Size(max = 20) String routingNumber,
            @Nullable @Size(max = 30) String accountNumber,
            @Nullable @Size(max = 20) String accountType) {

        /** The number is nobody's to log. */
        @Override
        public String toString() {
            return "a bank account";
        }
    }

    record DestinationView(
            UUID id,
            String routingNumber,
            String last4,
            String type,
            boolean usable,
            @Nullable String reason,
            Instant enteredAt) {

        static DestinationView of(AchDestination destination) {
            return new DestinationView(
                    destination.id(),
                    destination.routingNumber(),
                    destination.last4(),
                    destination.type().key(),
                    destination.usable(),
                    destination.stateReason(),
                    destination.enteredAt());
        }
    }

    record BatchDetail(BatchView batch, List<EntryView> entries) {}

    record BatchView(
            UUID id,
            String number,
            String fileName,
            LocalDate effectiveOn,
            LocalDate finalOn,
            int entries,
            int returned,
            String amount,
            String currency,
            String entryHash,
            String state,
            Instant releasedAt,
            @Nullable Instant sentAt) {

        static BatchView of(AchBatch batch) {
            return new BatchView(
                    batch.id(),
                    batch.number(),
                    batch.fileName(),
                    batch.effectiveOn(),
                    batch.finalOn(),
                    batch.entries(),
                    batch.returned(),
                    batch.amount().getAmount().toPlainString(),
                    batch.amount().getCurrencyUnit().getCode(),
                    batch.entryHash(),
                    batch.state().key(),
                    batch.releasedAt(),
                    batch.sentAt());
        }
    }

    record EntryView(
            UUID refundId,
            String refundNumber,
            String traceNumber,
            String last4,
            String amount,
            @Nullable String returnCode) {

        static EntryView of(AchBatch.Entry entry) {
            return new EntryView(
                    entry.refundId(),
                    entry.refundNumber(),
                    entry.traceNumber(),
                    entry.last4(),
                    entry.amount().getAmount().toPlainString(),
                    entry.returnCode());
        }
    }

    record TakeBackBody(@NotBlank @Size(max = 500) String reason) {}

    record ReturnView(
            UUID id,
            String kind,
            String code,
            String originalTrace,
            String amount,
            @Nullable UUID refundId,
            String state,
            String note,
            @Nullable String corrected,
            Instant recordedAt) {

        static ReturnView of(AchReturn item) {
            return new ReturnView(
                    item.id(),
                    item.notice() ? "notice" : "return",
                    item.code(),
                    item.originalTrace(),
                    item.amount().getAmount().toPlainString(),
                    item.refundId(),
                    item.state().key(),
                    item.note(),
                    item.correctedShown(),
                    item.recordedAt());
        }
    }
}
