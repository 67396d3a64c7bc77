package io.remitflow.bank;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Matches with their lines, records, shares and entries, as rows. */
@Component
class MatchRows {

    private static final String LINE = "line";
    private static final String SETTLED_OTHERWISE = "Settled otherwise";

    private static final String SUGGESTED_OF = """
            from accounting_bank_matches m
            where m.org_id = :org and m.status = 'suggested' and exists (
                select from accounting_bank_match_parts p
                  join accounting_bank_lines l on l.org_id = p.org_id and l.id = p.part_id
                 where p.org_id = m.org_id and p.match_id = m.id and p.side = 'line' and l.bank_account_id = :account
                   and l.booked_on <= :to)
            """;

    private final JdbcClient jdbc;
    private final BankRows rows;
    private final OpenRecords open;
    private final ObjectMapper json;
    private final Clock clock;

    MatchRows(JdbcClient jdbc, BankRows rows, OpenRecords open, ObjectMapper json, Clock clock) {
        this.jdbc = jdbc;
        this.rows = rows;
        this.open = open;
        this.json = json;
        this.clock = clock;
    }

    /** A match before it has an id. */
    record NewMatch(
            String rule,
            String ruleTitle,
            String evidence,
            int considered,
            boolean undecided,
            List<List<String>> alternatives,
            List<BankLine> lines,
            List<BankMatch.Record> records) {}

    /** @param receiptId the receipt that the entry booked, if it is one */
    record Entry(
            UUID journalEntryId,
            @Nullable UUID lineId,
            @Nullable UUID receiptId) {}

    record StoredShare(UUID lineId, String kind, UUID recordId, long amountMinor) {}

    /** What people declined or undid for these lines: the ids of lines and records as the matcher knows them. */
    Set<Set<String>> refused(List<UUID> lines) {
        return jdbc
                .sql("""
                        select distinct m.content_key from accounting_bank_matches m
                        join accounting_bank_match_parts p on p.org_id = m.org_id and p.match_id = m.id and p.side = 'line'
                        where m.org_id = :org and m.status in ('declined', 'undone') and p.part_id = any(:lines)
                        """)
                .param("org", organization())
                .param("lines", lines.toArray(UUID[]::new))
                .query(String.class)
                .list()
                .stream()
                .map(key -> Set.of(key.split(" ")))
                .collect(Collectors.toSet());
    }

    /** @return empty if it is there already */
    Optional<UUID> insertSuggestion(NewMatch match) {
        return insert(match, contentKey(match.lines(), match.records()));
    }

    /** A match that a person makes, whatever became of the same one before. It is decided next. */
    UUID insertByHand(NewMatch match) {
        return insert(match, contentKey(match.lines(), match.records()))
                .orElseThrow(() -> new IllegalStateException("the same match is open"));
    }

    private Optional<UUID> insert(NewMatch match, String key) {
        UUID id = Ids.next();
        int inserted = jdbc.sql("""
                        insert into accounting_bank_matches (org_id, id, status, rule, rule_title, evidence, considered,
                            undecided, certificate, content_key, suggested_at)
                        values (:org, :id, 'suggested', :rule, :title, :evidence, :considered, :undecided, :certificate::jsonb,
                            :key, :now)
                        on conflict (org_id, content_key) where status in ('suggested', 'accepted') do nothing
                        """)
                .param("org", organization())
                .param("id", id)
                .param("rule", match.rule())
                .param("title", match.ruleTitle())
                .param("evidence", match.evidence())
                .param("considered", match.considered())
                .param("undecided", match.undecided())
                .param("certificate", text(match.alternatives()))
                .param("key", key)
                .param("now", now(), Types.TIMESTAMP)
                .update();
        if (inserted == 0) {
            return Optional.empty();
        }
        match.lines()
                .forEach(line -> insertPart(id, LINE, line.id(), line.amount().getAmountMinorLong()));
        insertRecords(id, match.records());
        return Optional.of(id);
    }

    private static String contentKey(List<BankLine> lines, List<BankMatch.Record> records) {
        return Stream.concat(
                        lines.stream().map(line -> line.id().toString()),
                        records.stream().map(OpenRecords::id))
                .sorted()
                .collect(Collectors.joining(" "));
    }

    private void insertRecords(UUID matchId, List<BankMatch.Record> records) {
        records.forEach(record ->
                insertPart(matchId, record.kind(), record.id(), record.amount().getAmountMinorLong()));
    }

    private void insertPart(UUID matchId, String side, UUID partId, long amountMinor) {
        jdbc.sql("""
                        insert into accounting_bank_match_parts (org_id, match_id, side, part_id, amount, active)
                        values (:org, :match, :side, :part, :amount, true)
                        """)
                .param("org", organization())
                .param("match", matchId)
                .param("side", side)
                .param("part", partId)
                .param("amount", amountMinor)
                .update();
    }

    /** A person chose others than were suggested. */
    void replaceRecords(UUID id, List<BankLine> lines, List<BankMatch.Record> chosen) {
        jdbc.sql("update accounting_bank_matches set content_key = :key where org_id = :org and id = :id")
                .param("key", contentKey(lines, chosen))
                .param("org", organization())
                .param("id", id)
                .update();
        jdbc.sql("delete from accounting_bank_match_parts where org_id = :org and match_id = :id and side <> 'line'")
                .param("org", organization())
                .param("id", id)
                .update();
        insertRecords(id, chosen);
    }

    void accepted(UUID id) {
        decided(id, BankMatch.Status.ACCEPTED, null);
    }

    void declined(UUID id, String reason) {
        decided(id, BankMatch.Status.DECLINED, reason);
        letGo(List.of(id));
    }

    private void decided(UUID id, BankMatch.Status status, @Nullable String reason) {
        jdbc.sql("""
                        update accounting_bank_matches set status = :status, reason = :reason, decided_by = :by, decided_at = :now
                        where org_id = :org and id = :id
                        """)
                .param("status", status.key())
                .param("reason", reason, Types.VARCHAR)
                .param("by", CurrentUser.id().value())
                .param("now", now(), Types.TIMESTAMP)
                .param("org", organization())
                .param("id", id)
                .update();
    }

    void undone(UUID id, String reason) {
        jdbc.sql("""
                        update accounting_bank_matches set status = 'undone', undone_by = :by, undone_at = :now, undo_reason = :reason
                        where org_id = :org and id = :id
                        """)
                .param("reason", reason)
                .param("by", CurrentUser.id().value())
                .param("now", now(), Types.TIMESTAMP)
                .param("org", organization())
                .param("id", id)
                .update();
        letGo(List.of(id));
    }

    /** What a rule had cleared until a person said that it is not so. */
    UUID insertUndoneClearing(BankLine line, BankMatch.Record record, UUID entryId, String reason) {
        UUID id = Ids.next();
        jdbc.sql("""
                        insert into accounting_bank_matches (org_id, id, status, rule, rule_title, evidence, considered,
                            undecided, certificate, content_key, suggested_at, decided_at, undone_by, undone_at, undo_reason)
                        select :org, :id, 'undone', :rule, 'Cleared by the key it carries', evidence, 0, false, '[]', :key,
                               booked_at, booked_at, :by, :now, :reason
                          from accounting_bank_bookings where org_id = :org and line_id = :line
                        """)
                .param("org", organization())
                .param("id", id)
                .param("rule", BankMatch.CLEARED)
                .param("key", contentKey(List.of(line), List.of(record)))
                .param("by", CurrentUser.id().value())
                .param("now", now(), Types.TIMESTAMP)
                .param("reason", reason)
                .param("line", line.id())
                .update();
        insertPart(id, LINE, line.id(), line.amount().getAmountMinorLong());
        insertRecords(id, List.of(record));
        insertShare(id, new Share(line, record, line.amount()));
        insertEntry(id, new Entry(entryId, line.id(), null));
        letGo(List.of(id));
        return id;
    }

    /** Suggestions whose settlement or reference is no longer open in the amount they were made for. */
    void lapse() {
        lapse(SETTLED_OTHERWISE, """
                exists (select from accounting_bank_match_parts p
                          left join billing_settlements s on p.side = 'settlement' and s.org_id = p.org_id and s.id = p.part_id
                          left join accounting_clearing_references r on p.side = 'reference' and r.org_id = p.org_id and r.id = p.part_id
                         where p.org_id = m.org_id and p.match_id = m.id
                           and ((p.side = 'settlement' and (s.received_amount <> 0 or s.expected_amount <> p.amount))
                             or (p.side = 'reference' and r.balance <> p.amount)))
                """, List.of());
    }

    /** Suggestions that do not hold any more. */
    void lapse(Collection<UUID> ids) {
        lapse(SETTLED_OTHERWISE, "m.id = any(:ids)", ids);
    }

    /** Suggestions of a rule that wait for a person, oldest first. */
    List<UUID> suggestedBy(String rule) {
        return jdbc.sql("""
                        select id from accounting_bank_matches
                        where org_id = :org and status = 'suggested' and rule = :rule order by id
                        """)
                .param("org", organization())
                .param("rule", rule)
                .query(UUID.class)
                .list();
    }

    /** Suggestions that a person decided otherwise for some of their lines or records. */
    void withdraw(Collection<UUID> parts) {
        lapse("Matched by a person", """
                exists (select from accounting_bank_match_parts p
                         where p.org_id = m.org_id and p.match_id = m.id and p.part_id = any(:ids))
                """, parts);
    }

    private void lapse(String reason, String condition, Collection<UUID> ids) {
        letGo(jdbc.sql("""
                        update accounting_bank_matches m set status = 'lapsed', decided_at = :now, reason = :reason
                        where m.org_id = :org and m.status = 'suggested' and\s""" + condition + " returning m.id")
                .param("org", organization())
                .param("ids", ids.toArray(UUID[]::new))
                .param("reason", reason)
                .param("now", now(), Types.TIMESTAMP)
                .query(UUID.class)
                .list());
    }

    int suggestionsAbout(Collection<UUID> parts) {
        return parts.isEmpty()
                ? 0
                : jdbc.sql("""
                                select count(distinct m.id) from accounting_bank_matches m
                                join accounting_bank_match_parts p on p.org_id = m.org_id and p.match_id = m.id
                                where m.org_id = :org and m.status = 'suggested' and p.part_id in (:parts)
                                """)
                        .param("org", organization())
                        .param("parts", parts)
                        .query(Integer.class)
                        .single();
    }

    private void letGo(List<UUID> ids) {
        if (!ids.isEmpty()) {
            jdbc.sql("update accounting_bank_match_parts set active = false where org_id = :org and match_id in (:ids)")
                    .param("org", organization())
                    .param("ids", ids)
                    .update();
        }
    }

    List<UUID> recordsInSuggestions() {
        return jdbc.sql("""
                        select p.part_id from accounting_bank_match_parts p
                        join accounting_bank_matches m on m.org_id = p.org_id and m.id = p.match_id
                        where p.org_id = :org and p.side <> 'line' and p.active and m.status = 'suggested'
                        """).param("org", organization()).query(UUID.class).list();
    }

    void insertShare(UUID matchId, Share share) {
        jdbc.sql("""
                        insert into accounting_bank_match_shares (org_id, match_id, line_id, side, record_id, amount)
                        values (:org, :match, :line, :side, :record, :amount)
                        """)
                .param("org", organization())
                .param("match", matchId)
                .param("line", share.line().id())
                .param("side", share.record().kind())
                .param("record", share.record().id())
                .param("amount", share.amount().getAmountMinorLong())
                .update();
    }

    List<StoredShare> shares(UUID matchId) {
        return jdbc.sql("""
                        select line_id, side, record_id, amount from accounting_bank_match_shares
                        where org_id = :org and match_id = :match order by line_id, side, record_id
                        """)
                .param("org", organization())
                .param("match", matchId)
                .query((row, number) -> new StoredShare(
                        row.getObject(1, UUID.class), row.getString(2), row.getObject(3, UUID.class), row.getLong(4)))
                .list();
    }

    void insertEntry(UUID matchId, Entry entry) {
        jdbc.sql("""
                        insert into accounting_bank_match_entries (org_id, match_id, journal_entry_id, line_id, receipt_id)
                        values (:org, :match, :entry, :line, :receipt)
                        """)
                .param("org", organization())
                .param("match", matchId)
                .param("entry", entry.journalEntryId())
                .param("line", entry.lineId(), Types.OTHER)
                .param("receipt", entry.receiptId(), Types.OTHER)
                .update();
    }

    /** In the order in which they were posted. */
    List<Entry> entries(UUID matchId) {
        return jdbc.sql("""
                        select b.journal_entry_id, b.line_id, b.receipt_id from accounting_bank_match_entries b
                        join accounting_journal_entries e on e.org_id = b.org_id and e.id = b.journal_entry_id
                        where b.org_id = :org and b.match_id = :match order by e.entry_number
                        """)
                .param("org", organization())
                .param("match", matchId)
                .query((row, number) -> new Entry(
                        row.getObject(1, UUID.class), row.getObject(2, UUID.class), row.getObject(3, UUID.class)))
                .list();
    }

    /** The accepted one that the same lines and records make, if there is one. */
    Optional<UUID> accepted(List<BankLine> lines, List<BankMatch.Record> records) {
        return jdbc.sql("""
                        select id from accounting_bank_matches
                        where org_id = :org and content_key = :key and status = 'accepted'
                        """)
                .param("org", organization())
                .param("key", contentKey(lines, records))
                .query(UUID.class)
                .optional();
    }

    /** Whether a line of the bank was said to be this entry. */
    boolean hasLine(UUID entryId) {
        return jdbc.sql("""
                        select exists (select from accounting_bank_match_parts
                                        where org_id = :org and side = 'entry' and part_id = :entry and active)
                        """)
                .param("org", organization())
                .param("entry", entryId)
                .query(Boolean.class)
                .single();
    }

    /** Whether a line, or what was said about it, is booked by this entry. */
    boolean isOfBank(UUID entryId) {
        return jdbc.sql("""
                        select exists (select from accounting_bank_bookings where org_id = :org and journal_entry_id = :entry)
                            or exists (select from accounting_bank_match_entries where org_id = :org and journal_entry_id = :entry)
                        """)
                .param("org", organization())
                .param("entry", entryId)
                .query(Boolean.class)
                .single();
    }

    /** Newest first. */
    List<UUID> suggested(@Nullable UUID after, int limit) {
        return jdbc.sql("""
                        select id from accounting_bank_matches
                        where org_id = :org and status = 'suggested' and (:after::uuid is null or id < :after::uuid)
                        order by id desc limit :limit
                        """)
                .param("org", organization())
                .param("after", after, Types.OTHER)
                .param("limit", limit)
                .query(UUID.class)
                .list();
    }

    /** As {@link #suggested}, with a line of an account up to a day. */
    List<UUID> suggestedOf(UUID bankAccountId, LocalDate to, int limit) {
        return jdbc.sql("select m.id " + SUGGESTED_OF + " order by m.id desc limit :limit")
                .param("org", organization())
                .param("account", bankAccountId)
                .param("to", to)
                .param("limit", limit)
                .query(UUID.class)
                .list();
    }

    int countSuggestedOf(UUID bankAccountId, LocalDate to) {
        return jdbc.sql("select count(*) " + SUGGESTED_OF)
                .param("org", organization())
                .param("account", bankAccountId)
                .param("to", to)
                .query(Integer.class)
                .single();
    }

    /** Those accepted last, undone ones included. */
    List<UUID> decided(@Nullable UUID after, int limit) {
        return jdbc.sql("""
                        select m.id from accounting_bank_matches m
                        where m.org_id = :org and m.status in ('accepted', 'undone')
                          and (:after::uuid is null or (m.decided_at, m.id) <
                              (select a.decided_at, a.id from accounting_bank_matches a where a.org_id = :org and a.id = :after::uuid))
                        order by m.decided_at desc, m.id desc limit :limit
                        """)
                .param("org", organization())
                .param("after", after, Types.OTHER)
                .param("limit", limit)
                .query(UUID.class)
                .list();
    }

    /** Accepted ones with a line of an account up to a day, of a period or decided since it was begun; the last decision first. */
    List<UUID> acceptedOf(UUID bankAccountId, LocalDate from, LocalDate to, Instant since, int limit) {
        return jdbc.sql("""
                        select m.id from accounting_bank_matches m
                        where m.org_id = :org and m.status = 'accepted' and exists (
                            select from accounting_bank_match_parts p
                              join accounting_bank_lines l on l.org_id = p.org_id and l.id = p.part_id
                             where p.org_id = m.org_id and p.match_id = m.id and p.side = 'line' and l.bank_account_id = :account
                               and l.booked_on <= :to and (l.booked_on >= :from or m.decided_at >= :since))
                        order by m.decided_at desc, m.id desc limit :limit
                        """)
                .param("org", organization())
                .param("account", bankAccountId)
                .param("from", from)
                .param("to", to)
                .param("since", Timestamp.from(since), Types.TIMESTAMP)
                .param("limit", limit)
                .query(UUID.class)
                .list();
    }

    int waiting() {
        return jdbc.sql("select count(*) from accounting_bank_matches where org_id = :org and status = 'suggested'")
                .param("org", organization())
                .query(Integer.class)
                .single();
    }

    BankMatch get(UUID id) {
        return find(id, "");
    }

    BankMatch lock(UUID id) {
        return find(id, " for no key update");
    }

    private record Part(String side, UUID id, long amountMinor) {}

    private BankMatch find(UUID id, String lock) {
        return jdbc.sql("select * from accounting_bank_matches where org_id = :org and id = :id" + lock)
                .param("org", organization())
                .param("id", id)
                .query(this::match)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("the match"));
    }

    private BankMatch match(ResultSet row, int number) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        List<Part> parts = parts(id);
        List<BankLine> lines = rows.lines(parts.stream()
                .filter(part -> part.side().equals(LINE))
                .map(Part::id)
                .toList());
        String currency = lines.getFirst().amount().getCurrencyUnit().getCode();
        List<BankMatch.Record> records = parts.stream()
                .filter(part -> !part.side().equals(LINE))
                .map(part -> open.matched(part.side(), part.id(), Amounts.ofMinor(part.amountMinor(), currency)))
                .toList();
        UUID undoneBy = row.getObject("undone_by", UUID.class);
        return new BankMatch(
                id,
                BankMatch.Status.ofKey(row.getString("status")),
                row.getString("rule"),
                row.getString("rule_title"),
                row.getString("evidence"),
                row.getInt("considered"),
                row.getBoolean("undecided"),
                lines,
                records,
                alternatives(row.getString("certificate")),
                row.getTimestamp("suggested_at").toInstant(),
                row.getObject("decided_by", UUID.class),
                instant(row.getTimestamp("decided_at")),
                row.getString("reason"),
                undoneBy == null
                        ? null
                        : new BankMatch.Undoing(
                                undoneBy,
                                Objects.requireNonNull(instant(row.getTimestamp("undone_at"))),
                                row.getString("undo_reason")));
    }

    private List<Part> parts(UUID id) {
        return jdbc.sql("""
                        select side, part_id, amount from accounting_bank_match_parts
                        where org_id = :org and match_id = :id order by side, part_id
                        """)
                .param("org", organization())
                .param("id", id)
                .query((row, number) -> new Part(row.getString(1), row.getObject(2, UUID.class), row.getLong(3)))
                .list();
    }

    private List<List<BankMatch.Record>> alternatives(String certificate) {
        try {
            List<List<String>> ids = json.readValue(certificate, new TypeReference<>() {});
            return ids.stream()
                    .map(choice -> choice.stream()
                            .map(record -> record.split(":", 2))
                            .map(record -> open.current(record[0], UUID.fromString(record[1])))
                            .toList())
                    .toList();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private String text(List<List<String>> alternatives) {
        try {
            return json.writeValueAsString(alternatives);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
