package io.remitflow.checks;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code check_packets}. */
@Repository
class PacketRows {

    private static final String SELECT = """
            select p.*, f.original_name from check_packets p
            join intake_files f on f.org_id = p.org_id and f.id = p.file_id
            """;

    private final JdbcClient jdbc;
    private final Clock clock;

    PacketRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    void insert(UUID id, String number, UUID fileId, PacketContent content) {
        jdbc.sql("""
                        insert into check_packets (org_id, id, packet_number, file_id, media_type, page_count, state, received_by,
                            received_at)
                        values (:org, :id, :number, :file, :type, :pages, 'received', :by, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("number", number)
                .param("file", fileId)
                .param("type", content.mediaType())
                .param("pages", content.pageCount())
                .param("by", CurrentUser.find().map(UserId::value).orElse(null), Types.OTHER)
                .param("now", Timestamp.from(clock.instant()))
                .update();
    }

    void staged(UUID id, String reader, @Nullable String note) {
        jdbc.sql("""
                        update check_packets set state = 'staged', read_by = :reader, reading_note = :note, read_at = :now
                        where id = :id
                        """)
                .param("id", id)
                .param("reader", reader)
                .param("note", note)
                .param("now", Timestamp.from(clock.instant()))
                .update();
    }

    /** @return whether its reading may begin once more */
    boolean beginReading(UUID id, int most) {
        return jdbc.sql("""
                                update check_packets set reading_attempts = reading_attempts + 1
                                where id = :id and state = 'received' and reading_attempts < :most
                                """).param("id", id).param("most", most).update() == 1;
    }

    void readingFailed(UUID id) {
        jdbc.sql("""
                        update check_packets set reading_attempts = reading_attempts - 1
                        where id = :id and state = 'received' and reading_attempts > 0
                        """).param("id", id).update();
    }

    Optional<CheckPacket> find(UUID id) {
        return jdbc.sql(SELECT + " where p.id = :id")
                .param("id", id)
                .query(PacketRows::packet)
                .optional();
    }

    Optional<CheckPacket> lock(UUID id) {
        return jdbc.sql(SELECT + " where p.id = :id for no key update of p")
                .param("id", id)
                .query(PacketRows::packet)
                .optional();
    }

    Optional<CheckPacket> ofFile(UUID fileId) {
        return jdbc.sql(SELECT + " where p.file_id = :file")
                .param("file", fileId)
                .query(PacketRows::packet)
                .optional();
    }

    /** Newest first. */
    List<CheckPacket> list(@Nullable UUID after, int limit) {
        return jdbc.sql(SELECT + " where (:after::uuid is null or p.id < :after) order by p.id desc limit :limit")
                .param("after", after)
                .param("limit", limit)
                .query(PacketRows::packet)
                .list();
    }

    /** Oldest first. */
    List<CheckPacket> unread(int limit) {
        return jdbc.sql(SELECT + " where p.state = 'received' order by p.id limit :limit")
                .param("limit", limit)
                .query(PacketRows::packet)
                .list();
    }

    private static CheckPacket packet(ResultSet row, int index) throws SQLException {
        return new CheckPacket(
                row.getObject("id", UUID.class),
                row.getString("packet_number"),
                row.getObject("file_id", UUID.class),
                row.getString("original_name"),
                row.getString("media_type"),
                row.getInt("page_count"),
                row.getString("read_by"),
                row.getString("reading_note"),
                row.getTimestamp("received_at").toInstant());
    }
}
