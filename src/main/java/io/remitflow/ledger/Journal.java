package io.remitflow.ledger;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import java.sql.Types;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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

    /** Entries, lines, account balances and clearing balances in one round trip, whatever their number. */
    private static final String WRITE = """
            with entry as (
                select * from unnest(cast(:ids as uuid[]), :numbers, cast(:dates as date[]), cast(:effective as date[]), :types,
                                     :periods, :modules, :keys, :documentTypes, cast(:documentIds as uuid[]), :referenceNumbers,
                                     :descriptions, :currencies, :totals, :lineCounts, cast(:reverses as uuid[]), :reasons)
                    as t (id, number, date, effective, type, period, module, key, document_type, document_id,
                          reference_number, description, currency, total, line_count, reverses, reason)
            ),
            written as (
                insert into accounting_journal_entries (org_id, id, entry_number, entry_date, effective_date, entry_type,
                       fiscal_period, source_module, source_key, source_document_type, source_document_id,
                       reference_number, description, currency, total_debit, total_credit, line_count,
                       reverses_entry_id, reversal_reason, posted_by, posted_at)
                select :org, id, number, date, effective, type, period, module, key, document_type, document_id,
                       reference_number, description, currency, total, total, line_count, reverses, reason, :postedBy, :postedAt
                  from entry
            ),
            line as (
                select l.*, e.date, e.currency, e.line_count
                  from unnest(cast(:entries as uuid[]), :lineNumbers, cast(:accounts as uuid[]), :debits, :credits, :kinds,
                              :references, :texts, :referenceTypes, cast(:referenceIds as uuid[]), cast(:costCenters as uuid[]))
                       as l (entry_id, number, account_id, debit, credit, kind, value, text, reference_type, reference_id,
                             cost_center_id)
                  join entry e on e.id = l.entry_id
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
                select :org, gen_random_uuid(), account_id, currency, kind, value, sum(debit - credit)::bigint, min(date), max(date)
                  from line where kind is not null
                 group by account_id, currency, kind, value order by account_id, kind, value
                on conflict (org_id, account_id, reference_kind, reference_value) do update
                   set balance = r.balance + excluded.balance,
                       opened_on = case when r.balance = 0 then excluded.opened_on else r.opened_on end,
                       last_entry_on = greatest(r.last_entry_on, excluded.last_entry_on)
                returning r.id, r.account_id, r.reference_kind, r.reference_value
            )
            insert into accounting_journal_lines (org_id, journal_entry_id, line_number, line_count, entry_date,
                   account_id, cost_center_id, currency, debit_amount, credit_amount, clearing_reference_id,
                   description, reference_type, reference_id)
            select :org, line.entry_id, line.number, line.line_count, line.date, line.account_id, line.cost_center_id,
                   line.currency, line.debit, line.credit, clearing.id, line.text, line.reference_type, line.reference_id
              from line left join clearing on clearing.account_id = line.account_id
                   and clearing.reference_kind = line.kind and clearing.reference_value = line.value
            """;

    private final JdbcClient jdbc;
    private final NumberSeries numbers;
    private final FiscalPeriods periods;
    private final Organizations organizations;
    private final ObjectProvider<LinkedEntries> linked;
    private final AuditLog audit;
    private final Clock clock;

    Journal(
            JdbcClient jdbc,
            NumberSeries numbers,
            FiscalPeriods periods,
            Organizations organizations,
            ObjectProvider<LinkedEntries> linked,
            AuditLog audit,
            Clock clock) {
        this.jdbc = jdbc;
        this.linked = linked;
        this.numbers = numbers;
        this.periods = periods;
        this.organizations = organizations;
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

    /**
     * As {@link #post}, for many entries in few steps: each is posted once, all or none of them.
     *
     * @param entries with source keys of their own
     * @return in the order of the entries
     */
    @Transactional
    public List<PostedEntry> postAll(List<NewEntry> entries) {
        Map<String, UUID> ids = new LinkedHashMap<>();
        entries.forEach(entry -> ids.put(entry.sourceKey(), Ids.next()));
        if (ids.size() < entries.size()) {
            throw new IllegalArgumentException("two entries have one source key");
        }
        Set<String> claimed = claimKeys(entries, ids);
        List<NewEntry> added = entries.stream()
                .filter(entry -> claimed.contains(entry.sourceKey()))
                .toList();
        Map<String, PostedEntry> posted = new HashMap<>();
        insertAll(added, ids)
                .forEach(writing -> posted.put(
                        writing.entry().sourceKey(), new PostedEntry(writing.id(), writing.number(), false)));
        return entries.stream()
                .map(entry -> claimed.contains(entry.sourceKey())
                        ? Objects.requireNonNull(posted.get(entry.sourceKey()))
                        : postedBefore(entry))
                .toList();
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
        var original = existing(entryId);
        linked.stream()
                .flatMap(each -> each.takenBackElsewhere(original).stream())
                .findFirst()
                .ifPresent(place -> {
                    throw new RuleViolation(
                            Refusal.ENTRY_NOT_REVERSIBLE,
                            "%s is not reversed in the ledger alone: %s".formatted(original.number(), place));
                });
        return reverse(original, date, false, reason, sourceKey);
    }

    /**
     * Posts the opposite of an entry, linked both ways. An entry is reversed once, a reversal never.
     *
     * <p>The date must lie in an open period and not before the entry; the clearing references get their balances back.
     */
    @Transactional
    public PostedEntry reverse(UUID entryId, LocalDate date, String reason, String sourceKey) {
        return reverse(existing(entryId), date, false, reason, sourceKey);
    }

    /**
     * As {@link #reverse}, of today, for what happened whether or not a month is closed, such as money that came back: as
     * {@link NewEntry.Builder#inOpenPeriod} and never before the entry, which may itself have moved to a later month.
     */
    @Transactional
    public PostedEntry takeBack(UUID entryId, String reason, String sourceKey) {
        var original = existing(entryId);
        var today = organizations.today();
        var date = original.date().isAfter(today) ? original.date() : today;
        return reverse(original, date, true, reason, sourceKey);
    }

    private JournalEntry existing(UUID entryId) {
        return find(entryId).orElseThrow(() -> RuleViolation.notFound("journal entry"));
    }

    private PostedEntry reverse(
            JournalEntry original, LocalDate date, boolean inOpenPeriod, String reason, String sourceKey) {
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
            var opposite = opposite(original, date, sourceKey);
            var reversal = write(
                    Ids.next(),
                    (inOpenPeriod ? opposite.inOpenPeriod() : opposite).build(),
                    new Reversal(original.id(), reason.strip()));
            if (!reversal.alreadyPosted()) {
                audit.record(
                        "journal-entry.reversed",
                        "journal-entry",
                        original.id().toString(),
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

    private static NewEntry.Builder opposite(JournalEntry original, LocalDate date, String sourceKey) {
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
        return builder;
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
        var accounts = accounts(List.of(entry));
        var period = periods.forPosting(entry.date(), entry.inOpenPeriod());
        var date = period.contains(entry.date()) ? entry.date() : period.startsOn();
        String number = numbers.next(NUMBER_PREFIX, date.getYear());
        insert(List.of(new Writing(id, entry, reversal, period, date, number)), accounts);
        return new PostedEntry(id, number, false);
    }

    /** Entries whose keys are claimed: periods first, then numbers in the order of the entries. */
    private List<Writing> insertAll(List<NewEntry> entries, Map<String, UUID> ids) {
        if (entries.isEmpty()) {
            return List.of();
        }
        var accounts = accounts(entries);
        record Day(LocalDate date, boolean inOpenPeriod) {}
        Map<Day, FiscalPeriod> open = new HashMap<>();
        entries.stream()
                .map(entry -> new Day(entry.date(), entry.inOpenPeriod()))
                .distinct()
                .sorted(Comparator.comparing(Day::date).thenComparing(Day::inOpenPeriod))
                .forEach(day -> open.put(day, periods.forPosting(day.date(), day.inOpenPeriod())));
        List<Writing> unnumbered = entries.stream()
                .map(entry -> {
                    var period = Objects.requireNonNull(open.get(new Day(entry.date(), entry.inOpenPeriod())));
                    var date = period.contains(entry.date()) ? entry.date() : period.startsOn();
                    return new Writing(
                            Objects.requireNonNull(ids.get(entry.sourceKey())), entry, null, period, date, "");
                })
                .toList();
        Map<Integer, Iterator<String>> free = new TreeMap<>();
        unnumbered.stream()
                .collect(Collectors.groupingBy(
                        writing -> writing.date().getYear(), TreeMap::new, Collectors.summingInt(one -> 1)))
                .forEach((year, count) ->
                        free.put(year, numbers.next(NUMBER_PREFIX, year, count).iterator()));
        List<Writing> numbered = unnumbered.stream()
                .map(writing -> writing.numbered(
                        Objects.requireNonNull(free.get(writing.date().getYear()))
                                .next()))
                .toList();
        insert(numbered, accounts);
        return numbered;
    }

    /** In the order of the keys, so that two who claim the same ones do not wait for each other. */
    private Set<String> claimKeys(List<NewEntry> entries, Map<String, UUID> ids) {
        return Set.copyOf(jdbc.sql("""
                        insert into accounting_journal_keys (org_id, source_key, journal_entry_id, content_hash)
                        select :org, key, id, hash
                          from unnest(:keys, cast(:ids as uuid[]), :hashes) as t (key, id, hash) order by key
                        on conflict (org_id, source_key) do nothing
                        returning source_key
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("keys", column(entries, NewEntry::sourceKey))
                .param("ids", column(entries, entry -> text(ids.get(entry.sourceKey()))))
                .param("hashes", column(entries, NewEntry::contentHash))
                .query(String.class)
                .list());
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

    private Map<String, PostingAccount> accounts(List<NewEntry> entries) {
        String[] codes = entries.stream()
                .flatMap(entry -> entry.lines().stream())
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
        entries.stream()
                .flatMap(entry -> entry.lines().stream())
                .forEach(line -> requirePostable(line, accounts.get(line.accountCode())));
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

    private void insert(List<Writing> writings, Map<String, PostingAccount> accounts) {
        List<WrittenLine> lines = writings.stream().flatMap(Writing::lines).toList();
        jdbc.sql(WRITE)
                .param("org", CurrentOrganization.id().value())
                .param("postedBy", CurrentUser.find().map(UserId::value).orElse(null), Types.OTHER)
                .param("postedAt", clock.instant().atOffset(ZoneOffset.UTC))
                .param("ids", column(writings, writing -> writing.id().toString()))
                .param("numbers", column(writings, Writing::number))
                .param("dates", column(writings, writing -> writing.date().toString()))
                .param(
                        "effective",
                        column(writings, writing -> writing.entry().date().toString()))
                .param(
                        "types",
                        column(writings, writing -> writing.entry().type().key()))
                .param("periods", column(writings, writing -> writing.period().name()))
                .param("modules", column(writings, writing -> writing.entry().sourceModule()))
                .param("keys", column(writings, writing -> writing.entry().sourceKey()))
                .param(
                        "documentTypes",
                        column(writings, writing -> writing.entry().documentType()))
                .param(
                        "documentIds",
                        column(writings, writing -> text(writing.entry().documentId())))
                .param(
                        "referenceNumbers",
                        column(writings, writing -> writing.entry().referenceNumber()))
                .param(
                        "descriptions",
                        column(writings, writing -> writing.entry().description()))
                .param(
                        "currencies",
                        column(writings, writing -> writing.entry().currency().getCode()))
                .param(
                        "totals",
                        writings.stream()
                                .mapToLong(writing -> writing.entry().total().getAmountMinorLong())
                                .toArray())
                .param(
                        "lineCounts",
                        writings.stream()
                                .mapToInt(writing -> writing.entry().lines().size())
                                .toArray())
                .param(
                        "reverses",
                        column(
                                writings,
                                writing -> writing.reversal() == null
                                        ? null
                                        : writing.reversal().entryId().toString()))
                .param(
                        "reasons",
                        column(
                                writings,
                                writing -> writing.reversal() == null
                                        ? null
                                        : writing.reversal().reason()))
                .param("entries", column(lines, line -> line.entryId().toString()))
                .param(
                        "lineNumbers",
                        lines.stream().mapToInt(WrittenLine::number).toArray())
                .param("accounts", column(lines, line -> idOf(accounts, line.line())))
                .param(
                        "debits",
                        lines.stream()
                                .mapToLong(line -> line.line().debitMinor())
                                .toArray())
                .param(
                        "credits",
                        lines.stream()
                                .mapToLong(line -> line.line().creditMinor())
                                .toArray())
                .param(
                        "kinds",
                        column(
                                lines,
                                line -> line.line().clearing() == null
                                        ? null
                                        : line.line().clearing().kind()))
                .param(
                        "references",
                        column(
                                lines,
                                line -> line.line().clearing() == null
                                        ? null
                                        : line.line().clearing().value()))
                .param("texts", column(lines, line -> line.line().text()))
                .param("referenceTypes", column(lines, line -> line.line().referenceType()))
                .param("referenceIds", column(lines, line -> text(line.line().referenceId())))
                .param("costCenters", column(lines, line -> text(line.line().costCenterId())))
                .update();
    }

    private static String idOf(Map<String, PostingAccount> accounts, NewEntry.Line line) {
        return Objects.requireNonNull(accounts.get(line.accountCode())).id().toString();
    }

    private static @Nullable String text(@Nullable UUID id) {
        return id == null ? null : id.toString();
    }

    private static <T> @Nullable String[] column(List<T> rows, Function<T, @Nullable String> value) {
        @Nullable String[] column = new @Nullable String[rows.size()];
        for (int i = 0; i < column.length; i++) {
            column[i] = value.apply(rows.get(i));
        }
        return column;
    }

    /** An entry with all that is decided about it before it is written. */
    private record Writing(
            UUID id, NewEntry entry, @Nullable Reversal reversal, FiscalPeriod period, LocalDate date, String number) {

        Writing numbered(String next) {
            return new Writing(id, entry, reversal, period, date, next);
        }

        Stream<WrittenLine> lines() {
            return IntStream.range(0, entry.lines().size())
                    .mapToObj(i -> new WrittenLine(id, i + 1, entry.lines().get(i)));
        }
    }

    private record WrittenLine(UUID entryId, int number, NewEntry.Line line) {}

    private record Reversal(UUID entryId, String reason) {}

    private record PostingAccount(UUID id, String code, boolean active, CurrencyUnit currency, boolean clearing) {}
}
