package io.remitflow.checks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Turns;
import io.remitflow.payments.ConfirmedChecks;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code check_payments} with its lines and facilities. */
@Repository
class PaperCheckRows implements ConfirmedChecks {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TypeReference<Map<String, FieldBox>> BOXES = new TypeReference<>() {};

    private final JdbcClient jdbc;
    private final Clock clock;

    PaperCheckRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    @Override
    public Optional<String> like(UUID accountId, String number, Money amount) {
        return jdbc.sql("""
                        select c.number from check_payments c
                        where c.status = 'confirmed' and c.amount = :amount and c.currency = :currency
                          and ltrim(c.check_number, '0') = ltrim(:number, '0')
                          and (c.applied_amount < c.amount
                               or exists (select from check_payment_applications a
                                          where a.org_id = c.org_id and a.check_id = c.id and a.facility_id = :account))
                        order by c.id desc limit 1
                        """)
                .param("amount", amount.getAmountMinorLong())
                .param("currency", amount.getCurrencyUnit().getCode())
                .param("number", number)
                .param("account", accountId)
                .query(String.class)
                .optional();
    }

    void insert(UUID id, String number, UUID packet, int position, String currency, NewCheck check) {
        jdbc.sql("""
                        insert into check_payments (org_id, id, number, packet_id, position, status, check_number, check_date,
                            payer_name, plain_payer, payee_name, memo, amount, courtesy_amount, legal_amount, currency, signed,
                            confidence, first_page, last_page, field_boxes, created_at, updated_at)
                        values (:org, :id, :number, :packet, :position, 'needs_review', :checkNumber, :date, :payer, :plain, :payee,
                            :memo, :amount, :courtesy, :legal, :currency, :signed, :confidence, :first, :last, :boxes::jsonb,
                            :now, :now)
                        """)
                .param("org", org())
                .param("id", id)
                .param("number", number)
                .param("packet", packet)
                .param("position", position)
                .param("checkNumber", check.fields().checkNumber())
                .param("date", check.fields().date(), Types.DATE)
                .param("payer", check.fields().payerName())
                .param("plain", plain(check.fields().payerName()))
                .param("payee", check.fields().payeeName())
                .param("memo", check.fields().memo())
                .param("amount", minor(check.fields().amount()), Types.BIGINT)
                .param("courtesy", check.courtesyMinor(), Types.BIGINT)
                .param("legal", check.legalMinor(), Types.BIGINT)
                .param("currency", currency)
                .param("signed", check.signed(), Types.BOOLEAN)
                .param("confidence", check.confidence(), Types.INTEGER)
                .param("first", check.firstPage())
                .param("last", check.lastPage())
                .param("boxes", json(check.boxes()))
                .param("now", now())
                .update();
        insertLines(id, currency, check.fields().lines());
        insertFacilities(id, check.fields().facilities());
    }

    /** As it comes from a reader or from another check. */
    record NewCheck(
            CheckFields fields,
            @Nullable Long courtesyMinor,
            @Nullable Long legalMinor,
            @Nullable Boolean signed,
            @Nullable Integer confidence,
            int firstPage,
            int lastPage,
            Map<String, FieldBox> boxes) {}

    void change(UUID id, String currency, CheckFields fields, Map<String, FieldBox> boxes) {
        jdbc.sql("""
                        update check_payments set check_number = :checkNumber, check_date = :date, payer_name = :payer,
                            plain_payer = :plain, payee_name = :payee, memo = :memo, amount = :amount,
                            field_boxes = :boxes::jsonb, version = version + 1, updated_at = :now
                        where id = :id
                        """)
                .param("id", id)
                .param("checkNumber", fields.checkNumber())
                .param("date", fields.date(), Types.DATE)
                .param("payer", fields.payerName())
                .param("plain", plain(fields.payerName()))
                .param("payee", fields.payeeName())
                .param("memo", fields.memo())
                .param("amount", minor(fields.amount()), Types.BIGINT)
                .param("boxes", json(boxes))
                .param("now", now())
                .update();
        jdbc.sql("delete from check_payment_lines where check_id = :id")
                .param("id", id)
                .update();
        insertLines(id, currency, fields.lines());
        jdbc.sql("delete from check_payment_facilities where check_id = :id")
                .param("id", id)
                .update();
        insertFacilities(id, fields.facilities());
    }

    /** @param settlementUntil null: it does not say that it pays everything */
    void confirmed(
            UUID id,
            UUID by,
            UUID journalEntryId,
            long appliedMinor,
            @Nullable String reason,
            @Nullable LocalDate settlementUntil) {
        jdbc.sql("""
                        update check_payments set status = 'confirmed', decided_by = :by, decided_at = :now,
                            journal_entry_id = :entry, applied_amount = :applied, decision_reason = :reason,
                            settlement_until = :until, sent_back_reason = null, refusal_reason = null, version = version + 1, updated_at = :now
                        where id = :id
                        """)
                .param("id", id)
                .param("by", by)
                .param("entry", journalEntryId)
                .param("applied", appliedMinor)
                .param("reason", reason)
                .param("until", settlementUntil, Types.DATE)
                .param("now", now())
                .update();
    }

    /** Confirmed checks that say they pay everything, and may still be repaid: the most urgent first. */
    List<PaperCheck> settling(LocalDate today, int most) {
        return jdbc.sql("""
                        select * from check_payments where status = 'confirmed' and settlement_until >= :today
                        order by settlement_until, id limit :most
                        """)
                .param("today", today)
                .param("most", most)
                .query(this::check)
                .list();
    }

    void dated(UUID id, LocalDate date) {
        jdbc.sql(
                        "update check_payments set check_date = :date, version = version + 1, updated_at = :now where id = :id")
                .param("id", id)
                .param("date", date)
                .param("now", now())
                .update();
    }

    void applied(UUID id, long moreMinor) {
        jdbc.sql("update check_payments set applied_amount = applied_amount + :more, updated_at = :now where id = :id")
                .param("id", id)
                .param("more", moreMinor)
                .param("now", now())
                .update();
    }

    void rejected(UUID id, UUID by, String reason) {
        jdbc.sql("""
                        update check_payments set status = 'rejected', decided_by = :by, decided_at = :now,
                            decision_reason = :reason, sent_back_reason = null, refusal_reason = null, version = version + 1,
                            updated_at = :now
                        where id = :id
                        """)
                .param("id", id)
                .param("by", by)
                .param("reason", reason)
                .param("now", now())
                .update();
    }

    void merged(UUID id, UUID into, UUID by) {
        jdbc.sql("""
                        update check_payments set status = 'merged', merged_into = :into, decided_by = :by, decided_at = :now,
                            sent_back_reason = null, version = version + 1, updated_at = :now
                        where id = :id
                        """)
                .param("id", id)
                .param("into", into)
                .param("by", by)
                .param("now", now())
                .update();
    }

    void returned(UUID id, String code, String reason) {
        jdbc.sql("""
                        update check_payments set status = 'returned', return_code = :code, returned_at = :now,
                            applied_amount = 0, refusal_reason = :reason, version = version + 1, updated_at = :now
                        where id = :id
                        """)
                .param("id", id)
                .param("code", code)
                .param("reason", reason)
                .param("now", now())
                .update();
    }

    /** @param reason null: it was corrected */
    void sentBack(UUID id, @Nullable String reason) {
        jdbc.sql(
                        "update check_payments set sent_back_reason = :reason, version = version + 1, updated_at = :now where id = :id")
                .param("id", id)
                .param("reason", reason)
                .param("now", now())
                .update();
    }

    void refused(UUID id, String reason) {
        jdbc.sql("update check_payments set refusal_reason = :reason, updated_at = :now where id = :id")
                .param("id", id)
                .param("reason", reason)
                .param("now", now())
                .update();
    }

    /** @param of null: it is like no other check any more */
    void suspectDuplicate(UUID id, @Nullable UUID of) {
        jdbc.sql("""
                        update check_payments set duplicate_of = :of, duplicate_decision = null, duplicate_reason = null,
                            duplicate_by = null, updated_at = :now
                        where id = :id
                        """)
                .param("id", id)
                .param("of", of, Types.OTHER)
                .param("now", now())
                .update();
    }

    void duplicateDecided(UUID id, String decision, String reason, UUID by) {
        jdbc.sql("""
                        update check_payments set duplicate_decision = :decision, duplicate_reason = :reason, duplicate_by = :by,
                            version = version + 1, updated_at = :now
                        where id = :id
                        """)
                .param("id", id)
                .param("decision", decision)
                .param("reason", reason)
                .param("by", by)
                .param("now", now())
                .update();
    }

    /** Another check with the same payer, number and amount: of two that wait, only the later one is doubtful. */
    Optional<UUID> like(UUID id, CheckFields fields) {
        Money amount = fields.amount();
        if (amount == null || fields.checkNumber() == null || fields.payerName() == null) {
            return Optional.empty();
        }
        return jdbc.sql("""
                        select id from check_payments
                        where plain_payer = :plain and check_number = :number and amount = :amount and id <> :id
                          and coalesce(represents_id, id) <> (select coalesce(represents_id, id) from check_payments where id = :id)
                          and (status in ('confirmed', 'returned') or status = 'needs_review'
                               and (created_at, id) < (select created_at, id from check_payments where id = :id))
                        order by (status = 'needs_review'), created_at, id limit 1
                        """)
                .param("plain", plain(fields.payerName()))
                .param("number", fields.checkNumber())
                .param("amount", amount.getAmountMinorLong())
                .param("id", id)
                .query(UUID.class)
                .optional();
    }

    /** Waits until nobody else has a check of this payer, number and amount. */
    void lockLike(CheckFields fields) {
        Money amount = fields.amount();
        if (amount == null || fields.checkNumber() == null || fields.payerName() == null) {
            return;
        }
        Turns.take(
                jdbc,
                "check %s/%s/%d"
                        .formatted(plain(fields.payerName()), fields.checkNumber(), amount.getAmountMinorLong()));
    }

    /**
     * Checks to compare anew because this one has other fields: those taken for its duplicates, and later ones like it. They
     * stay locked; one that somebody else has is compared when it is confirmed.
     */
    List<UUID> lockDoubtfulBecauseOf(UUID id, CheckFields fields) {
        Money amount = fields.amount();
        return jdbc.sql("""
                        select c.id from check_payments c
                        where c.status = 'needs_review' and c.id <> :id
                          and (c.duplicate_of = :id and c.duplicate_decision is null
                               or c.plain_payer = :plain and c.check_number = :number and c.amount = :amount
                                  and (c.created_at, c.id) > (select created_at, id from check_payments where id = :id))
                        order by c.created_at, c.id for no key update of c skip locked
                        """)
                .param("id", id)
                .param("plain", plain(fields.payerName()))
                .param("number", fields.checkNumber())
                .param("amount", minor(amount), Types.BIGINT)
                .query(UUID.class)
                .list();
    }

    void represents(UUID id, UUID first) {
        jdbc.sql("update check_payments set represents_id = :first where id = :id")
                .param("id", id)
                .param("first", first)
                .update();
    }

    /**
     * How often a check was presented again, and since when it could be.
     *
     * @param first the one that came back first
     * @param again the one that it was presented as most lately; null: it was not
     * @param times those that were rejected do not count
     * @param returnedAt when the first one came back; null: it did not
     */
    record Chain(
            UUID first,
            @Nullable UUID again,
            int times,
            @Nullable Instant returnedAt) {}

    Chain chain(UUID id) {
        return jdbc.sql("""
                        select f.id as first, f.returned_at,
                               (select count(*) from check_payments n where n.org_id = f.org_id and n.represents_id = f.id
                                   and n.status <> 'rejected') as times,
                               (select n.id from check_payments n where n.org_id = f.org_id and n.represents_id = f.id
                                   and n.status <> 'rejected' order by n.id desc limit 1) as again
                          from check_payments c
                          join check_payments f on f.org_id = c.org_id and f.id = coalesce(c.represents_id, c.id)
                         where c.id = :id
                        """)
                .param("id", id)
                .query((row, index) -> {
                    Timestamp returned = row.getTimestamp("returned_at");
                    return new Chain(
                            row.getObject("first", UUID.class),
                            row.getObject("again", UUID.class),
                            row.getInt("times"),
                            returned == null ? null : returned.toInstant());
                })
                .single();
    }

    Optional<PaperCheck> find(UUID id) {
        return jdbc.sql("select * from check_payments where id = :id")
                .param("id", id)
                .query(this::check)
                .optional();
    }

    /** Only its holder changes the check until the transaction ends. */
    Optional<PaperCheck> lock(UUID id) {
        return jdbc.sql("select * from check_payments where id = :id for no key update")
                .param("id", id)
                .query(this::check)
                .optional();
    }

    List<PaperCheck> ofPacket(UUID packetId) {
        return jdbc.sql("select * from check_payments where packet_id = :packet order by position")
                .param("packet", packetId)
                .query(this::check)
                .list();
    }

    List<CheckSummary> list(CheckFilter filter) {
        return jdbc.sql("""
                        select c.id, c.number, c.packet_id, c.status, c.check_number, c.check_date, c.payer_name, c.amount,
                               c.currency, c.confidence, c.applied_amount, c.sent_back_reason is not null as sent_back,
                               c.duplicate_of is not null and c.duplicate_decision is null as suspected, c.created_at
                        from check_payments c
                        where (:status::text is null or c.status = :status)
                          and (:plain::text is null or starts_with(c.plain_payer, :plain) or c.check_number = :text
                               or c.number = :text)
                          and (:after::uuid is null or case when :status = 'needs_review' then c.id > :after else c.id < :after end)
                        order by case when :status = 'needs_review' then c.id end, c.id desc limit :limit
                        """)
                .param(
                        "status",
                        filter.status() == null ? null : filter.status().key())
                .param("plain", filter.text() == null ? null : PayerNames.plain(filter.text()))
                .param("text", filter.text() == null ? null : filter.text().strip())
                .param("after", filter.after())
                .param("limit", filter.limit())
                .query((row, index) -> new CheckSummary(
                        row.getObject("id", UUID.class),
                        row.getString("number"),
                        row.getObject("packet_id", UUID.class),
                        CheckStatus.ofKey(row.getString("status")).orElseThrow(),
                        row.getString("check_number"),
                        row.getObject("check_date", LocalDate.class),
                        row.getString("payer_name"),
                        money(row, "amount"),
                        Amounts.ofMinor(row.getLong("applied_amount"), row.getString("currency")),
                        integer(row, "confidence"),
                        row.getBoolean("sent_back"),
                        row.getBoolean("suspected"),
                        row.getTimestamp("created_at").toInstant()))
                .list();
    }

    List<CheckTotal> totals() {
        return jdbc.sql("""
                        select status, currency, count(*) as checks, coalesce(sum(amount), 0)::bigint as amount
                        from check_payments group by status, currency order by status
                        """)
                .query((row, index) -> new CheckTotal(
                        CheckStatus.ofKey(row.getString("status")).orElseThrow(),
                        row.getLong("checks"),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency"))))
                .list();
    }

    /** The next check that waits for a review, after this one and then from the beginning. */
    Optional<UUID> nextToReview(UUID after) {
        return jdbc.sql("""
                        select id from check_payments
                        where status = 'needs_review' and sent_back_reason is null and id <> :after
                        order by (id < :after), id limit 1
                        """).param("after", after).query(UUID.class).optional();
    }

    int lastPosition(UUID packetId) {
        return jdbc.sql("select coalesce(max(position), 0) from check_payments where packet_id = :packet")
                .param("packet", packetId)
                .query(Integer.class)
                .single();
    }

    private void insertLines(UUID check, String currency, List<RemittanceLine> lines) {
        for (RemittanceLine line : lines) {
            jdbc.sql("""
                            insert into check_payment_lines (org_id, check_id, line_number, invoice_number, line_date, amount,
                                currency, invoice_id)
                            values (:org, :check, :number, :invoiceNumber, :date, :amount, :currency, :invoice)
                            """)
                    .param("org", org())
                    .param("check", check)
                    .param("number", line.number())
                    .param("invoiceNumber", line.invoiceNumber())
                    .param("date", line.date(), Types.DATE)
                    .param("amount", line.amountMinor())
                    .param("currency", currency)
                    .param("invoice", line.chosenInvoiceId(), Types.OTHER)
                    .update();
        }
    }

    private void insertFacilities(UUID check, Set<UUID> facilities) {
        for (UUID facility : facilities) {
            jdbc.sql(
                            "insert into check_payment_facilities (org_id, check_id, facility_id) values (:org, :check, :facility)")
                    .param("org", org())
                    .param("check", check)
                    .param("facility", facility)
                    .update();
        }
    }

    private List<RemittanceLine> lines(UUID check) {
        return jdbc.sql("select * from check_payment_lines where check_id = :check order by line_number")
                .param("check", check)
                .query((row, index) -> new RemittanceLine(
                        row.getInt("line_number"),
                        row.getString("invoice_number"),
                        row.getObject("line_date", LocalDate.class),
                        row.getLong("amount"),
                        row.getObject("invoice_id", UUID.class)))
                .list();
    }

    private Set<UUID> facilities(UUID check) {
        return Set.copyOf(jdbc.sql("select facility_id from check_payment_facilities where check_id = :check")
                .param("check", check)
                .query(UUID.class)
                .list());
    }

    private PaperCheck check(ResultSet row, int index) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        String currency = row.getString("currency");
        UUID duplicateOf = row.getObject("duplicate_of", UUID.class);
        boolean signed = row.getBoolean("signed");
        boolean signatureUnknown = row.wasNull();
        return new PaperCheck(
                id,
                row.getString("number"),
                row.getObject("packet_id", UUID.class),
                row.getInt("position"),
                CheckStatus.ofKey(row.getString("status")).orElseThrow(),
                row.getString("check_number"),
                row.getObject("check_date", LocalDate.class),
                row.getString("payer_name"),
                row.getString("payee_name"),
                row.getString("memo"),
                money(row, "amount"),
                longOrNull(row, "courtesy_amount"),
                longOrNull(row, "legal_amount"),
                currency,
                signatureUnknown ? null : signed,
                integer(row, "confidence"),
                row.getInt("first_page"),
                row.getInt("last_page"),
                boxes(row.getString("field_boxes")),
                duplicateOf == null
                        ? null
                        : new PaperCheck.Duplicate(
                                duplicateOf, row.getString("duplicate_decision"), row.getString("duplicate_reason")),
                row.getObject("merged_into", UUID.class),
                row.getString("sent_back_reason"),
                row.getString("refusal_reason"),
                row.getString("decision_reason"),
                row.getObject("decided_by", UUID.class),
                instant(row, "decided_at"),
                row.getObject("journal_entry_id", UUID.class),
                Amounts.ofMinor(row.getLong("applied_amount"), currency),
                row.getString("return_code"),
                row.getObject("settlement_until", LocalDate.class),
                row.getInt("version"),
                Objects.requireNonNull(instant(row, "created_at")),
                lines(id),
                facilities(id));
    }

    private static @Nullable Money money(ResultSet row, String column) throws SQLException {
        Long minor = longOrNull(row, column);
        return minor == null ? null : Amounts.ofMinor(minor, row.getString("currency"));
    }

    private static @Nullable Long longOrNull(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static @Nullable Integer integer(ResultSet row, String column) throws SQLException {
        int value = row.getInt(column);
        return row.wasNull() ? null : value;
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    private static @Nullable Long minor(@Nullable Money amount) {
        return amount == null ? null : amount.getAmountMinorLong();
    }

    private static @Nullable String plain(@Nullable String name) {
        return name == null ? null : PayerNames.plain(name);
    }

    private static String json(Map<String, FieldBox> boxes) {
        try {
            return JSON.writeValueAsString(boxes);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Map<String, FieldBox> boxes(String json) {
        try {
            return JSON.readValue(json, BOXES);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static UUID org() {
        return CurrentOrganization.id().value();
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }
}
