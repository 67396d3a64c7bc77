package io.remitflow.checks;

import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Turns;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code check_mails}, {@code check_mail_files} and {@code check_mail_senders}. */
@Repository
class CheckMailRows {

    private static final String SELECT = """
            select m.id, m.sender, m.subject, m.authentication, m.attachments, m.state, m.reason, m.received_at, m.decided_by,
                   m.decided_at, m.decision_reason, m.content is not null as kept,
                   (select count(*) from check_mail_files f
                    join check_packets p on p.org_id = f.org_id and p.file_id = f.file_id
                    where f.org_id = m.org_id and f.mail_id = m.id) as packets
            from check_mails m
            """;

    private final JdbcClient jdbc;
    private final Clock clock;

    CheckMailRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * @param content null: it is not kept
     * @return whether it was not there before
     */
    boolean insert(
            UUID id,
            String digest,
            MailContent mail,
            String subject,
            String authentication,
            List<String> names,
            @Nullable String reason,
            byte @Nullable [] content) {
        return jdbc.sql("""
                                insert into check_mails (org_id, id, digest, sender, subject, authentication, attachments, state,
                                    reason, content, received_at)
                                values (:org, :id, :digest, :sender, :subject, :authentication, :attachments, :state, :reason,
                                    :content, :now)
                                on conflict (org_id, digest) do nothing
                                """)
                        .param("org", org())
                        .param("id", id)
                        .param("digest", digest)
                        .param("sender", mail.sender())
                        .param("subject", subject)
                        .param("authentication", authentication)
                        .param("attachments", names.toArray(String[]::new))
                        .param("state", reason == null ? "accepted" : "quarantined")
                        .param("reason", reason, Types.VARCHAR)
                        .param("content", content, Types.BINARY)
                        .param("now", now())
                        .update()
                == 1;
    }

    boolean isKnown(String digest) {
        return jdbc.sql("select count(*) from check_mails where digest = :digest")
                        .param("digest", digest)
                        .query(Long.class)
                        .single()
                > 0;
    }

    Optional<CheckMail> find(UUID id) {
        return jdbc.sql(SELECT + " where m.id = :id")
                .param("id", id)
                .query(CheckMailRows::mail)
                .optional();
    }

    /** The row stays locked until the transaction ends. */
    Optional<CheckMail> lock(UUID id) {
        return jdbc.sql("select id from check_mails where id = :id for no key update")
                .param("id", id)
                .query(UUID.class)
                .optional()
                .flatMap(this::find);
    }

    Optional<byte[]> content(UUID id) {
        return jdbc.sql("select content from check_mails where id = :id and content is not null")
                .param("id", id)
                .query((row, index) -> row.getBytes("content"))
                .optional();
    }

    /** Newest first. */
    List<CheckMail> list(CheckMail.@Nullable State state, int limit) {
        return jdbc.sql(SELECT + " where (:state::text is null or m.state = :state) order by m.id desc limit :limit")
                .param("state", state == null ? null : state.key(), Types.VARCHAR)
                .param("limit", limit)
                .query(CheckMailRows::mail)
                .list();
    }

    /** Until the transaction ends no mail comes or goes: two at once would both count the other's, or neither. */
    void lockQuarantine() {
        Turns.take(jdbc, "mail quarantine");
    }

    long quarantined() {
        return jdbc.sql("select count(*) from check_mails where state = 'quarantined'")
                .query(Long.class)
                .single();
    }

    /** Accepted, and not taken over since: that was interrupted. */
    List<UUID> undelivered(Duration olderThan) {
        return jdbc.sql("""
                        select id from check_mails
                        where state = 'accepted' and delivered_at is null and coalesce(decided_at, received_at) < :before
                        order by id limit 20
                        """)
                .param("before", Timestamp.from(clock.instant().minus(olderThan)), Types.TIMESTAMP)
                .query(UUID.class)
                .list();
    }

    void decided(UUID id, CheckMail.State state, UUID by, @Nullable String reason) {
        jdbc.sql("""
                        update check_mails set state = :state, decided_by = :by, decided_at = :now, decision_reason = :reason,
                            content = case when :state = 'discarded' then null else content end,
                            attachments = case when :state = 'discarded' then '{}' else attachments end
                        where id = :id
                        """)
                .param("id", id)
                .param("state", state.key())
                .param("by", by)
                .param("reason", reason, Types.VARCHAR)
                .param("now", now())
                .update();
    }

    void delivered(UUID id) {
        jdbc.sql("update check_mails set delivered_at = :now, content = null where id = :id and delivered_at is null")
                .param("id", id)
                .param("now", now())
                .update();
    }

    void insertFile(UUID mailId, int position, String name, @Nullable UUID fileId, @Nullable String problem) {
        jdbc.sql("""
                        insert into check_mail_files (org_id, mail_id, position, name, file_id, problem)
                        values (:org, :mail, :position, :name, :file, :problem) on conflict do nothing
                        """)
                .param("org", org())
                .param("mail", mailId)
                .param("position", position)
                .param("name", name)
                .param("file", fileId, Types.OTHER)
                .param("problem", problem, Types.VARCHAR)
                .update();
    }

    List<CheckMails.Attached> files(UUID mailId) {
        return jdbc.sql("""
                        select f.name, coalesce(f.problem, i.reason) as problem, p.id as packet_id
                        from check_mail_files f
                        left join intake_files i on i.org_id = f.org_id and i.id = f.file_id
                        left join check_packets p on p.org_id = f.org_id and p.file_id = f.file_id
                        where f.mail_id = :mail order by f.position
                        """)
                .param("mail", mailId)
                .query((row, index) -> new CheckMails.Attached(
                        row.getString("name"), row.getString("problem"), row.getObject("packet_id", UUID.class)))
                .list();
    }

    boolean isKnownSender(String sender) {
        return jdbc.sql("select count(*) from check_mail_senders where pattern in (:sender, :domain)")
                        .param("sender", sender)
                        .param("domain", sender.substring(sender.lastIndexOf('@')))
                        .query(Long.class)
                        .single()
                > 0;
    }

    List<CheckMails.Sender> senders() {
        return jdbc.sql("select id, pattern, created_at from check_mail_senders order by pattern")
                .query((row, index) -> new CheckMails.Sender(
                        row.getObject("id", UUID.class),
                        row.getString("pattern"),
                        row.getTimestamp("created_at").toInstant()))
                .list();
    }

    void addSender(String pattern, UUID by) {
        jdbc.sql("""
                        insert into check_mail_senders (org_id, id, pattern, created_by, created_at)
                        values (:org, :id, :pattern, :by, :now) on conflict (org_id, pattern) do nothing
                        """)
                .param("org", org())
                .param("id", Ids.next())
                .param("pattern", pattern.toLowerCase(Locale.ROOT))
                .param("by", by)
                .param("now", now())
                .update();
    }

    Optional<String> removeSender(UUID id) {
        return jdbc.sql("delete from check_mail_senders where id = :id returning pattern")
                .param("id", id)
                .query(String.class)
                .optional();
    }

    private static CheckMail mail(ResultSet row, int index) throws SQLException {
        Timestamp decidedAt = row.getTimestamp("decided_at");
        @Nullable Instant decided = decidedAt == null ? null : decidedAt.toInstant();
        return new CheckMail(
                row.getObject("id", UUID.class),
                row.getString("sender"),
                row.getString("subject"),
                row.getString("authentication"),
                List.of((String[]) row.getArray("attachments").getArray()),
                CheckMail.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getString("reason"),
                row.getBoolean("kept"),
                row.getTimestamp("received_at").toInstant(),
                row.getObject("decided_by", UUID.class),
                decided,
                row.getString("decision_reason"),
                row.getInt("packets"));
    }

    private static UUID org() {
        return CurrentOrganization.id().value();
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }
}
