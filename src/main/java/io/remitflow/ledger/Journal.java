package io.remitflow.ledger;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.UserId;
import java.sql.Types;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * The one way into the books.
 *
 * <p>A posting takes its locks in one order: source key, fiscal period, number series, accounts by id, clearing
 * references by key. The number series makes the postings of an organization take turns from there to their commit, so
 * call it late in a transaction and keep what follows short.
 */
@Service
public class Journal {

    private static final String NUMBER_PREFIX = "JE";

    /** Entry, lines, account balances and clearing balances in one round trip. */
    private static final String WRITE = """
            with entry as (
                insert into accounting_journal_entries (org_id, id, entry_number, entry_date, effective_date, entry_type,
                       fiscal_period, source_module, source_key, source_document_type, source_document_id,
                       reference_number, description, currency, total_debit, total_credit, line_count,
                       reverses_entry_id, reversal_reason, posted_by, posted_at)
                values (:org, :id, :number, :date, :effective, :type, :period, :module, :key, :documentType, :documentId,
                        :referenceNumber, :description, :currency, :total, :total, :lineCount, :reverses, :reason,
                        :postedBy, :postedAt)
            ),
            line as (
                select * from unnest(cast(:accounts as uuid[]), :debits, :credits, :kinds, :references, :texts,
                                     :referenceTypes, cast(:referenceIds as uuid[]), cast(:costCenters as uuid[]))
                    with ordinality as t (account_id, debit, credit, kind, value, text, reference_type, reference_id,
                                          cost_center_id, number)
            ),
            change as (
                select account_id, sum(debit - credit)::bigint as amount from line group by account_id
            ),
            locked as (
                select id from accounting_chart_of_accounts
                 where org_id = :org and id in (select account_id from change) order by id for no key update
            ),
            balance as (
                update accounting_chart_of_accounts a set current_balance = a.current_balance + change.amount
                  from locked join change on change.account_id = locked.id
                 where a.org_id = :org and a.id = locked.id
            ),
            clearing as (
                insert into accounting_clearing_references as r (org_id, id, account_id, currency, reference_kind,
                       reference_value, balance, opened_on, last_entry_on)
                select :org, gen_random_uuid(), account_id, :currency, kind, value, sum(debit - credit)::bigint, :date, :date
                  from line where kind is not null
                 group by account_id, kind, value order by account_id, kind, value
                on conflict (org_id, account_id, reference_kind, reference_value) do update
                   set balance = r.balance + excluded.balance,
                       opened_on = case when r.balance = 0 then excluded.opened_on else r.opened_on end,
                       last_entry_on = greatest(r.last_entry_on, excluded.last_entry_on)
                returning r.id, r.account_id, r.reference_kind, r.reference_value
            )
            insert into accounting_journal_lines (org_id, journal_entry_id, line_number, line_count, entry_date,
                   account_id, cost_center_id, currency, debit_amount, credit_amount, clearing_reference_id,
                   description, reference_type, reference_id)
            select :org, :id, line.number, :lineCount, :date, line.account_id, line.cost_center_id, :currency, line.debit,
                   line.credit, clearing.id, line.text, line.reference_type, line.reference_id
              from line left join clearing on clearing.account_id = line.account_id
                   and clearing.reference_kind = line.kind and clearing.reference_value = line.value
            """;

    private final JdbcClient jdbc;
    private final NumberSeries numbers;
    private final FiscalPeriods periods;
    private final ObjectProvider<LinkedEntries> linked;
    private final AuditLog audit;
    private final Clock clock;

    Journal(
            JdbcClient jdbc,
            NumberSeries numbers,
            FiscalPeriods periods,
            ObjectProvider<LinkedEntries> linked,
            AuditLog audit,
            Clock clock) {
        this.jdbc = jdbc;
        this.linked = linked;
        this.numbers = numbers;
        this.periods = periods;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Posts the entry in the caller's transaction, if there is one.
     *
     * <p>The same source key with the same content is posted once, however often and from however many threads it
     * comes; with other content it is refused ({@link Refusal#IDEMPOTENCY_KEY_REUSED}).
     */
    @Transactional
    public PostedEntry post(NewEntry entry) {
        return write(Ids.next(), entry, null);
    }

    /** A posted draft keeps its id. */
    PostedEntry post(UUID id, NewEntry entry) {
        return write(id, entry, null);
    }

    /**
     * As {@link #reverse}, by a person who works in the ledger.
     *
     * @throws RuleViolation {@link Refusal#ENTRY_NOT_REVERSIBLE} if other books must move with the entry
     */
    @Transactional
    public PostedEntry reverseByHand(UUID entryId, LocalDate date, String reason, String sourceKey) {
        var original = find(entryId).orElseThrow(() -> RuleViolation.notFound("journal entry"));
        linked.stream()
                .flatMap(each -> each.takenBackElsewhere(original).stream())
                .findFirst()
                .ifPresent(place -> {
                    throw new RuleViolation(
                            Refusal.ENTRY_NOT_REVERSIBLE,
                            "%s is not reversed in the ledger alone: %s".formatted(original.number(), place));
                });
        return reverse(entryId, date, reason, sourceKey);
    }

    /**
     * Posts the opposite of an entry, linked both ways. An entry is reversed once, a reversal never.
     *
     * <p>The date must lie in an open period and not before the entry; the clearing references get their balances back.
     */
    @Transactional
    public PostedEntry reverse(UUID entryId, LocalDate date, String reason, String sourceKey) {
        var original = find(entryId).orElseThrow(() -> RuleViolation.notFound("journal entry"));
        if (original.isReversal()) {
            throw new RuleViolation(
                    Refusal.ENTRY_NOT_REVERSIBLE,
                    "%s is itself a reversal: post a new entry instead".formatted(original.number()));
        }
        if (date.isBefore(original.date())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a reversal cannot be dated before the entry it reverses");
        }
        if (reason.isBlank() || reason.length() > 500) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a reversal needs a reason of at most 500 characters");
        }
        try {
            var reversal =
                    write(Ids.next(), opposite(original, date, sourceKey), new Reversal(original.id(), reason.strip()));
            if (!reversal.alreadyPosted()) {
                audit.record(
                        "journal-entry.reversed",
                        "journal-entry",
                        entryId.toString(),
                        Map.of("reversal", reversal.number(), "entry", original.number()));
            }
            return reversal;
        } catch (DuplicateKeyException e) {
            if (String.valueOf(e.getMessage()).contains("accounting_journal_entries_reversed_once")) {
                throw new RuleViolation(
                        Refusal.ENTRY_ALREADY_REVERSED, "%s is already reversed".formatted(original.number()));
            }
            throw e;
        }
    }

    @Transactional(readOnly = true)
    public Optional<JournalEntry> find(UUID id) {
        return jdbc.sql("""
                        select e.*, r.id as reversed_by
                          from accounting_journal_entries e
                          left join accounting_journal_entries r on r.org_id = e.org_id and r.reverses_entry_id = e.id
                         where e.org_id = :org and e.id = :id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .query((row, number) -> JournalRows.entry(row, lines(id)))
                .optional();
    }

    private List<JournalEntry.Line> lines(UUID entryId) {
        return jdbc.sql("""
                        select l.*, a.account_code, a.account_name, c.reference_kind, c.reference_value
                          from accounting_journal_lines l
                          join accounting_chart_of_accounts a on a.org_id = l.org_id and a.id = l.account_id
                          left join accounting_clearing_references c
                               on c.org_id = l.org_id and c.id = l.clearing_reference_id
                         where l.org_id = :org and l.journal_entry_id = :id order by l.line_number
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", entryId)
                .query((row, number) -> JournalRows.line(row))
                .list();
    }

    private static NewEntry opposite(JournalEntry original, LocalDate date, String sourceKey) {
        String description = "Reversal of %s: %s".formatted(original.number(), original.description());
        var builder = NewEntry.on(
                        date,
                        original.sourceModule(),
                        sourceKey,
                        description.substring(0, Math.min(description.length(), NewEntry.MAX_TEXT)))
                .type(EntryType.REVERSING)
                .referenceNumber(original.referenceNumber());
        if (original.documentType() != null && original.documentId() != null) {
            builder.reference(original.documentType(), original.documentId());
        }
        original.lines().forEach(line -> builder.line(opposite(line)));
        return builder.build();
    }

    private static NewEntry.Line opposite(JournalEntry.Line line) {
        boolean wasDebit = line.debit().isPositive();
        return new NewEntry.Line(
                line.accountCode(),
                !wasDebit,
                wasDebit ? line.debit() : line.credit(),
                line.clearing(),
                line.text(),
                line.referenceType(),
                line.referenceId(),
                line.costCenterId());
    }

    private PostedEntry write(UUID id, NewEntry entry, @Nullable Reversal reversal) {
        if (!claimKey(id, entry)) {
            return postedBefore(entry);
        }
        var accounts = accounts(entry);
        var period = periods.forPosting(entry.date(), entry.inOpenPeriod());
        var date = period.contains(entry.date()) ? entry.date() : period.startsOn();
        String number = numbers.next(NUMBER_PREFIX, date.getYear());
        insert(id, entry, reversal, accounts, period, date, number);
        return new PostedEntry(id, number, false);
    }

    /** Waits for a transaction that is just posting the same key. */
    private boolean claimKey(UUID id, NewEntry entry) {
        return jdbc.sql("""
                                insert into accounting_journal_keys (org_id, source_key, journal_entry_id, content_hash)
                                values (:org, :key, :id, :hash) on conflict (org_id, source_key) do nothing
                                """)
                        .param("org", CurrentOrganization.id().value())
                        .param("key", entry.sourceKey())
                        .param("id", id)
                        .param("hash", entry.contentHash())
                        .update()
                == 1;
    }

    private PostedEntry postedBefore(NewEntry entry) {
        return jdbc.sql("""
                        select e.id, e.entry_number, k.content_hash = :hash as same_content
                          from accounting_journal_keys k
                          join accounting_journal_entries e on e.org_id = k.org_id and e.id = k.journal_entry_id
                         where k.org_id = :org and k.source_key = :key
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("key", entry.sourceKey())
                .param("hash", entry.contentHash())
                .query((row, number) -> {
                    if (!row.getBoolean("same_content")) {
                        throw new RuleViolation(
                                Refusal.IDEMPOTENCY_KEY_REUSED,
                                "%s was posted for the same source with other content"
                                        .formatted(row.getString("entry_number")));
                    }
                    return new PostedEntry(row.getObject("id", UUID.class), row.getString("entry_number"), true);
                })
                .single();
    }

    private Map<String, PostingAccount> accounts(NewEntry entry) {
        String[] codes = entry.lines().stream()
                .map(NewEntry.Line::accountCode)
                .distinct()
                .toArray(String[]::new);
        var accounts = jdbc
                .sql("""
                        select id, account_code, is_active, currency, account_subtype from accounting_chart_of_accounts
                         where org_id = :org and account_code = any(:codes)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("codes", codes)
                .query((row, number) -> new PostingAccount(
                        row.getObject("id", UUID.class),
                        row.getString("account_code"),
                        row.getBoolean("is_active"),
                        CurrencyUnit.of(row.getString("currency")),
                        Account.CLEARING.equals(row.getString("account_subtype"))))
                .list()
                .stream()
                .collect(Collectors.toMap(PostingAccount::code, Function.identity()));
        entry.lines().forEach(line -> requirePostable(line, accounts.get(line.accountCode())));
        return accounts;
    }

    private static void requirePostable(NewEntry.Line line, @Nullable PostingAccount account) {
        if (account == null) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "there is no account %s in the chart".formatted(line.accountCode()));
        }
        if (!account.active()) {
            throw new RuleViolation(Refusal.ACCOUNT_INACTIVE, "account %s is inactive".formatted(account.code()));
        }
        if (!account.currency().equals(line.amount().getCurrencyUnit())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "account %s is kept in %s, not in %s"
                            .formatted(
                                    account.code(),
                                    account.currency(),
                                    line.amount().getCurrencyUnit()));
        }
        if (account.clearing() && line.clearing() == null) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "a line on clearing account %s must say which reference it belongs to".formatted(account.code()));
        }
    }

    private void insert(
            UUID id,
            NewEntry entry,
            @Nullable Reversal reversal,
            Map<String, PostingAccount> accounts,
            FiscalPeriod period,
            LocalDate date,
            String number) {
        var lines = entry.lines();
        jdbc.sql(WRITE)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("number", number)
                .param("date", date)
                .param("effective", entry.date())
                .param("type", entry.type().key())
                .param("period", period.name())
                .param("module", entry.sourceModule())
                .param("key", entry.sourceKey())
                .param("documentType", entry.documentType(), Types.VARCHAR)
                .param("documentId", entry.documentId(), Types.OTHER)
                .param("referenceNumber", entry.referenceNumber(), Types.VARCHAR)
                .param("description", entry.description())
                .param("currency", entry.currency().getCode())
                .param("total", entry.total().getAmountMinorLong())
                .param("lineCount", lines.size())
                .param("reverses", reversal == null ? null : reversal.entryId(), Types.OTHER)
                .param("reason", reversal == null ? null : reversal.reason(), Types.VARCHAR)
                .param("postedBy", CurrentUser.find().map(UserId::value).orElse(null), Types.OTHER)
                .param("postedAt", clock.instant().atOffset(ZoneOffset.UTC))
                .param("accounts", column(lines, line -> idOf(accounts, line)))
                .param(
                        "debits",
                        lines.stream().mapToLong(NewEntry.Line::debitMinor).toArray())
                .param(
                        "credits",
                        lines.stream().mapToLong(NewEntry.Line::creditMinor).toArray())
                .param(
                        "kinds",
                        column(
                                lines,
                                line -> line.clearing() == null
                                        ? null
                                        : line.clearing().kind()))
                .param(
                        "references",
                        column(
                                lines,
                                line -> line.clearing() == null
                                        ? null
                                        : line.clearing().value()))
                .param("texts", column(lines, NewEntry.Line::text))
                .param("referenceTypes", column(lines, NewEntry.Line::referenceType))
                .param("referenceIds", column(lines, line -> text(line.referenceId())))
                .param("costCenters", column(lines, line -> text(line.costCenterId())))
                .update();
    }

    private static String idOf(Map<String, PostingAccount> accounts, NewEntry.Line line) {
        return Objects.requireNonNull(accounts.get(line.accountCode())).id().toString();
    }

    private static @Nullable String text(@Nullable UUID id) {
        return id == null ? null : id.toString();
    }

    private static @Nullable String[] column(
            List<NewEntry.Line> lines, Function<NewEntry.Line, @Nullable String> value) {
        @Nullable String[] column = new @Nullable String[lines.size()];
        for (int i = 0; i < column.length; i++) {
            column[i] = value.apply(lines.get(i));
        }
        return column;
    }

    private record Reversal(UUID entryId, String reason) {}

    private record PostingAccount(UUID id, String code, boolean active, CurrencyUnit currency, boolean clearing) {}
}
