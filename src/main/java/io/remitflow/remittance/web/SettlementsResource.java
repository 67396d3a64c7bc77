package io.remitflow.remittance.web;

import io.remitflow.core.Amounts;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.IdempotentRequests;
import io.remitflow.remittance.CashReceipt;
import io.remitflow.remittance.Settlement;
import io.remitflow.remittance.SettlementCases;
import io.remitflow.remittance.SettlementFilter;
import io.remitflow.remittance.SettlementSettings;
import io.remitflow.remittance.SettlementSteps;
import io.remitflow.remittance.Settlements;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing/settlements")
@PreAuthorize("hasAuthority('remittances.view')")
@Tag(name = "Settlements")
class SettlementsResource {

    private final Settlements settlements;
    private final SettlementCases cases;
    private final SettlementTasks tasks;
    private final IdempotentRequests requests;
    private final Organizations organizations;

    SettlementsResource(
            Settlements settlements,
            SettlementCases cases,
            SettlementTasks tasks,
            IdempotentRequests requests,
            Organizations organizations) {
        this.settlements = settlements;
        this.cases = cases;
        this.tasks = tasks;
        this.requests = requests;
        this.organizations = organizations;
    }

    @GetMapping
    @Operation(summary = "Settlements, newest first; without a state all that are open")
    Page list(
            @RequestParam(required = false) @Nullable String state,
            @RequestParam(defaultValue = "false") boolean all,
            @RequestParam(required = false) @Nullable String text,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        var filter = new SettlementFilter(
                state == null || state.isBlank() ? null : SettlementsController.state(state), all, text, after, limit);
        List<View> items = settlements.list(filter).stream().map(View::of).toList();
        return new Page(
                items, items.size() < filter.limit() ? null : items.getLast().id());
    }

    @GetMapping("/{id}")
    @Operation(summary = "One settlement with its remittances, its money and what may belong to it")
    Detail get(@PathVariable UUID id) {
        return new Detail(
                View.of(settlements.get(id)),
                settlements.remittancesOf(id),
                settlements.moneyOf(id).stream().map(PartView::of).toList(),
                settlements.suggestions(id).stream().map(SuggestionView::of).toList());
    }

    @PostMapping("/receipts")
    @PreAuthorize("hasAuthority('settlements.record')")
    @Operation(summary = "Record an EFT, check or card payout of a payer; the same money again is the same receipt")
    ResponseEntity<ReceiptView> record(
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody @Valid ReceiptBody body) {
        var evidence = SettlementsController.evidence(
                body.kind(),
                Objects.requireNonNullElse(body.traceNumber(), ""),
                Objects.requireNonNullElse(body.payerIdentifier(), ""),
                Objects.requireNonNullElse(body.payerHint(), ""),
                body.amount(),
                body.fee(),
                body.bankDate(),
                organizations.current().currency().getCode());
        UUID id = requests.once(
                "bank-receipts",
                key,
                evidence,
                () -> settlements.cashSeen(evidence).id());
        return ResponseEntity.created(URI.create("/billing/settlements/receipts/" + id))
                .body(receipt(id));
    }

    @GetMapping("/receipts/{id}")
    ReceiptView receipt(@PathVariable UUID id) {
        return ReceiptView.of(
                settlements.receipt(id),
                settlements.partsOfReceipt(id).stream()
                        .map(CashReceipt.Part::settlementId)
                        .toList());
    }

    @PostMapping("/receipts/{id}/reversal")
    @PreAuthorize("hasAuthority('settlements.record')")
    @Operation(summary = "The bank took the money back, or it was recorded by mistake")
    ReceiptView takeBack(@PathVariable UUID id, @RequestBody @Valid ReversalBody body) {
        settlements.takeBackByHand(id, body.date(), body.reason());
        return receipt(id);
    }

    @PostMapping("/receipts/{id}/correction")
    @PreAuthorize("hasAuthority('settlements.record')")
    @Operation(summary = "Replace a receipt that was recorded with a wrong amount")
    ReceiptView correct(@PathVariable UUID id, @RequestBody @Valid CorrectionBody body) {
        String currency = organizations.current().currency().getCode();
        return receipt(settlements
                .correct(id, Amounts.parse(body.amount(), currency), body.reason())
                .id());
    }

    @PostMapping("/{id}/match")
    @PreAuthorize("hasAuthority('settlements.record')")
    @Operation(summary = "The money of this settlement is for the remittances of those, exactly")
    Detail match(@PathVariable UUID id, @RequestBody @Valid MatchBody body) {
        settlements.match(id, body.settlements());
        return get(id);
    }

    @PostMapping("/{id}/trace-request")
    @PreAuthorize("hasAuthority('settlements.record')")
    Detail trace(@PathVariable UUID id, @RequestBody @Valid TraceBody body) {
        long task = tasks.require(settlements.get(id), SettlementSteps.REQUEST_TRACE, null)
                .key();
        cases.traceHandled(id, task, body.outcome(), Objects.requireNonNullElse(body.note(), ""));
        return get(id);
    }

    @PostMapping("/{id}/resolution")
    @PreAuthorize("hasAuthority('settlements.record')")
    Detail resolve(@PathVariable UUID id, @RequestBody @Valid ResolutionBody body) {
        long task = tasks.require(settlements.get(id), SettlementSteps.RESOLVE_MISMATCH, null)
                .key();
        cases.resolve(
                id,
                task,
                new SettlementCases.Resolution(
                        body.resolution(), body.amount(), Objects.requireNonNullElse(body.note(), "")));
        return get(id);
    }

    @GetMapping("/settings")
    @PreAuthorize("hasAuthority('settings.manage')")
    SettlementSettings settings() {
        return settlements.settings();
    }

    @PutMapping("/settings")
    @PreAuthorize("hasAuthority('settings.manage')")
    SettlementSettings changeSettings(@RequestBody SettlementSettings settings) {
        settlements.changeSettings(settings);
        return settlements.settings();
    }

    record Page(List<View> items, @Nullable UUID next) {}

    record ReceiptBody(
            @NotBlank @Size(max = 10) String kind,
            @Nullable @Size(max = 50) String traceNumber,
            @Nullable @Size(max = 80) String payerIdentifier,
            @Nullable @Size(max = 200) String payerHint,
            @NotBlank @Size(max = 30) String amount,
            @Nullable @Size(max = 30) String fee,
            @NotNull LocalDate bankDate) {}

    record ReversalBody(
            @NotNull LocalDate date,
            @NotBlank @Size(max = 300) String reason) {}

    record CorrectionBody(
            @NotBlank @Size(max = 30) String amount,
            @NotBlank @Size(max = 300) String reason) {}

    record MatchBody(@NotEmpty @Size(max = 50) List<UUID> settlements) {}

    record TraceBody(
            @NotBlank String outcome,
            @Nullable @Size(max = 300) String note) {}

    record ResolutionBody(
            @NotBlank String resolution,
            @Nullable @Size(max = 30) String amount,
            @Nullable @Size(max = 300) String note) {}

    record View(
            UUID id,
            String state,
            String step,
            String traceNumber,
            String payerIdentifier,
            String payerName,
            String expected,
            String received,
            String unidentified,
            String currency,
            @Nullable LocalDate paymentDate,
            LocalDate countedFrom,
            Instant stateSince,
            int round) {

        static View of(Settlement settlement) {
            return new View(
                    settlement.id(),
                    settlement.state().key(),
                    settlement.step(),
                    settlement.traceNumber(),
                    settlement.payerIdentifier(),
                    settlement.payerName(),
                    settlement.expected().getAmount().toPlainString(),
                    settlement.received().getAmount().toPlainString(),
                    settlement.unidentified().getAmount().toPlainString(),
                    settlement.expected().getCurrencyUnit().getCode(),
                    settlement.paymentDate(),
                    settlement.countedFrom(),
                    settlement.stateSince(),
                    settlement.round());
        }
    }

    record Detail(View settlement, List<UUID> remittances, List<PartView> money, List<SuggestionView> suggestions) {}

    record PartView(UUID receipt, String number, String kind, String amount, String rule, String evidence) {

        static PartView of(CashReceipt.Part part) {
            return new PartView(
                    part.receipt().id(),
                    part.receipt().number(),
                    part.receipt().kind().key(),
                    part.amount().getAmount().toPlainString(),
                    part.rule(),
                    part.evidence());
        }
    }

    record SuggestionView(UUID cashSettlement, List<UUID> remittanceSettlements, String rule, String evidence) {

        static SuggestionView of(Settlements.Suggestion suggestion) {
            return new SuggestionView(
                    suggestion.cashSettlement(),
                    suggestion.remittances().stream().map(Settlement::id).toList(),
                    suggestion.rule(),
                    suggestion.evidence());
        }
    }

    record ReceiptView(
            UUID id,
            String number,
            String kind,
            String state,
            String traceNumber,
            String payerIdentifier,
            String amount,
            String fee,
            String currency,
            LocalDate bankDate,
            @Nullable String reason,
            @Nullable UUID journalEntryId,
            List<UUID> settlements) {

        static ReceiptView of(CashReceipt receipt, List<UUID> settlements) {
            return new ReceiptView(
                    receipt.id(),
                    receipt.number(),
                    receipt.kind().key(),
                    receipt.state().name().toLowerCase(Locale.ROOT),
                    receipt.traceNumber(),
                    receipt.payerIdentifier(),
                    receipt.amount().getAmount().toPlainString(),
                    receipt.fee().getAmount().toPlainString(),
                    receipt.amount().getCurrencyUnit().getCode(),
                    receipt.bankDate(),
                    receipt.reason(),
                    receipt.journalEntryId(),
                    settlements);
        }
    }
}
