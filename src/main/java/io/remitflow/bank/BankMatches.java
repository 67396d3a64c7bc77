package io.remitflow.bank;

import static io.remitflow.ledger.StandardAccount.BANK_SUSPENSE;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.bank.match.Item;
import io.remitflow.bank.match.Limits;
import io.remitflow.bank.match.Match;
import io.remitflow.bank.match.Matcher;
import io.remitflow.bank.match.Outcome;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.OpenReference;
import io.remitflow.refunds.RefundChecks;
import io.remitflow.remittance.CashReceipt;
import io.remitflow.remittance.Settlement;
import io.remitflow.remittance.Settlements;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * What lines in bank suspense may be: suggested by the matcher with a certificate, accepted or declined by a person. A
 * match that was declined is not suggested again.
 */
@Service
@Transactional
public class BankMatches {

    /** Subject of audit entries. */
    public static final String SUBJECT = "bank-match";

    private static final Logger log = LoggerFactory.getLogger(BankMatches.class);

    /** Lines looked at in one run, the newest first. */
    private static final int MAX_LINES = 1_000;

    private static final int MAX_REASON = 300;

    private final BankRows rows;
    private final OpenRecords open;
    private final BankBookings bookings;
    private final Settlements settlements;
    private final Clearing clearing;
    private final RefundChecks checks;
    private final Journal journal;
    private final Organizations organizations;
    private final AuditLog audit;
    private final JdbcClient jdbc;
    private final ObjectMapper json;
    private final Clock clock;
    private final Map<UUID, Integer> lastSearches = new ConcurrentHashMap<>();

    BankMatches(
            BankRows rows,
            OpenRecords open,
            BankBookings bookings,
            Settlements settlements,
            Clearing clearing,
            RefundChecks checks,
            Journal journal,
            Organizations organizations,
            AuditLog audit,
            JdbcClient jdbc,
            ObjectMapper json,
            Clock clock) {
        this.rows = rows;
        this.open = open;
        this.bookings = bookings;
        this.settlements = settlements;
        this.clearing = clearing;
        this.checks = checks;
        this.journal = journal;
        this.organizations = organizations;
        this.audit = audit;
        this.jdbc = jdbc;
        this.json = json;
        this.clock = clock;
    }

    /** Lets go of suggestions that no longer hold, and looks for new ones. Repeating it changes nothing. */
    public void suggest() {
        rows.lock();
        lapse();
        List<BankLine> lines = rows.inSuspense(true, null, MAX_LINES);
        if (lines.isEmpty()) {
            return;
        }
        OpenRecords.Open records = open.all();
        Set<UUID> taken = Set.copyOf(recordsInSuggestions());
        List<Item> free = records.items().stream()
                .filter(item -> !taken.contains(
                        Objects.requireNonNull(records.records().get(item.id())).id()))
                .toList();
        List<Item> unexplained = lines.stream()
                .map(line -> OpenRecords.item(line, records.parties()))
                .toList();
        if (nothingNew(unexplained, free)) {
            return;
        }
        try {
            Outcome outcome = new Matcher(MatchRules.STANDARD, Limits.STANDARD).match(unexplained, free);
            outcome.beyondLimits().forEach(reason -> log.info("Bank matching left to people: {}", reason));
            outcome.matches().stream()
                    .filter(match -> isAcceptable(match, records))
                    .forEach(match -> insert(match, records));
        } catch (RuntimeException e) {
            lastSearches.remove(organization());
            throw e;
        }
    }

    /** The search is not repeated every minute for the same lines and records, which would give the same answer. */
    private boolean nothingNew(List<Item> lines, List<Item> records) {
        Integer searched =
                31 * Set.copyOf(lines).hashCode() + Set.copyOf(records).hashCode();
        return searched.equals(lastSearches.put(organization(), searched));
    }

    /**
     * A person says that it is so. Everything is checked again, then booked in this transaction; the second time changes
     * nothing.
     *
     * @param alternative 0 for the records that were suggested, 1 and on for the other choices of an undecided match
     */
    public void accept(UUID id, int alternative) {
        rows.lock();
        BankMatch match = locked(id);
        if (match.status() == BankMatch.Status.ACCEPTED) {
            return;
        }
        requireOpen(match);
        List<BankMatch.Record> chosen = chosen(match, alternative);
        requireStillOpen(match.lines(), chosen);
        if (chosen.getFirst().isSettlement()) {
            settle(match.lines(), chosen);
        } else {
            clear(match, chosen);
        }
        if (alternative > 0) {
            replaceRecords(id, chosen);
        }
        decide(id, BankMatch.Status.ACCEPTED, null);
        audit.record(
                "bank-match.accepted",
                SUBJECT,
                id.toString(),
                Map.of(
                        "rule", match.rule(),
                        "lines", match.lines().size(),
                        "records", chosen.size(),
                        "alternative", alternative));
        lapse();
    }

    /** A person says that it is not so; the lines stay in suspense. */
    public void decline(UUID id, String reason) {
        rows.lock();
        BankMatch match = locked(id);
        if (match.status() == BankMatch.Status.DECLINED) {
            return;
        }
        requireOpen(match);
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "say in 1 to 300 characters why it does not belong together");
        }
        decide(id, BankMatch.Status.DECLINED, reason.strip());
        audit.record(
                "bank-match.declined", SUBJECT, id.toString(), Map.of("rule", match.rule(), "reason", reason.strip()));
    }

    /** Suggestions that wait for a person, newest first. */
    @Transactional(readOnly = true)
    public List<BankMatch> suggestions(@Nullable UUID after, int limit) {
        return jdbc
                .sql("""
                        select id from accounting_bank_matches
                        where org_id = :org and status = 'suggested' and (:after::uuid is null or id < :after::uuid)
                        order by id desc limit :limit
                        """)
                .param("org", organization())
                .param("after", after, Types.OTHER)
                .param("limit", Math.clamp(limit, 1, 200))
                .query(UUID.class)
                .list()
                .stream()
                .map(this::get)
                .toList();
    }

    @Transactional(readOnly = true)
    public int waiting() {
        return jdbc.sql("select count(*) from accounting_bank_matches where org_id = :org and status = 'suggested'")
                .param("org", organization())
                .query(Integer.class)
                .single();
    }

    @Transactional(readOnly = true)
    public BankMatch get(UUID id) {
        return find(id, "").orElseThrow(() -> RuleViolation.notFound("the match"));
    }

    private BankMatch locked(UUID id) {
        return find(id, " for update").orElseThrow(() -> RuleViolation.notFound("the match"));
    }

    private static void requireOpen(BankMatch match) {
        if (match.status() != BankMatch.Status.SUGGESTED) {
            throw new RuleViolation(
                    Refusal.MATCH_NOT_OPEN,
                    "this suggestion is %s".formatted(match.status().key()));
        }
    }

    private static List<BankMatch.Record> chosen(BankMatch match, int alternative) {
        if (alternative < 0 || alternative > match.alternatives().size()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "there is no such choice");
        }
        return alternative == 0 ? match.records() : match.alternatives().get(alternative - 1);
    }

    private void requireStillOpen(List<BankLine> lines, List<BankMatch.Record> records) {
        boolean linesOpen = lines.stream().allMatch(line -> rows.line(line.id()).state() == BankLine.State.SUGGESTED);
        boolean recordsOpen = records.stream()
                .allMatch(record ->
                        open.current(record.kind(), record.id()).amount().equals(record.amount()));
        boolean untouched = records.stream()
                .filter(BankMatch.Record::isSettlement)
                .noneMatch(record -> settlements.get(record.id()).cashSeen());
        if (!linesOpen || !recordsOpen || !untouched) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE, "one of these lines or records was settled otherwise meanwhile");
        }
        long difference = lines.stream()
                        .mapToLong(line -> line.amount().getAmountMinorLong())
                        .sum()
                - records.stream()
                        .mapToLong(record -> record.amount().getAmountMinorLong())
                        .sum();
        if (difference != 0) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the sums of both sides are not equal");
        }
    }

    /** Through the same door as money recorded by hand, so that the process of each settlement goes on. */
    private void settle(List<BankLine> lines, List<BankMatch.Record> records) {
        for (BankLine line : lines) {
            bookings.release(line, organizations.today());
            if (records.size() == 1) {
                Settlement settlement = settlements.get(records.getFirst().id());
                bookings.receive(line, settlement.traceNumber(), settlement.payerIdentifier(), settlement.payerName());
                continue;
            }
            CashReceipt receipt = bookings.receive(line, "", "", "");
            UUID own = settlements.partsOfReceipt(receipt.id()).getFirst().settlementId();
            settlements.match(own, records.stream().map(BankMatch.Record::id).toList());
        }
    }

    private void clear(BankMatch match, List<BankMatch.Record> records) {
        var entry = NewEntry.on(
                        organizations.today(), BankBookings.MODULE, "bank-match:" + match.id(), "Bank lines identified")
                .inOpenPeriod()
                .reference(SUBJECT, match.id());
        for (BankLine line : match.lines()) {
            entry.move(BANK_SUSPENSE, line.amount(), BankBookings.reference(line));
        }
        for (BankMatch.Record record : records) {
            OpenReference reference = clearing.find(record.id()).orElseThrow();
            entry.line(new NewEntry.Line(
                    reference.accountCode(),
                    record.amount().isNegative(),
                    record.amount().abs(),
                    reference.reference()));
            if (reference.reference().kind().equals("check") && record.amount().isNegative()) {
                BankLine paid = match.lines().getFirst();
                checks.cleared(
                        reference.reference().value(), record.amount().abs(), paid.bookedOn(), paid.bankReference());
            }
        }
        journal.post(entry.build());
    }

    /** What can be booked at once: one side is a single line or settlement, and both kinds of records do not mix. */
    private static boolean isAcceptable(Match match, OpenRecords.Open records) {
        List<BankMatch.Record> found = recordsOf(match, records);
        boolean settling = found.getFirst().isSettlement();
        return found.stream().allMatch(record -> record.isSettlement() == settling)
                && (!settling || match.lines().size() == 1 || found.size() == 1);
    }

    private static List<BankMatch.Record> recordsOf(Match match, OpenRecords.Open records) {
        return match.records().stream()
                .map(item -> Objects.requireNonNull(records.records().get(item.id())))
                .toList();
    }

    private void insert(Match match, OpenRecords.Open records) {
        UUID id = Ids.next();
        List<BankMatch.Record> found = recordsOf(match, records);
        int inserted = jdbc.sql("""
                        insert into accounting_bank_matches (org_id, id, status, rule, rule_title, evidence, considered,
                            undecided, certificate, content_key, suggested_at)
                        values (:org, :id, 'suggested', :rule, :title, :evidence, :considered, :undecided, :certificate::jsonb,
                            :key, :now)
                        on conflict (org_id, content_key) where status <> 'lapsed' do nothing
                        """)
                .param("org", organization())
                .param("id", id)
                .param("rule", match.rule().key())
                .param("title", match.rule().title())
                .param("evidence", match.certificate().evidence())
                .param("considered", match.certificate().considered())
                .param("undecided", match.certificate().undecided())
                .param("certificate", text(match.certificate().alternatives()))
                .param("key", contentKey(match))
                .param("now", Timestamp.from(clock.instant()), Types.TIMESTAMP)
                .update();
        if (inserted == 0) {
            return;
        }
        for (Item line : match.lines()) {
            insertPart(id, "line", UUID.fromString(line.id()), line.amountMinor());
        }
        for (BankMatch.Record record : found) {
            insertPart(id, record.kind(), record.id(), record.amount().getAmountMinorLong());
        }
    }

    private static String contentKey(Match match) {
        return Stream.concat(match.lines().stream(), match.records().stream())
                .map(Item::id)
                .sorted()
                .collect(Collectors.joining(" "));
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

    private void replaceRecords(UUID id, List<BankMatch.Record> chosen) {
        jdbc.sql("delete from accounting_bank_match_parts where org_id = :org and match_id = :id and side <> 'line'")
                .param("org", organization())
                .param("id", id)
                .update();
        chosen.forEach(record ->
                insertPart(id, record.kind(), record.id(), record.amount().getAmountMinorLong()));
    }

    private void decide(UUID id, BankMatch.Status status, @Nullable String reason) {
        jdbc.sql("""
                        update accounting_bank_matches set status = :status, reason = :reason, decided_by = :by, decided_at = :now
                        where org_id = :org and id = :id
                        """)
                .param("status", status.key())
                .param("reason", reason, Types.VARCHAR)
                .param("by", CurrentUser.id().value())
                .param("now", Timestamp.from(clock.instant()), Types.TIMESTAMP)
                .param("org", organization())
                .param("id", id)
                .update();
        if (status == BankMatch.Status.DECLINED) {
            jdbc.sql("update accounting_bank_match_parts set active = false where org_id = :org and match_id = :id")
                    .param("org", organization())
                    .param("id", id)
                    .update();
        }
    }

    /** Suggestions whose settlement or reference is no longer open in the amount they were made for. */
    private void lapse() {
        List<UUID> gone = jdbc.sql("""
                        update accounting_bank_matches m set status = 'lapsed', decided_at = :now, reason = 'Settled otherwise'
                        where m.org_id = :org and m.status = 'suggested' and exists (
                            select from accounting_bank_match_parts p
                              left join billing_settlements s on p.side = 'settlement' and s.org_id = p.org_id and s.id = p.part_id
                              left join accounting_clearing_references r on p.side = 'reference' and r.org_id = p.org_id and r.id = p.part_id
                             where p.org_id = m.org_id and p.match_id = m.id
                               and ((p.side = 'settlement' and (s.received_amount <> 0 or s.expected_amount <> p.amount))
                                 or (p.side = 'reference' and r.balance <> p.amount)))
                        returning m.id
                        """)
                .param("org", organization())
                .param("now", Timestamp.from(clock.instant()), Types.TIMESTAMP)
                .query(UUID.class)
                .list();
        if (!gone.isEmpty()) {
            jdbc.sql("update accounting_bank_match_parts set active = false where org_id = :org and match_id in (:ids)")
                    .param("org", organization())
                    .param("ids", gone)
                    .update();
        }
    }

    private List<UUID> recordsInSuggestions() {
        return jdbc.sql("""
                        select p.part_id from accounting_bank_match_parts p
                        join accounting_bank_matches m on m.org_id = p.org_id and m.id = p.match_id
                        where p.org_id = :org and p.side <> 'line' and p.active and m.status = 'suggested'
                        """).param("org", organization()).query(UUID.class).list();
    }

    private record Part(String side, UUID id, long amountMinor) {}

    private Optional<BankMatch> find(UUID id, String lock) {
        return jdbc.sql("select * from accounting_bank_matches where org_id = :org and id = :id" + lock)
                .param("org", organization())
                .param("id", id)
                .query((row, number) -> {
                    List<Part> parts = parts(id);
                    List<BankLine> lines = rows.lines(parts.stream()
                            .filter(part -> part.side().equals("line"))
                            .map(Part::id)
                            .toList());
                    String currency =
                            lines.getFirst().amount().getCurrencyUnit().getCode();
                    Timestamp decided = row.getTimestamp("decided_at");
                    return new BankMatch(
                            id,
                            BankMatch.Status.ofKey(row.getString("status")),
                            row.getString("rule"),
                            row.getString("rule_title"),
                            row.getString("evidence"),
                            row.getInt("considered"),
                            row.getBoolean("undecided"),
                            lines,
                            parts.stream()
                                    .filter(part -> !part.side().equals("line"))
                                    .map(part -> new BankMatch.Record(
                                            part.side(),
                                            part.id(),
                                            open.current(part.side(), part.id()).title(),
                                            io.remitflow.core.Amounts.ofMinor(part.amountMinor(), currency)))
                                    .toList(),
                            alternatives(row.getString("certificate")),
                            row.getTimestamp("suggested_at").toInstant(),
                            row.getObject("decided_by", UUID.class),
                            decided == null ? null : decided.toInstant(),
                            row.getString("reason"));
                })
                .optional();
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

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
