package io.remitflow.bank.web;

import io.remitflow.bank.BankMatches;
import io.remitflow.bank.BankMatches.UndoEffects;
import io.remitflow.bank.BankStatements;
import io.remitflow.bank.ClearedLines;
import io.remitflow.bank.ManualMatches;
import io.remitflow.bank.ManualMatches.Picked;
import io.remitflow.bank.ManualMatches.Preview;
import io.remitflow.bank.ManualMatches.Search;
import io.remitflow.bank.ManualMatches.Selection;
import io.remitflow.bank.Share;
import io.remitflow.bank.web.BankStatementsResource.LineView;
import io.remitflow.bank.web.BankStatementsResource.MatchView;
import io.remitflow.bank.web.BankStatementsResource.ReasonBody;
import io.remitflow.bank.web.BankStatementsResource.RecordView;
import io.swagger.v3.oas.annotations.Operation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Matches that are in the books, matching by hand, and undoing. The same selection again is the same match, so a POST can be
 * repeated without an idempotency key.
 */
@RestController
@RequestMapping("/accounting/bank-statements")
@PreAuthorize("hasAuthority('bank.reconcile')")
class BankMatchesResource {

    private static final int MAX_PAGE = 200;

    private final BankMatches matches;
    private final ManualMatches manual;
    private final ClearedLines cleared;
    private final BankStatements statements;

    BankMatchesResource(BankMatches matches, ManualMatches manual, ClearedLines cleared, BankStatements statements) {
        this.matches = matches;
        this.manual = manual;
        this.cleared = cleared;
        this.statements = statements;
    }

    @GetMapping("/unexplained-lines")
    @Operation(summary = "Lines in bank suspense, by amount or part of a text, newest first")
    List<LineView> lines(
            @RequestParam(required = false) @Nullable String text,
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate to,
            @RequestParam(required = false) @Nullable UUID account,
            @RequestParam(defaultValue = "50") int limit) {
        return manual.lines(new Search(text, from, to, account), limit).stream()
                .map(LineView::of)
                .toList();
    }

    @GetMapping("/open-records")
    @Operation(summary = "What waits for money at the bank, by amount, number or payer, oldest first")
    List<RecordView> records(
            @RequestParam(required = false) @Nullable String text,
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate to,
            @RequestParam(defaultValue = "50") int limit) {
        return manual.records(new Search(text, from, to, null), limit).stream()
                .map(RecordView::of)
                .toList();
    }

    @GetMapping("/matches")
    @Operation(summary = "Accepted matches, undone ones included, the last decision first")
    Matches decided(
            @RequestParam(required = false) @Nullable UUID after, @RequestParam(defaultValue = "50") int limit) {
        int size = Math.clamp(limit, 1, MAX_PAGE);
        List<MatchView> items =
                matches.decided(after, size).stream().map(MatchView::of).toList();
        return new Matches(items, items.size() < size ? null : items.getLast().id());
    }

    @GetMapping("/matches/{id}")
    @Operation(summary = "A match, and which part of which line paid which record")
    MatchDetail match(@PathVariable UUID id) {
        return new MatchDetail(
                MatchView.of(matches.get(id)),
                matches.shares(id).stream().map(ShareView::of).toList());
    }

    @PostMapping("/matches/preview")
    @Operation(summary = "What matching these lines and records by hand would do; changes nothing")
    PreviewView preview(@RequestBody @Valid SelectionBody body) {
        return PreviewView.of(manual.preview(body.selection()));
    }

    @PostMapping("/matches")
    @Operation(summary = "Match lines in suspense by hand with records whose sum is the same to the cent")
    ResponseEntity<MatchDetail> match(@RequestBody @Valid SelectionBody body) {
        UUID id = manual.match(body.selection(), Objects.requireNonNullElse(body.reason(), ""));
        return ResponseEntity.status(HttpStatus.CREATED).body(match(id));
    }

    @PostMapping("/lines/{id}/account-booking")
    @PreAuthorize("hasAuthority('bank.reconcile') and hasAuthority('ledger.manage')")
    @Operation(
            summary =
                    "Book a line in suspense to an account, use being bank-fee, merchant-fee, interest-paid, interest-earned, rebate, "
                            + "other-income or other-service")
    ResponseEntity<MatchDetail> book(@PathVariable UUID id, @RequestBody @Valid UseBody body) {
        statements.line(id);
        UUID match = manual.book(
                id,
                ManualMatchesController.use(Objects.requireNonNullElse(body.use(), "")),
                Objects.requireNonNullElse(body.reason(), ""));
        return ResponseEntity.status(HttpStatus.CREATED).body(match(match));
    }

    @GetMapping("/matches/{id}/undoing")
    @Operation(summary = "What undoing an accepted match would do, or why it cannot be undone; changes nothing")
    EffectsView effects(@PathVariable UUID id) {
        return EffectsView.of(matches.undoEffects(id));
    }

    @PostMapping("/matches/{id}/undoing")
    @Operation(summary = "Take an accepted match out of the books by reversing its entries")
    MatchDetail undo(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        matches.undo(id, Objects.requireNonNullElse(body.reason(), ""));
        return match(id);
    }

    @GetMapping("/lines/{id}/clearing/undoing")
    @Operation(
            summary = "What undoing that a line was cleared by its key would do, or why it cannot be; changes nothing")
    EffectsView clearingEffects(@PathVariable UUID id) {
        return EffectsView.of(cleared.undoEffects(id));
    }

    @PostMapping("/lines/{id}/clearing/undoing")
    @Operation(summary = "Take a line that was cleared by its key to suspense; what it had cleared is open again")
    MatchDetail undoClearing(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        return match(cleared.undo(id, Objects.requireNonNullElse(body.reason(), "")));
    }

    private static String plain(Money amount) {
        return amount.getAmount().toPlainString();
    }

    record Matches(List<MatchView> items, @Nullable UUID next) {}

    record MatchDetail(MatchView match, List<ShareView> shares) {}

    record PickedBody(@Nullable String kind, @Nullable UUID id) {}

    record SelectionBody(
            @Nullable @Size(max = ManualMatches.MOST) List<UUID> lines,
            @Nullable @Size(max = ManualMatches.MOST) List<PickedBody> records,
            @Nullable @Size(max = 300) String reason) {

        Selection selection() {
            return new Selection(
                    Objects.requireNonNullElse(lines, List.of()),
                    Objects.requireNonNullElse(records, List.<PickedBody>of()).stream()
                            .map(picked -> new Picked(
                                    Objects.requireNonNullElse(picked.kind(), ""),
                                    Objects.requireNonNullElse(picked.id(), new UUID(0, 0))))
                            .toList());
        }
    }

    record UseBody(
            @Nullable String use, @Nullable @Size(max = 300) String reason) {}

    record ShareView(UUID line, RecordView record, String amount) {

        static ShareView of(Share share) {
            return new ShareView(share.line().id(), RecordView.of(share.record()), plain(share.amount()));
        }
    }

    record PreviewView(
            List<LineView> lines,
            List<RecordView> records,
            String lineSum,
            String recordSum,
            String difference,
            List<ShareView> shares,
            int withdrawnSuggestions,
            @Nullable String problem) {

        static PreviewView of(Preview preview) {
            return new PreviewView(
                    preview.lines().stream().map(LineView::of).toList(),
                    preview.records().stream().map(RecordView::of).toList(),
                    plain(preview.lineSum()),
                    plain(preview.recordSum()),
                    plain(preview.difference()),
                    preview.shares().stream().map(ShareView::of).toList(),
                    preview.withdrawn(),
                    preview.problem());
        }
    }

    record EntryView(UUID id, String number, LocalDate date, String description, String total) {}

    record EffectsView(
            List<LineView> linesInSuspense,
            List<RecordView> recordsOpen,
            List<EntryView> entriesReversed,
            String total,
            @Nullable String keptBecause) {

        static EffectsView of(UndoEffects effects) {
            return new EffectsView(
                    effects.lines().stream().map(LineView::of).toList(),
                    effects.records().stream().map(RecordView::of).toList(),
                    effects.entries().stream()
                            .map(entry -> new EntryView(
                                    entry.id(),
                                    entry.number(),
                                    entry.date(),
                                    entry.description(),
                                    plain(entry.total())))
                            .toList(),
                    plain(effects.total()),
                    effects.kept());
        }
    }
}
