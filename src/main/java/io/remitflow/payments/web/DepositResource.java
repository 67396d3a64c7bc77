package io.remitflow.payments.web;

import io.remitflow.payments.Deposit;
import io.remitflow.payments.DepositFilter;
import io.remitflow.payments.Deposits;
import io.remitflow.payments.Deposits.NewDeposit;
import io.remitflow.payments.IdempotentRequests;
import io.remitflow.payments.UndepositedReceipt;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.net.URI;
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

/** Deposits over HTTP. */
@RestController
@RequestMapping("/billing/deposits")
class DepositResource {

    private final Deposits deposits;
    private final IdempotentRequests requests;

    DepositResource(Deposits deposits, IdempotentRequests requests) {
        this.deposits = deposits;
        this.requests = requests;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('checks.view')")
    Page list(
            @RequestParam(defaultValue = "") String status,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        var filter = new DepositFilter(DepositController.status(status), after, limit);
        List<DepositView> items =
                deposits.list(filter).stream().map(DepositView::of).toList();
        return new Page(
                items, items.size() < filter.limit() ? null : items.getLast().id());
    }

    /** Checks and cash that no deposit has yet. */
    @GetMapping("/waiting")
    @PreAuthorize("hasAuthority('checks.view')")
    List<WaitingView> waiting() {
        return deposits.waiting().stream().map(WaitingView::of).toList();
    }

    @PostMapping
    @PreAuthorize("hasAuthority('payments.post')")
    ResponseEntity<DepositDetail> prepare(
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody @Valid NewDepositBody body) {
        UUID id = requests.once("deposits", key, body, () -> deposits.prepare(body.toDeposit()));
        return ResponseEntity.created(URI.create("/billing/deposits/" + id)).body(detail(id));
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('checks.view')")
    DepositDetail get(@PathVariable UUID id) {
        return detail(id);
    }

    @GetMapping(path = "/{id}/slip", produces = MediaType.APPLICATION_PDF_VALUE)
    @PreAuthorize("hasAuthority('checks.view')")
    ResponseEntity<byte[]> slip(@PathVariable UUID id) {
        return DepositController.slip(deposits, id);
    }

    /** By another person than the one who prepared it. */
    @PostMapping("/{id}/verification")
    @PreAuthorize("hasAuthority('checks.confirm')")
    DepositDetail verify(@PathVariable UUID id, @RequestBody @Valid VersionBody body) {
        deposits.verify(id, body.version());
        return detail(id);
    }

    @PostMapping("/{id}/cancellation")
    @PreAuthorize("hasAuthority('payments.post')")
    DepositDetail cancel(@PathVariable UUID id, @RequestBody @Valid CancelBody body) {
        deposits.get(id);
        deposits.cancel(id, body.version(), Objects.requireNonNullElse(body.reason(), ""));
        return detail(id);
    }

    private DepositDetail detail(UUID id) {
        return new DepositDetail(
                DepositView.of(deposits.get(id)),
                deposits.items(id).stream().map(ItemView::of).toList());
    }

    record Page(List<DepositView> items, @Nullable UUID next) {}

    record VersionBody(int version) {}

    record CancelBody(
            int version, @Nullable @Size(max = 500) String reason) {}

    record NewDepositBody(
            @NotBlank @Size(max = 10) String method,
            @NotNull UUID bankAccountId,
            @NotNull LocalDate date,
            @Nullable @Size(max = 40) String slipNumber,
            @NotEmpty @Size(max = Deposits.MOST_ITEMS) List<@NotNull @Size(max = 60) String> receipts) {

        NewDeposit toDeposit() {
            return new NewDeposit(DepositController.method(method), bankAccountId, date, slipNumber, receipts);
        }
    }

    /**
     * @param receipt for the list of receipts of a new deposit
     * @param depositFrom the first day on which a deposit takes it: of a post-dated check the date on it
     */
    record WaitingView(
            String receipt,
            String number,
            String method,
            @Nullable String checkNumber,
            LocalDate receivedOn,
            LocalDate depositFrom,
            String amount,
            String currency) {

        static WaitingView of(UndepositedReceipt receipt) {
            return new WaitingView(
                    receipt.key(),
                    receipt.number(),
                    receipt.method().key(),
                    receipt.paperNumber(),
                    receipt.receivedOn(),
                    receipt.depositFrom(),
                    receipt.amount().getAmount().toPlainString(),
                    receipt.amount().getCurrencyUnit().getCode());
        }
    }

    record DepositView(
            UUID id,
            String number,
            String method,
            String status,
            UUID bankAccountId,
            LocalDate date,
            @Nullable String slipNumber,
            String amount,
            String open,
            String currency,
            int items,
            LocalDate expectedBy,
            UUID preparedBy,
            @Nullable UUID verifiedBy,
            @Nullable UUID journalEntryId,
            int version) {

        static DepositView of(Deposit deposit) {
            return new DepositView(
                    deposit.id(),
                    deposit.number(),
                    deposit.method().key(),
                    deposit.status().key(),
                    deposit.bankAccountId(),
                    deposit.date(),
                    deposit.slipNumber(),
                    deposit.amount().getAmount().toPlainString(),
                    deposit.open().getAmount().toPlainString(),
                    deposit.amount().getCurrencyUnit().getCode(),
                    deposit.items(),
                    deposit.expectedBy(),
                    deposit.preparedBy(),
                    deposit.verifiedBy(),
                    deposit.journalEntryId(),
                    deposit.version());
        }
    }

    record ItemView(String receipt, String number, @Nullable String checkNumber, String amount) {

        static ItemView of(Deposit.Item item) {
            return new ItemView(
                    item.kind() + ":" + item.receiptId(),
                    item.receiptNumber(),
                    item.paperNumber(),
                    item.amount().getAmount().toPlainString());
        }
    }

    record DepositDetail(DepositView deposit, List<ItemView> items) {}
}
