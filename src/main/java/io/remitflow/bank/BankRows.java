package io.remitflow.bank;

import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Ids;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Turns;
import io.remitflow.ledger.StandardAccount;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Rows of statements and their lines. */
@Component
class BankRows {

    private static final int MAX_KEYS = 40;
    private static final int MIN_KEY = 4;
    /** No other key has it: a check is found by the number of a check only. */
    private static final String CHECK_KEY = "#";

    private static final Pattern WORDS = Pattern.compile("[\\s,;:*/|]+");
    private static final String LINE = """
            select l.*, a.account_code, b.counter, b.evidence as booking_evidence, b.journal_entry_id,
                   m.id as match_id, m.status as match_status, m.evidence as match_evidence
              from accounting_bank_lines l
              join accounting_bank_accounts ba on ba.org_id = l.org_id and ba.id = l.bank_account_id
              join accounting_chart_of_accounts a on a.org_id = ba.org_id and a.id = ba.gl_account_id
              left join accounting_bank_bookings b on b.org_id = l.org_id and b.line_id = l.id
              left join accounting_bank_match_parts p on p.org_id = l.org_id and p.side = 'line' and p.part_id = l.id and p.active
              left join accounting_bank_matches m on m.org_id = p.org_id and m.id = p.match_id
            """;
    /** Between a statement and one that shows the day before its first one as well as a later day, nothing is missing. */
    private static final String STATEMENT = """
            select s.*, ba.account_name, ba.account_last4, f.original_name,
                   (select count(*) from accounting_bank_statement_lines x where x.org_id = s.org_id and x.statement_id = s.id) as lines,
                   (select count(*) from accounting_bank_lines x where x.org_id = s.org_id and x.statement_id = s.id) as new_lines,
                   before.last_on as closed_on, before.closing_balance as closed_with
              from accounting_bank_statements s
              join accounting_bank_accounts ba on ba.org_id = s.org_id and ba.id = s.bank_account_id
              join intake_files f on f.org_id = s.org_id and f.id = s.file_id
              left join lateral (
                  select p.last_on, p.closing_balance from accounting_bank_statements p
                  where p.org_id = s.org_id and p.bank_account_id = s.bank_account_id and p.last_on < s.first_on
                    and p.closing_balance is not null
                  order by p.last_on desc, p.closing_balance = s.opening_balance desc limit 1
              ) before on not exists (
                  select from accounting_bank_statements p
                  where p.org_id = s.org_id and p.bank_account_id = s.bank_account_id and p.id <> s.id
                    and (p.last_on = s.first_on and p.closing_balance = s.opening_balance
                         or p.first_on < s.first_on and p.last_on >= s.first_on))
            """;

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;

    BankRows(JdbcClient jdbc, JdbcTemplate batches) {
        this.jdbc = jdbc;
        this.batches = batches;
    }

    /** A line on its way into the database. */
    record NewLine(UUID statementId, UUID bankAccountId, int position, StatementLine line, int occurrence) {}

    /**
     * Two lines with the same key are the same movement, or one that looks the same.
     *
     * <p>Blanks and case are what files of two formats most often disagree about.
     */
    static String contentKey(StatementLine line) {
        String text = String.join(
                        "\n",
                        line.bankReference(),
                        line.reference(),
                        line.checkNumber(),
                        line.counterparty(),
                        line.description())
                .toUpperCase(Locale.ROOT)
                .replaceAll("[^\\p{Alnum}\\n]", "");
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Those that are there already stay as they are; the statements show them all the same. */
    void insertLines(List<NewLine> lines) {
        UUID org = organization();
        List<Object[]> rows = new ArrayList<>();
        List<Object[]> shown = new ArrayList<>();
        for (NewLine each : lines) {
            StatementLine line = each.line();
            UUID id = Ids.next();
            String key = contentKey(line);
            var trace = line.trace();
            rows.add(new Object[] {
                org,
                id,
                each.bankAccountId(),
                each.statementId(),
                Date.valueOf(line.bookedOn()),
                line.valueOn() == null ? null : Date.valueOf(line.valueOn()),
                line.amountMinor(),
                line.reversal(),
                masked(line.typeCode()),
                masked(line.bankReference()),
                masked(line.reference()),
                line.checkNumber(),
                masked(line.counterparty()),
                masked(line.description()),
                trace == null ? "" : trace.number(),
                trace == null ? "" : trace.payerIdentifier(),
                key,
                each.occurrence(),
                numbersOf(line).toArray(String[]::new)
            });
            shown.add(new Object[] {
                org,
                each.statementId(),
                each.position(),
                each.bankAccountId(),
                Date.valueOf(line.bookedOn()),
                line.amountMinor(),
                key,
                each.occurrence()
            });
        }
        batches.batchUpdate("""
                with line as (
                    select v.*, ba.currency
                    from (values (?::uuid, ?::uuid, ?::uuid, ?::uuid, ?::date, ?::date, ?::bigint, ?::boolean, ?::text, ?::text,
                                  ?::text, ?::text, ?::text, ?::text, ?::text, ?::text, ?::text, ?::int, ?::text[]))
                         as v (org, id, account, statement, booked, value, amount, reversal, type, bank, reference, checknumber,
                               counterparty, description, trace, payer, key, occurrence, keys)
                    join accounting_bank_accounts ba on ba.org_id = v.org and ba.id = v.account
                ),
                added as (
                insert into accounting_bank_lines (org_id, id, bank_account_id, statement_id, booked_on, value_on, amount,
                    currency, reversal, type_code, bank_reference, reference, check_number, counterparty, description,
                    trace_number, payer_identifier, content_key, occurrence)
                select org, id, account, statement, booked, value, amount, currency, reversal, type, bank, reference, checknumber,
                       counterparty, description, trace, payer, key, occurrence
                  from line
                on conflict (bank_account_id, booked_on, amount, content_key, occurrence, org_id) do nothing
                returning id
                )
                insert into accounting_bank_unbooked_lines (org_id, line_id, booked_on, amount, currency, keys)
                select line.org, line.id, line.booked, line.amount, line.currency, line.keys
                from line join added on added.id = line.id
                """, rows);
        batches.batchUpdate("""
                insert into accounting_bank_statement_lines (org_id, statement_id, position, line_id)
                select ?, ?, ?, l.id from accounting_bank_lines l
                where l.bank_account_id = ? and l.booked_on = ? and l.amount = ? and l.content_key = ? and l.occurrence = ?
                """, shown);
    }

    private static String masked(String text) {
        return CardNumbers.removedFrom(text);
    }

    /** In capitals without punctuation: references, and words of the description that hold a digit. */
    private static Set<String> numbersOf(StatementLine line) {
        Set<String> numbers = new LinkedHashSet<>();
        for (String text : List.of(masked(line.bankReference()), masked(line.reference()), line.checkNumber())) {
            add(numbers, text);
        }
        for (String word : WORDS.split(masked(line.description()))) {
            if (numbers.size() >= MAX_KEYS) {
                break;
            }
            if (word.chars().anyMatch(Character::isDigit)) {
                add(numbers, word);
            }
        }
        String check = line.checkNumber().replaceFirst("^0+", "");
        if (!check.isEmpty()) {
            numbers.add(CHECK_KEY + check);
        }
        return numbers;
    }

    private static void add(Set<String> numbers, String text) {
        String plain = text.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "");
        if (plain.length() >= MIN_KEY && plain.length() <= 100) {
            numbers.add(plain);
        }
    }

    void insertStatement(
            UUID id,
            UUID bankAccountId,
            UUID fileId,
            int position,
            StatementHeader header,
            BankFormat format,
            @Nullable LocalDate firstOn,
            @Nullable LocalDate lastOn,
            @Nullable Long closingMinor,
            Instant now) {
        jdbc.sql("""
                        insert into accounting_bank_statements (org_id, id, bank_account_id, file_id, position, format,
                            statement_number, first_on, last_on, opening_balance, closing_balance, currency, imported_at)
                        values (:org, :id, :account, :file, :position, :format, :number, :first, :last, :opening, :closing,
                            :currency, :now)
                        """)
                .param("org", organization())
                .param("id", id)
                .param("account", bankAccountId)
                .param("file", fileId)
                .param("position", position)
                .param("format", format.key())
                .param("number", masked(header.number()))
                .param("first", firstOn, Types.DATE)
                .param("last", lastOn, Types.DATE)
                .param("opening", header.openingMinor(), Types.BIGINT)
                .param("closing", closingMinor, Types.BIGINT)
                .param("currency", header.currency())
                .param("now", Timestamp.from(now), Types.TIMESTAMP)
                .update();
    }

    /** One import and one booking of an organization at a time. */
    void lock() {
        Turns.take(jdbc, "bank");
    }

    /**
     * Reads what is planned for the organization at hand. A plan that serves all alike, which the database makes after some
     * executions, takes the lines of a large one for few and looks through all of them for each batch.
     */
    <T> T planned(Supplier<T> reading) {
        planCacheMode("force_custom_plan");
        T read = reading.get();
        planCacheMode("auto");
        return read;
    }

    private void planCacheMode(String mode) {
        jdbc.sql("select set_config('plan_cache_mode', :mode, true)")
                .param("mode", mode)
                .query(row -> {});
    }

    /** The position of the newest line that waits for its booking, if any does. */
    OptionalLong lastUnbooked() {
        return jdbc
                .sql("select coalesce(max(position), 0) from accounting_bank_unbooked_lines where org_id = :org")
                .param("org", organization())
                .query(Long.class)
                .stream()
                .filter(last -> last > 0)
                .mapToLong(Long::longValue)
                .findFirst();
    }

    /** What keeps a line from a reference in clearing; the reference's value may be empty. */
    record Finding(String key, String reference) {}

    /** By the id of the line, in the order of the days of the bank. */
    Map<UUID, Optional<Finding>> unbooked(long upTo, int limit) {
        Map<UUID, Optional<Finding>> found = new LinkedHashMap<>();
        jdbc.sql("""
                        select q.line_id, f.finding, coalesce(r.reference_kind || ' ' || r.reference_value, '') as reference
                        from (select * from accounting_bank_unbooked_lines where org_id = :org and position <= :upTo
                              order by booked_on, line_id limit :limit) q
                        left join accounting_bank_line_findings f on f.org_id = q.org_id and f.line_id = q.line_id
                        left join accounting_clearing_references r on r.org_id = f.org_id and r.id = f.reference_id
                        order by q.booked_on, q.line_id
                        """)
                .param("org", organization())
                .param("upTo", upTo)
                .param("limit", limit)
                .query(row -> {
                    String finding = row.getString("finding");
                    found.put(
                            row.getObject("line_id", UUID.class),
                            finding == null
                                    ? Optional.empty()
                                    : Optional.of(new Finding(finding, row.getString("reference"))));
                });
        return found;
    }

    void booked(List<UUID> lineIds) {
        jdbc.sql("delete from accounting_bank_unbooked_lines where org_id = :org and line_id = any(:lines)")
                .param("org", organization())
                .param("lines", lineIds.toArray(UUID[]::new))
                .update();
    }

    List<BankLine> lines(List<UUID> ids) {
        return ids.isEmpty()
                ? List.of()
                : jdbc.sql(LINE + " where l.org_id = :org and l.id in (:ids) order by l.booked_on, l.id")
                        .param("org", organization())
                        .param("ids", ids)
                        .query(BankRows::line)
                        .list();
    }

    BankLine line(UUID id) {
        return lines(List.of(id)).stream().findFirst().orElseThrow(() -> RuleViolation.notFound("the bank line"));
    }

    List<BankLine> linesOf(UUID statementId, int after, int limit) {
        return jdbc.sql(LINE + """
                         join accounting_bank_statement_lines x on x.org_id = l.org_id and x.line_id = l.id
                        where l.org_id = :org and x.statement_id = :statement and x.position > :after
                        order by x.position limit :limit
                        """)
                .param("org", organization())
                .param("statement", statementId)
                .param("after", after)
                .param("limit", limit)
                .query(BankRows::line)
                .list();
    }

    /** In suspense without a suggestion, or with one too; newest first. */
    List<BankLine> inSuspense(boolean withoutSuggestion, @Nullable UUID after, int limit) {
        return jdbc.sql(LINE + """
                        where l.org_id = :org and b.counter = 'suspense'
                          and (m.id is null or (not :without and m.status = 'suggested'))
                          and (:after::uuid is null or l.id < :after::uuid)
                        order by l.id desc limit :limit
                        """)
                .param("org", organization())
                .param("without", withoutSuggestion)
                .param("after", after, Types.OTHER)
                .param("limit", limit)
                .query(BankRows::line)
                .list();
    }

    /**
     * In suspense, with or without a suggestion, and with this text or amount; newest first.
     *
     * @param text null or blank: any
     */
    List<BankLine> inSuspense(
            @Nullable String text,
            @Nullable Money amount,
            @Nullable LocalDate from,
            @Nullable LocalDate to,
            @Nullable UUID bankAccountId,
            int limit) {
        return jdbc.sql(LINE + """
                        where l.org_id = :org and b.counter = 'suspense' and (m.id is null or m.status = 'suggested')
                          and (concat_ws(' ', l.counterparty, l.description, l.reference, l.bank_reference, l.check_number,
                                  l.trace_number) ilike :like
                               or abs(l.amount) = :amount)
                          and (:from::date is null or l.booked_on >= :from::date)
                          and (:to::date is null or l.booked_on <= :to::date)
                          and (:account::uuid is null or l.bank_account_id = :account::uuid)
                        order by l.booked_on desc, l.id desc limit :limit
                        """)
                .param("org", organization())
                .param("like", containing(text))
                .param("amount", amount == null ? null : amount.abs().getAmountMinorLong(), Types.BIGINT)
                .param("from", from, Types.DATE)
                .param("to", to, Types.DATE)
                .param("account", bankAccountId, Types.OTHER)
                .param("limit", limit)
                .query(BankRows::line)
                .list();
    }

    /** How many stand in suspense, with or without a suggestion. */
    int countInSuspense() {
        return jdbc.sql("""
                        select count(*) from accounting_clearing_references r
                        join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id and a.account_code = :suspense
                        where r.org_id = :org and r.balance <> 0 and r.reference_kind = :line
                        """)
                .param("org", organization())
                .param("suspense", StandardAccount.BANK_SUSPENSE.code())
                .param("line", BankBookings.LINE)
                .query(Integer.class)
                .single();
    }

    /** Cleared by the key they carry, latest first. */
    List<BankLine> cleared(UUID bankAccountId, LocalDate from, LocalDate to, int limit) {
        return jdbc.sql(LINE + """
                        where l.org_id = :org and l.bank_account_id = :account and l.booked_on between :from and :to
                          and b.counter = 'clearing'
                        order by l.booked_on desc, l.id desc limit :limit
                        """)
                .param("org", organization())
                .param("account", bankAccountId)
                .param("from", from)
                .param("to", to)
                .param("limit", limit)
                .query(BankRows::line)
                .list();
    }

    /** What the entry of a line cleared. */
    UUID referenceOf(UUID entryId) {
        return jdbc.sql("""
                        select clearing_reference_id from accounting_journal_lines
                        where org_id = :org and journal_entry_id = :entry and clearing_reference_id is not null
                        """)
                .param("org", organization())
                .param("entry", entryId)
                .query(UUID.class)
                .single();
    }

    /** A line that was cleared is in suspense by another entry. */
    void notCleared(UUID lineId, UUID entryId, String evidence) {
        jdbc.sql("""
                        update accounting_bank_bookings
                           set counter = 'suspense', rule = 'undone', evidence = :evidence, journal_entry_id = :entry
                         where org_id = :org and line_id = :line and counter = 'clearing'
                        """)
                .param("org", organization())
                .param("line", lineId)
                .param("entry", entryId)
                .param("evidence", evidence)
                .update();
    }

    /** A pattern for {@code ilike}, in which nothing of the text is a wildcard. */
    static String containing(@Nullable String text) {
        return "%" + (text == null ? "" : text.strip().replaceAll("([%_\\\\])", "\\\\$1")) + "%";
    }

    BankStatement statement(UUID id) {
        return jdbc.sql(STATEMENT + " where s.org_id = :org and s.id = :id")
                .param("org", organization())
                .param("id", id)
                .query(BankRows::statement)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("the bank statement"));
    }

    List<BankStatement> statements(
            @Nullable UUID bankAccountId, @Nullable UUID fileId, @Nullable UUID after, int limit) {
        return jdbc.sql(STATEMENT + """
                        where s.org_id = :org and (:account::uuid is null or s.bank_account_id = :account::uuid)
                          and (:file::uuid is null or s.file_id = :file::uuid) and (:after::uuid is null or s.id < :after::uuid)
                        order by s.id desc limit :limit
                        """)
                .param("org", organization())
                .param("account", bankAccountId, Types.OTHER)
                .param("file", fileId, Types.OTHER)
                .param("after", after, Types.OTHER)
                .param("limit", limit)
                .query(BankRows::statement)
                .list();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    private static BankStatement statement(ResultSet row, int number) throws SQLException {
        String currency = row.getString("currency");
        return new BankStatement(
                row.getObject("id", UUID.class),
                row.getObject("bank_account_id", UUID.class),
                row.getString("account_name"),
                row.getString("account_last4"),
                row.getObject("file_id", UUID.class),
                row.getString("original_name"),
                BankFormat.ofKey(row.getString("format")),
                row.getString("statement_number"),
                row.getObject("first_on", LocalDate.class),
                row.getObject("last_on", LocalDate.class),
                money(row.getObject("opening_balance", Long.class), currency),
                money(row.getObject("closing_balance", Long.class), currency),
                row.getInt("lines"),
                row.getInt("new_lines"),
                finding(row, currency),
                row.getTimestamp("imported_at").toInstant());
    }

    private static @Nullable String finding(ResultSet row, String currency) throws SQLException {
        Long opening = row.getObject("opening_balance", Long.class);
        Long closed = row.getObject("closed_with", Long.class);
        return opening == null || closed == null || closed.equals(opening)
                ? null
                : "Opens with %s, but the statement of %s closed with %s: one in between is missing"
                        .formatted(
                                Amounts.format(opening, currency),
                                row.getObject("closed_on", LocalDate.class),
                                Amounts.format(closed, currency));
    }

    private static @Nullable Money money(@Nullable Long minor, String currency) {
        return minor == null ? null : Amounts.ofMinor(minor, currency);
    }

    private static BankLine line(ResultSet row, int number) throws SQLException {
        String match = row.getString("match_status");
        return new BankLine(
                row.getObject("id", UUID.class),
                row.getObject("bank_account_id", UUID.class),
                row.getString("account_code"),
                row.getObject("statement_id", UUID.class),
                row.getObject("booked_on", LocalDate.class),
                row.getObject("value_on", LocalDate.class),
                Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                row.getBoolean("reversal"),
                row.getString("type_code"),
                row.getString("bank_reference"),
                row.getString("reference"),
                row.getString("check_number"),
                row.getString("counterparty"),
                row.getString("description"),
                row.getString("trace_number"),
                row.getString("payer_identifier"),
                state(row.getString("counter"), match),
                match == null
                        ? row.getString("booking_evidence")
                        : Objects.requireNonNullElse(row.getString("match_evidence"), ""),
                row.getObject("journal_entry_id", UUID.class),
                row.getObject("match_id", UUID.class));
    }

    private static BankLine.State state(@Nullable String counter, @Nullable String match) {
        if (match != null) {
            return match.equals("accepted") ? BankLine.State.MATCHED : BankLine.State.SUGGESTED;
        }
        return switch (Objects.requireNonNullElse(counter, "")) {
            case "remittance" -> BankLine.State.REMITTANCE;
            case "clearing" -> BankLine.State.CLEARED;
            case "taken-back" -> BankLine.State.TAKEN_BACK;
            case "suspense" -> BankLine.State.SUSPENSE;
            default -> BankLine.State.RECEIVED;
        };
    }
}
