package io.remitflow.bank.web;

import io.remitflow.bank.BankAccounts;
import io.remitflow.bank.BankLine;
import io.remitflow.bank.BankMatch;
import io.remitflow.bank.BankMatches;
import io.remitflow.bank.BankStatement;
import io.remitflow.bank.BankStatements;
import io.remitflow.bank.ImportReceipt;
import io.remitflow.core.Refusal;
import io.remitflow.intake.IntakeFile;
import io.swagger.v3.oas.annotations.Operation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/** The same bytes again are the same statements, so a POST can be repeated without an idempotency key. */
@RestController
@RequestMapping("/accounting/bank-statements")
@PreAuthorize("hasAuthority('bank.reconcile')")
class BankStatementsResource {

    private static final int MAX_PAGE = 200;

    private final BankStatements statements;
    private final BankMatches matches;
    private final BankAccounts accounts;

    BankStatementsResource(BankStatements statements, BankMatches matches, BankAccounts accounts) {
        this.statements = statements;
        this.matches = matches;
        this.accounts = accounts;
    }

    @PostMapping(consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    @Operation(summary = "Receive BAI2, MT940, CAMT.053, OFX or CSV as the form field 'file'")
    ResponseEntity<?> upload(@RequestParam MultipartFile file, @RequestParam(required = false) @Nullable UUID account)
            throws IOException {
        try (InputStream bytes = file.getInputStream()) {
            return received(Objects.requireNonNullElse(file.getOriginalFilename(), "statement"), bytes, account);
        }
    }

    @PostMapping(consumes = {"application/octet-stream", "text/plain", "text/csv", "application/xml"})
    @Operation(summary = "Receive BAI2, MT940, CAMT.053, OFX or CSV as the body of the request")
    ResponseEntity<?> raw(
            @RequestParam(defaultValue = "statement") String name,
            @RequestParam(required = false) @Nullable UUID account,
            InputStream body) {
        return received(name, body, account);
    }

    @GetMapping
    @Operation(summary = "Statements, those imported last first")
    Page list(
            @RequestParam(required = false) @Nullable UUID account,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        int size = Math.clamp(limit, 1, MAX_PAGE);
        List<View> items =
                statements.list(account, after, size).stream().map(View::of).toList();
        return new Page(items, items.size() < size ? null : items.getLast().id());
    }

    @GetMapping("/{id}")
    @Operation(summary = "One statement with its lines, which are paged by position")
    Detail get(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "0") int after,
            @RequestParam(defaultValue = "100") int limit) {
        return new Detail(
                View.of(statements.get(id)),
                statements.lines(id, Math.max(0, after), limit).stream()
                        .map(LineView::of)
                        .toList());
    }

    @GetMapping("/suggestions")
    @Operation(summary = "What lines in bank suspense may be, each with its certificate")
    Suggestions suggestions(
            @RequestParam(required = false) @Nullable UUID after, @RequestParam(defaultValue = "50") int limit) {
        int size = Math.clamp(limit, 1, MAX_PAGE);
        List<MatchView> items =
                matches.suggestions(after, size).stream().map(MatchView::of).toList();
        return new Suggestions(
                items, items.size() < size ? null : items.getLast().id());
    }

    @GetMapping("/suggestions/{id}")
    MatchView suggestion(@PathVariable UUID id) {
        return MatchView.of(matches.get(id));
    }

    @PostMapping("/suggestions/{id}/acceptance")
    @Operation(
            summary =
                    "Book a suggestion; alternative 0 is the one suggested. Again changes nothing. That of a returned check needs a "
                            + "returnCode, why the bank returned it: its return is recorded too")
    MatchView accept(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "0") int alternative,
            @RequestParam(required = false) @Nullable String returnCode) {
        matches.accept(id, alternative, returnCode == null ? null : ManualMatchesController.code(returnCode));
        return suggestion(id);
    }

    @PostMapping("/suggestions/{id}/refusal")
    @Operation(summary = "Decline a suggestion: it is not made again")
    MatchView decline(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        matches.decline(id, Objects.requireNonNullElse(body.reason(), ""));
        return suggestion(id);
    }

    /** A file that cannot be read is kept, but it is the client's mistake. */
    private ResponseEntity<?> received(String name, InputStream bytes, @Nullable UUID account) {
        if (account != null) {
            accounts.get(account);
        }
        ImportReceipt receipt = statements.receive("bank-api", name, bytes, account);
        if (receipt.file().state() != IntakeFile.State.ACCEPTED) {
            var problem = ProblemDetail.forStatusAndDetail(
                    HttpStatus.UNPROCESSABLE_ENTITY,
                    Objects.requireNonNullElse(receipt.file().reason(), "the file cannot be read"));
            problem.setTitle("File rejected");
            problem.setProperty("code", Refusal.FILE_REJECTED.code());
            problem.setProperty("file", receipt.file().id());
            return ResponseEntity.unprocessableEntity()
                    .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                    .body(problem);
        }
        return ResponseEntity.status(receipt.repeated() ? HttpStatus.OK : HttpStatus.CREATED)
                .body(new Received(
                        receipt.file().id(),
                        receipt.repeated(),
                        receipt.statements().stream().map(View::of).toList()));
    }

    private static @Nullable String plain(@Nullable Money amount) {
        return amount == null ? null : amount.getAmount().toPlainString();
    }

    record ReasonBody(@Nullable @Size(max = 300) String reason) {}

    record Received(UUID file, boolean repeated, List<View> statements) {}

    record Page(List<View> items, @Nullable UUID next) {}

    record Suggestions(List<MatchView> items, @Nullable UUID next) {}

    record Detail(View statement, List<LineView> lines) {}

    record View(
            UUID id,
            UUID account,
            String accountName,
            String format,
            String number,
            @Nullable LocalDate from,
            @Nullable LocalDate to,
            @Nullable String opening,
            @Nullable String closing,
            int lines,
            int newLines,
            @Nullable String finding,
            Instant importedAt) {

        static View of(BankStatement statement) {
            return new View(
                    statement.id(),
                    statement.bankAccountId(),
                    statement.accountName(),
                    statement.format().key(),
                    statement.number(),
                    statement.firstOn(),
                    statement.lastOn(),
                    plain(statement.opening()),
                    plain(statement.closing()),
                    statement.lines(),
                    statement.newLines(),
                    statement.finding(),
                    statement.importedAt());
        }
    }

    record LineView(
            UUID id,
            LocalDate bookedOn,
            @Nullable LocalDate valueOn,
            @Nullable String amount,
            String currency,
            boolean reversal,
            String typeCode,
            String bankReference,
            String reference,
            String checkNumber,
            String counterparty,
            String description,
            String traceNumber,
            String state,
            @Nullable String evidence,
            @Nullable UUID match) {

        static LineView of(BankLine line) {
            return new LineView(
                    line.id(),
                    line.bookedOn(),
                    line.valueOn(),
                    plain(line.amount()),
                    line.amount().getCurrencyUnit().getCode(),
                    line.reversal(),
                    line.typeCode(),
                    line.bankReference(),
                    line.reference(),
                    line.checkNumber(),
                    line.counterparty(),
                    line.description(),
                    line.traceNumber(),
                    line.state().key(),
                    line.evidence(),
                    line.matchId());
        }
    }

    record MatchView(
            UUID id,
            String status,
            String rule,
            String evidence,
            int considered,
            boolean undecided,
            List<LineView> lines,
            List<RecordView> records,
            List<List<RecordView>> alternatives,
            @Nullable String undoneBecause) {

        static MatchView of(BankMatch match) {
            return new MatchView(
                    match.id(),
                    match.status().key(),
                    match.rule(),
                    match.evidence(),
                    match.considered(),
                    match.undecided(),
                    match.lines().stream().map(LineView::of).toList(),
                    match.records().stream().map(RecordView::of).toList(),
                    match.alternatives().stream()
                            .map(choice -> choice.stream().map(RecordView::of).toList())
                            .toList(),
                    match.undoing() == null ? null : match.undoing().reason());
        }
    }

    record RecordView(
            String kind, UUID id, String title, @Nullable String amount, LocalDate date) {

        static RecordView of(BankMatch.Record record) {
            return new RecordView(record.kind(), record.id(), record.title(), plain(record.amount()), record.date());
        }
    }
}
