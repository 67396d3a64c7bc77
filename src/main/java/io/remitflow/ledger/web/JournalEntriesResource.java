package io.remitflow.ledger.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.DraftContent;
import io.remitflow.ledger.EntryFilter;
import io.remitflow.ledger.EntryType;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.JournalDraft;
import io.remitflow.ledger.JournalDrafts;
import io.remitflow.ledger.JournalEntries;
import io.remitflow.ledger.JournalEntry;
import io.remitflow.ledger.NewEntry;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.joda.money.IllegalCurrencyException;
import org.joda.money.Money;
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

/** Drafts and posted entries under one path: a draft keeps its id when it is posted. */
@RestController
@RequestMapping("/accounting/journal-entries")
@PreAuthorize("hasAuthority('ledger.view')")
@Tag(name = "Journal entries")
class JournalEntriesResource {

    private final Journal journal;
    private final JournalEntries entries;
    private final JournalDrafts drafts;
    private final Organizations organizations;

    JournalEntriesResource(Journal journal, JournalEntries entries, JournalDrafts drafts, Organizations organizations) {
        this.journal = journal;
        this.entries = entries;
        this.drafts = drafts;
        this.organizations = organizations;
    }

    @GetMapping
    @Operation(summary = "Posted entries, newest first; with status=draft all drafts")
    EntriesJson list(
            @RequestParam(defaultValue = "posted") String status,
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate to,
            @RequestParam(required = false) @Nullable UUID accountId,
            @RequestParam(required = false) @Nullable String source,
            @RequestParam(required = false) @Nullable String text,
            @RequestParam(required = false) @Nullable UUID documentId,
            @RequestParam(required = false) @Nullable String after,
            @RequestParam(defaultValue = "50") int limit) {
        if (status.equals("draft")) {
            var open = drafts.open().stream().map(EntryJson::of).toList();
            return new EntriesJson(open, open.size(), null);
        }
        if (!status.equals("posted")) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "status is posted or draft");
        }
        var page = entries.find(new EntryFilter(from, to, accountId, source, text, documentId, null), after, limit);
        return new EntriesJson(page.entries().stream().map(EntryJson::of).toList(), page.count(), page.next());
    }

    @PostMapping
    @PreAuthorize("hasAuthority('ledger.manage')")
    @Operation(summary = "Write a draft; it need not balance before it is posted")
    ResponseEntity<EntryJson> create(
            @RequestBody EntryRequest request,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String idempotencyKey) {
        var id = drafts.create(request.toContent(organizations), idempotencyKey);
        return ResponseEntity.created(URI.create("/accounting/journal-entries/" + id))
                .body(view(id));
    }

    @GetMapping("/{entryId}")
    EntryJson get(@PathVariable UUID entryId) {
        return view(entryId);
    }

    @PutMapping("/{entryId}")
    @PreAuthorize("hasAuthority('ledger.manage')")
    @Operation(summary = "Replace the content of a draft; must name the version it was read in")
    EntryJson update(@PathVariable UUID entryId, @RequestBody EntryRequest request) {
        Integer version = request.version();
        if (version == null) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "say in version which version of the draft you change: the one you read");
        }
        drafts.update(entryId, request.toContent(organizations), version);
        return view(entryId);
    }

    @PostMapping("/{entryId}/post")
    @PreAuthorize("hasAuthority('ledger.manage')")
    @Operation(summary = "Post a draft; repeating it changes nothing")
    EntryJson post(@PathVariable UUID entryId) {
        drafts.post(entryId);
        return view(entryId);
    }

    @PostMapping("/{entryId}/void")
    @PreAuthorize("hasAuthority('ledger.manage')")
    @Operation(summary = "Discard a draft, or reverse a posted entry by a linked one; nothing is ever deleted")
    EntryJson voidEntry(
            @PathVariable UUID entryId,
            @RequestBody VoidRequest request,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String idempotencyKey) {
        String reason = request.reason() == null ? "" : request.reason();
        if (journal.find(entryId).isEmpty()) {
            drafts.discard(entryId, reason);
            return view(entryId);
        }
        String key = idempotencyKey == null ? UUID.randomUUID().toString() : idempotencyKey;
        if (key.length() > 100) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an idempotency key has 1 to 100 characters");
        }
        var date = request.date() == null ? organizations.today() : request.date();
        journal.reverseByHand(entryId, date, reason, "void:%s:%s".formatted(entryId, key));
        return view(entryId);
    }

    private EntryJson view(UUID id) {
        return journal.find(id).map(EntryJson::of).orElseGet(() -> EntryJson.of(draft(id)));
    }

    private JournalDraft draft(UUID id) {
        return drafts.find(id).orElseThrow(() -> RuleViolation.notFound("journal entry"));
    }

    record EntriesJson(
            List<EntryJson> items, long count, @Nullable String next) {}

    record VoidRequest(@Nullable String reason, @Nullable LocalDate date) {}

    record LineRequest(
            @Nullable String accountCode,
            @Nullable Long debitMinor,
            @Nullable Long creditMinor,
            @Nullable ClearingReference clearing,
            @Nullable String description) {

        NewEntry.Line toLine(CurrencyUnit currency) {
            long debit = debitMinor == null ? 0 : debitMinor;
            long credit = creditMinor == null ? 0 : creditMinor;
            if (accountCode == null || debit < 0 || credit < 0 || (debit == 0) == (credit == 0)) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT,
                        "a line needs an account and either debitMinor or creditMinor above zero");
            }
            return new NewEntry.Line(
                    accountCode,
                    debit > 0,
                    Money.ofMinor(currency, debit + credit),
                    clearing,
                    description,
                    null,
                    null,
                    null);
        }
    }

    record EntryRequest(
            @Nullable LocalDate date,
            @Nullable String type,
            @Nullable String referenceNumber,
            @Nullable String description,
            @Nullable String currency,
            @Nullable Integer version,
            @Nullable List<LineRequest> lines) {

        DraftContent toContent(Organizations organizations) {
            var unit = currencyUnit(organizations);
            return new DraftContent(
                    date == null ? organizations.today() : date,
                    entryType(),
                    referenceNumber,
                    description == null ? "" : description,
                    lines == null
                            ? List.of()
                            : lines.stream().map(line -> line.toLine(unit)).toList());
        }

        private CurrencyUnit currencyUnit(Organizations organizations) {
            try {
                return currency == null ? organizations.current().currency() : CurrencyUnit.of(currency);
            } catch (IllegalCurrencyException e) {
                throw new RuleViolation(Refusal.INVALID_INPUT, "there is no such currency");
            }
        }

        private EntryType entryType() {
            try {
                return type == null ? EntryType.STANDARD : EntryType.ofKey(type);
            } catch (IllegalArgumentException e) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT, "the type of an entry is standard, adjusting, closing or opening");
            }
        }
    }

    record LineJson(
            int number,
            @Nullable UUID accountId,
            String accountCode,
            Amount debit,
            Amount credit,
            @Nullable ClearingReference clearing,
            @Nullable String description) {}

    /**
     * A draft or a posted entry.
     *
     * @param status draft, posted or void (a discarded draft)
     */
    record EntryJson(
            UUID id,
            String status,
            @Nullable String number,
            LocalDate date,
            LocalDate effectiveDate,
            String type,
            @Nullable String fiscalPeriod,
            String source,
            @Nullable String documentType,
            @Nullable UUID documentId,
            @Nullable String referenceNumber,
            String description,
            @Nullable Amount total,
            @Nullable UUID reversesEntryId,
            @Nullable UUID reversedByEntryId,
            @Nullable String reason,
            @Nullable Instant postedAt,
            @Nullable Integer version,
            List<LineJson> lines) {

        static EntryJson of(JournalEntry entry) {
            return new EntryJson(
                    entry.id(),
                    "posted",
                    entry.number(),
                    entry.date(),
                    entry.effectiveDate(),
                    entry.type().key(),
                    entry.fiscalPeriod(),
                    entry.sourceModule(),
                    entry.documentType(),
                    entry.documentId(),
                    entry.referenceNumber(),
                    entry.description(),
                    Amount.of(entry.total()),
                    entry.reversesEntryId(),
                    entry.reversedByEntryId(),
                    entry.reversalReason(),
                    entry.postedAt(),
                    null,
                    entry.lines().stream()
                            .map(line -> new LineJson(
                                    line.number(),
                                    line.accountId(),
                                    line.accountCode(),
                                    Amount.of(line.debit()),
                                    Amount.of(line.credit()),
                                    line.clearing(),
                                    line.text()))
                            .toList());
        }

        static EntryJson of(JournalDraft draft) {
            var content = draft.content();
            var lines = new java.util.ArrayList<LineJson>();
            for (NewEntry.Line line : content.lines()) {
                var nothing = Money.zero(line.amount().getCurrencyUnit());
                lines.add(new LineJson(
                        lines.size() + 1,
                        null,
                        line.accountCode(),
                        Amount.of(line.debit() ? line.amount() : nothing),
                        Amount.of(line.debit() ? nothing : line.amount()),
                        line.clearing(),
                        line.text()));
            }
            return new EntryJson(
                    draft.id(),
                    draft.status().name().toLowerCase(Locale.ROOT),
                    null,
                    content.date(),
                    content.date(),
                    content.type().key(),
                    null,
                    "manual",
                    null,
                    null,
                    content.referenceNumber(),
                    content.description(),
                    null,
                    null,
                    null,
                    draft.voidReason(),
                    null,
                    draft.version(),
                    lines);
        }
    }
}
