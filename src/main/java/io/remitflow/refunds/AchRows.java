package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code refund_ach_batches} and {@code refund_ach_entries}. */
@Repository
class AchRows {

    private static final String SELECT = """
            select b.*, (select count(*) from refund_ach_entries e
                         where e.org_id = b.org_id and e.batch_id = b.id and e.return_code is not null) as returned
            from refund_ach_batches b
            """;

    private final JdbcClient jdbc;

    AchRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    record NewBatch(
            String number,
            long sequence,
            String fileName,
            LocalDate effectiveOn,
            LocalDate finalOn,
            int entries,
            long amountMinor,
            String entryHash,
            byte[] contentEncrypted,
            String sha256,
            UserId releasedBy) {}

    /** An entry that a bank may speak of. */
    record Sent(
            UUID id,
            UUID refundId,
            UUID destinationId,
            long amountMinor,
            @Nullable String returnCode) {}

    void insert(UUID id, NewBatch batch, Instant now) {
        jdbc.sql("""
                        insert into refund_ach_batches (org_id, id, batch_number, file_sequence, file_name, effective_on,
                            final_on, entries, amount, currency, entry_hash, content_encrypted, content_sha256, state,
                            released_by, released_at)
                        values (:org, :id, :number, :sequence, :file, :effective, :final, :entries, :amount, 'USD', :hash,
                            :content, :sha256, 'released', :by, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("number", batch.number())
                .param("sequence", batch.sequence())
                .param("file", batch.fileName())
                .param("effective", batch.effectiveOn())
                .param("final", batch.finalOn())
                .param("entries", batch.entries())
                .param("amount", batch.amountMinor())
                .param("hash", batch.entryHash())
                .param("content", batch.contentEncrypted())
                .param("sha256", batch.sha256())
                .param("by", batch.releasedBy().value())
                .param("now", Timestamp.from(now))
                .update();
    }

    void insertEntry(UUID batch, Refund refund, String trace) {
        jdbc.sql("""
                        insert into refund_ach_entries (org_id, id, batch_id, refund_id, destination_id, trace_number, amount)
                        values (:org, :id, :batch, :refund, :destination, :trace, :amount)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("batch", batch)
                .param("refund", refund.id())
                .param("destination", refund.achDestinationId())
                .param("trace", trace)
                .param("amount", refund.amount().getAmountMinorLong())
                .update();
    }

    /** Batches are never deleted, so this numbers them; only with the originator locked. */
    long count() {
        return jdbc.sql("select count(*) from refund_ach_batches")
                .query(Long.class)
                .single();
    }

    long entryCount() {
        return jdbc.sql("select count(*) from refund_ach_entries")
                .query(Long.class)
                .single();
    }

    int countOn(LocalDate day, String zone) {
        return jdbc.sql("""
                        select count(*) from refund_ach_batches where (released_at at time zone :zone)::date = :day
                        """)
                .param("zone", zone)
                .param("day", day)
                .query(Integer.class)
                .single();
    }

    List<AchBatch> list(int limit) {
        return jdbc.sql(SELECT + " order by b.id desc limit :limit")
                .param("limit", Math.clamp(limit, 1, 500))
                .query(AchRows::batch)
                .list();
    }

    Optional<AchBatch> find(UUID id) {
        return jdbc.sql(SELECT + " where b.id = :id")
                .param("id", id)
                .query(AchRows::batch)
                .optional();
    }

    byte[] content(UUID id) {
        return jdbc.sql("select content_encrypted from refund_ach_batches where id = :id")
                .param("id", id)
                .query((row, index) -> row.getBytes(1))
                .single();
    }

    List<AchBatch.Entry> entries(AchBatch batch) {
        return jdbc.sql("""
                        select e.refund_id, r.refund_number, r.account_id, e.trace_number, d.account_last4, e.amount,
                               e.return_code
                        from refund_ach_entries e
                        join billing_refunds r on r.org_id = e.org_id and r.id = e.refund_id
                        join refund_ach_destinations d on d.org_id = e.org_id and d.id = e.destination_id
                        where e.batch_id = :id order by e.trace_number
                        """)
                .param("id", batch.id())
                .query((row, index) -> new AchBatch.Entry(
                        row.getObject("refund_id", UUID.class),
                        row.getString("refund_number"),
                        row.getObject("account_id", UUID.class),
                        row.getString("trace_number"),
                        row.getString("account_last4"),
                        Amounts.ofMinor(
                                row.getLong("amount"),
                                batch.amount().getCurrencyUnit().getCode()),
                        row.getString("return_code")))
                .list();
    }

    Optional<AchBatch> takeToSend(Instant now) {
        return jdbc.sql("""
                        update refund_ach_batches set state = 'sending', sending_since = :now
                        where id = (select id from refund_ach_batches where state = 'released' order by file_sequence
                                    limit 1 for no key update skip locked)
                        returning id
                        """)
                .param("now", Timestamp.from(now))
                .query(UUID.class)
                .optional()
                .flatMap(this::find);
    }

    void sent(UUID id, Instant now) {
        jdbc.sql("update refund_ach_batches set state = 'sent', sent_at = :now where id = :id and state = 'sending'")
                .param("id", id)
                .param("now", Timestamp.from(now))
                .update();
    }

    void sendAgain(UUID id) {
        jdbc.sql("""
                        update refund_ach_batches set state = 'released', sending_since = null
                        where id = :id and state = 'sending'
                        """).param("id", id).update();
    }

    Optional<Sent> ofTrace(String trace) {
        return jdbc.sql("select * from refund_ach_entries where trace_number = :trace")
                .param("trace", trace)
                .query(AchRows::sent)
                .optional();
    }

    Optional<Sent> entry(UUID id) {
        return jdbc.sql("select * from refund_ach_entries where id = :id")
                .param("id", id)
                .query(AchRows::sent)
                .optional();
    }

    void returned(UUID entry, String code, Instant now) {
        jdbc.sql("update refund_ach_entries set return_code = :code, returned_at = :now where id = :id")
                .param("code", code)
                .param("now", Timestamp.from(now))
                .param("id", entry)
                .update();
    }

    private static Sent sent(ResultSet row, int index) throws SQLException {
        return new Sent(
                row.getObject("id", UUID.class),
                row.getObject("refund_id", UUID.class),
                row.getObject("destination_id", UUID.class),
                row.getLong("amount"),
                row.getString("return_code"));
    }

    private static AchBatch batch(ResultSet row, int index) throws SQLException {
        return new AchBatch(
                row.getObject("id", UUID.class),
                row.getString("batch_number"),
                row.getString("file_name"),
                row.getObject("effective_on", LocalDate.class),
                row.getObject("final_on", LocalDate.class),
                row.getInt("entries"),
                Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                row.getInt("returned"),
                row.getString("entry_hash"),
                AchBatch.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                new UserId(row.getObject("released_by", UUID.class)),
                row.getTimestamp("released_at").toInstant(),
                instant(row, "sending_since"),
                instant(row, "sent_at"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp timestamp = row.getTimestamp(column);
        return timestamp == null ? null : timestamp.toInstant();
    }
}
