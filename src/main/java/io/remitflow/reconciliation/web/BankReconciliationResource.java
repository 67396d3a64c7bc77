package io.remitflow.reconciliation.web;

import io.remitflow.reconciliation.BankBalances;
import io.remitflow.reconciliation.BankFigures;
import io.remitflow.reconciliation.BankItem;
import io.remitflow.reconciliation.BankReconciliation;
import io.remitflow.reconciliation.BankReconciliationSteps;
import io.remitflow.reconciliation.BankReconciliations;
import io.remitflow.reconciliation.BankReconciliations.LineDecision;
import io.remitflow.reconciliation.BankRollForward;
import io.remitflow.reconciliation.ProofOfCash;
import io.remitflow.workflow.ApprovalDecision;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/accounting/bank-reconciliations")
@PreAuthorize("hasAuthority('bank.reconcile')")
@Tag(name = "Bank reconciliation")
class BankReconciliationResource {

    private static final int MAX_PAGE = 100;
    private static final String WORK_ON_LINES = "hasAuthority('bank.reconcile') and hasAuthority('ledger.manage')";

    private final BankReconciliations reconciliations;
    private final BankReconciliationTasks tasks;

    BankReconciliationResource(BankReconciliations reconciliations, BankReconciliationTasks tasks) {
        this.reconciliations = reconciliations;
        this.tasks = tasks;
    }

    @GetMapping
    @Operation(summary = "Periods of bank accounts, the latest first")
    Page list(
            @RequestParam(required = false) @Nullable UUID account,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        int size = Math.clamp(limit, 1, MAX_PAGE);
        List<View> items = reconciliations.list(account, after, size).stream()
                .map(View::of)
                .toList();
        return new Page(items, items.size() < size ? null : items.getLast().id());
    }

    @PostMapping
    @Operation(
            summary = "Begin the next period of a bank account",
            description =
                    "It follows the period before without a gap; the first begins with the statements. Refused if the statements "
                            + "do not cover it without a break.")
    ResponseEntity<View> start(@RequestBody @Valid StartBody body) {
        UUID id = reconciliations.start(body.bankAccountId(), body.periodEnd());
        return ResponseEntity.created(URI.create("/accounting/bank-reconciliations/" + id))
                .body(View.of(reconciliations.get(id)));
    }

    @GetMapping("/{id}")
    @Operation(
            summary = "A period with its figures",
            description =
                    "Both sides adjusted, proof of cash, roll-forwards and what is open: as completed if it is, else as of now. "
                            + "With `known`, as they were known at that instant.")
    Detail get(@PathVariable UUID id, @RequestParam(required = false) @Nullable Instant known) {
        return new Detail(
                View.of(reconciliations.get(id)),
                FiguresView.of(known == null ? reconciliations.figures(id) : reconciliations.figures(id, known)));
    }

    @GetMapping(value = "/{id}/report.pdf", produces = MediaType.APPLICATION_PDF_VALUE)
    @Operation(summary = "The report of a period as PDF")
    ResponseEntity<byte[]> pdf(@PathVariable UUID id) {
        return BankReconciliationPages.file(
                reconciliations.get(id), "pdf", MediaType.APPLICATION_PDF, reconciliations.pdf(id));
    }

    @GetMapping(
            value = "/{id}/report.xlsx",
            produces = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    @Operation(summary = "The report of a period as a workbook, with the same figures")
    ResponseEntity<byte[]> workbook(@PathVariable UUID id) {
        return BankReconciliationPages.file(
                reconciliations.get(id), "xlsx", BankReconciliationPages.WORKBOOK, reconciliations.workbook(id));
    }

    @PostMapping("/{id}/lines/{line}/booking")
    @PreAuthorize(WORK_ON_LINES)
    @Operation(
            summary = "Book a line in bank suspense to an account",
            description =
                    "Accounts: bank fees 8140, card fees 8110, interest earned 4230, interest paid 9100, rebates 4220, other "
                            + "revenue 4200, other services 8100. By a new entry in the open period, as a match that can be "
                            + "undone; the same again changes nothing.")
    MatchView book(@PathVariable UUID id, @PathVariable UUID line, @RequestBody @Valid BookingBody body) {
        return matched(reconciliations.book(id, line, body.account(), body.reason()));
    }

    @PostMapping("/{id}/lines/{line}/offset")
    @PreAuthorize(WORK_ON_LINES)
    @Operation(summary = "Settle a line in bank suspense with another of the opposite amount")
    MatchView offset(@PathVariable UUID id, @PathVariable UUID line, @RequestBody @Valid OffsetBody body) {
        return matched(reconciliations.offset(id, line, body.line(), body.reason()));
    }

    @PostMapping("/{id}/lines/{line}/earlier-entry")
    @PreAuthorize(WORK_ON_LINES)
    @Operation(summary = "Say that an entry on the account of the bank had booked a line's money before")
    MatchView alreadyBooked(@PathVariable UUID id, @PathVariable UUID line, @RequestBody @Valid EntryBody body) {
        return matched(reconciliations.alreadyBooked(id, line, body.entry(), body.reason()));
    }

    @PostMapping("/{id}/lines/{line}/decision")
    @PreAuthorize(WORK_ON_LINES)
    @Operation(summary = "Carry a line into the next period, call it an error of the bank, or open it again")
    Detail decide(@PathVariable UUID id, @PathVariable UUID line, @RequestBody @Valid DecisionBody body) {
        reconciliations.decideLine(id, line, LineDecision.ofKey(body.decision()), body.reason());
        return get(id, null);
    }

    @PostMapping("/{id}/matches/{match}/undoing")
    @Operation(
            summary = "Undo a match of a line of the period",
            description =
                    "Each of its entries is reversed; refused under an approved period. Previewed, like everything that undoing "
                            + "affects, under `/accounting/bank-statements/matches/{id}/undoing`.")
    Detail undo(@PathVariable UUID id, @PathVariable UUID match, @RequestBody @Valid ReasonBody body) {
        reconciliations.undo(id, match, body.reason());
        return get(id, null);
    }

    @PostMapping("/{id}/lines/{line}/clearing/undoing")
    @Operation(
            summary = "Undo that a line was cleared by the key it carries",
            description = "The line is in bank suspense, and what it had cleared is open again. Previewed under "
                    + "`/accounting/bank-statements/lines/{id}/clearing/undoing`.")
    Detail undoClearing(@PathVariable UUID id, @PathVariable UUID line, @RequestBody @Valid ReasonBody body) {
        reconciliations.undoClearing(id, line, body.reason());
        return get(id, null);
    }

    private MatchView matched(UUID match) {
        return new MatchView(match, reconciliations.entriesOf(match));
    }

    @PostMapping("/{id}/completion")
    @Operation(
            summary = "Complete a period",
            description =
                    "Refused unless both sides agree to the cent, every line is explained or carried, and the earlier periods are "
                            + "approved. Another person approves it.")
    View complete(@PathVariable UUID id, @RequestBody @Valid CompletionBody body) {
        long task = tasks.require(reconciliations.get(id), BankReconciliationSteps.WORK, null)
                .key();
        reconciliations.complete(id, task, body.version(), Objects.requireNonNullElse(body.notes(), ""));
        return View.of(reconciliations.get(id));
    }

    @PostMapping("/{id}/approval")
    @Operation(summary = "Approve a completed period, or send it back with a comment; not by whoever worked on it")
    View approve(@PathVariable UUID id, @RequestBody @Valid ApprovalBody body) {
        long task = tasks.require(reconciliations.get(id), BankReconciliationSteps.APPROVE, null)
                .key();
        reconciliations.decide(
                id, new ApprovalDecision(task, body.version(), body.decision().equals("approve"), body.comment()));
        return View.of(reconciliations.get(id));
    }

    @PostMapping("/{id}/reopening")
    @Operation(summary = "Open a completed period again; it is completed and approved anew")
    View reopen(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        reconciliations.reopen(id, body.reason());
        return View.of(reconciliations.get(id));
    }

    private static String plain(Money amount) {
        return amount.getAmount().toPlainString();
    }

    record StartBody(@NotNull UUID bankAccountId, @NotNull LocalDate periodEnd) {}

    record BookingBody(
            @NotBlank @Size(max = 20) String account,
            @NotBlank @Size(max = 300) String reason) {}

    record OffsetBody(
            @NotNull UUID line, @NotBlank @Size(max = 300) String reason) {}

    record EntryBody(
            @NotNull UUID entry, @NotBlank @Size(max = 300) String reason) {}

    record DecisionBody(
            @NotNull @Pattern(regexp = "carried|bank_error|open") String decision,

            @NotBlank @Size(max = 300) String reason) {}

    record CompletionBody(
            int version, @Nullable @Size(max = 500) String notes) {}

    record ApprovalBody(
            int version,
            @NotNull @Pattern(regexp = "approve|reject") String decision,
            @Nullable @Size(max = 500) String comment) {}

    record ReasonBody(@NotBlank @Size(max = 300) String reason) {}

    /** @param journalEntries that it booked */
    record MatchView(UUID match, List<UUID> journalEntries) {}

    record Page(List<View> items, @Nullable UUID next) {}

    record Detail(View reconciliation, FiguresView figures) {}

    record View(
            UUID id,
            String number,
            UUID bankAccount,
            String accountName,
            LocalDate periodStart,
            LocalDate periodEnd,
            String currency,
            String openingBalance,
            String statementBalance,
            String bookBalance,
            String difference,
            String status,
            int version,
            Instant startedAt,
            @Nullable Instant reconciledAt,
            @Nullable Instant approvedAt,
            @Nullable String refusal,
            @Nullable String notes) {

        static View of(BankReconciliation found) {
            return new View(
                    found.id(),
                    found.number(),
                    found.bankAccountId(),
                    found.accountName(),
                    found.start(),
                    found.end(),
                    found.statement().getCurrencyUnit().getCode(),
                    plain(found.opening()),
                    plain(found.statement()),
                    plain(found.book()),
                    plain(found.difference()),
                    found.status().key(),
                    found.version(),
                    found.startedAt(),
                    found.reconciledAt(),
                    found.approvedAt(),
                    found.refusalReason(),
                    found.notes());
        }
    }

    record FiguresView(
            Instant knownAt,
            boolean balanced,
            String difference,
            SideView opening,
            SideView closing,
            List<RowView> proofOfBank,
            List<RowView> proofOfBooks,
            RollView outstandingChecks,
            RollView depositsInTransit,
            List<ItemView> items,
            List<String> gaps,
            List<String> warnings) {

        static FiguresView of(BankFigures figures) {
            return new FiguresView(
                    figures.knownAt(),
                    figures.balanced(),
                    plain(figures.difference()),
                    SideView.of(figures.opening()),
                    SideView.of(figures.closing()),
                    figures.proof().bank().stream().map(RowView::of).toList(),
                    figures.proof().book().stream().map(RowView::of).toList(),
                    RollView.of(figures.outstanding()),
                    RollView.of(figures.inTransit()),
                    figures.closing().items().stream().map(ItemView::of).toList(),
                    figures.gaps(),
                    figures.warnings());
        }
    }

    record SideView(
            LocalDate on,
            String statement,
            String depositsInTransit,
            String outstandingChecks,
            String bankErrors,
            String adjustedBank,
            String book,
            String unbookedCredits,
            String unbookedDebits,
            String adjustedBook,
            String difference) {

        static SideView of(BankBalances at) {
            return new SideView(
                    at.on(),
                    plain(at.statement()),
                    plain(at.depositsInTransit()),
                    plain(at.outstanding()),
                    plain(at.bankErrors()),
                    plain(at.adjustedBank()),
                    plain(at.book()),
                    plain(at.unbookedCredits()),
                    plain(at.unbookedDebits()),
                    plain(at.adjustedBook()),
                    plain(at.difference()));
        }
    }

    record RowView(String title, String opening, String receipts, String disbursements, String closing) {

        static RowView of(ProofOfCash.Row row) {
            return new RowView(
                    row.title(),
                    plain(row.opening()),
                    plain(row.receipts()),
                    plain(row.disbursements()),
                    plain(row.closing()));
        }
    }

    record RollView(String beginning, String added, String cleared, String otherwise, String ending) {

        static RollView of(BankRollForward roll) {
            return new RollView(
                    plain(roll.beginning()),
                    plain(roll.added()),
                    plain(roll.cleared()),
                    plain(roll.otherwise()),
                    plain(roll.ending()));
        }
    }

    record ItemView(
            String kind,
            UUID id,
            LocalDate on,
            String reference,
            String description,
            String amount,
            @Nullable String note) {

        static ItemView of(BankItem item) {
            return new ItemView(
                    item.kind().key(),
                    item.id(),
                    item.on(),
                    item.reference(),
                    item.words(),
                    plain(item.amount()),
                    item.note());
        }
    }
}
