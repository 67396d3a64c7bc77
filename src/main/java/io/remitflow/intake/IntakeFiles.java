package io.remitflow.intake;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.intake.FileChunks.Content;
import io.remitflow.intake.IntakeFile.State;
import java.io.InputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.unit.DataSize;

/**
 * Files received from outside, each kept byte for byte and once per organization.
 *
 * <p>Bytes go to and come from the database in pieces, so memory does not grow with the file.
 */
@Service
public class IntakeFiles {

    private final JdbcClient jdbc;
    private final FileChunks chunks;
    private final TransactionTemplate ownTransaction;
    private final Clock clock;
    private final long maximumBytes;

    IntakeFiles(
            JdbcClient jdbc,
            FileChunks chunks,
            PlatformTransactionManager transactions,
            Clock clock,
            @Value("${remitflow.intake.maximum-size:200MB}") DataSize maximumSize) {
        this.jdbc = jdbc;
        this.chunks = chunks;
        this.ownTransaction = new TransactionTemplate(transactions);
        this.ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.clock = clock;
        this.maximumBytes = maximumSize.toBytes();
    }

    /**
     * Stores the bytes, or finds the file that has the same bytes; committed when it returns.
     *
     * @throws RuleViolation {@link Refusal#FILE_TOO_LARGE} or {@link Refusal#FILE_EMPTY}; then nothing is kept
     */
    public Received receive(String source, String originalName, InputStream bytes) {
        String name = DisplayNames.clean(originalName);
        UUID id = Ids.next();
        Content content = inOwnTransaction(status -> {
            Content stored = chunks.store(id, bytes, maximumBytes);
            if (insert(id, stored, name, source)) {
                insertDelivery(id, name, source, false);
            } else {
                status.setRollbackOnly();
            }
            return stored;
        });
        return inOwnTransaction(status -> {
            IntakeFile file = ofDigest(content.sha256());
            boolean repeated = !file.id().equals(id);
            if (repeated) {
                insertDelivery(file.id(), name, source, true);
            }
            return new Received(file, repeated);
        });
    }

    /** The original bytes, read piece by piece; may be read on another thread than the one that opened it. */
    @Transactional(readOnly = true)
    public InputStream open(UUID fileId) {
        if (find(fileId).isEmpty()) {
            throw RuleViolation.notFound("file " + fileId);
        }
        return chunks.open(fileId);
    }

    @Transactional
    public void accept(UUID id) {
        decide(id, State.ACCEPTED, null);
    }

    @Transactional
    public void reject(UUID id, String reason) {
        decide(id, State.REJECTED, reason);
    }

    /** For other bytes whose content was all received before. */
    @Transactional
    public void duplicate(UUID id, String reason) {
        decide(id, State.DUPLICATE, reason);
    }

    @Transactional(readOnly = true)
    public Optional<IntakeFile> find(UUID id) {
        return jdbc.sql("select * from intake_files where org_id = :org and id = :id")
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .query(IntakeFiles::file)
                .optional();
    }

    /** Holds the file until the caller's transaction ends, so that one caller at a time works on it. */
    @Transactional(propagation = Propagation.MANDATORY)
    public IntakeFile lock(UUID id) {
        return jdbc.sql("select * from intake_files where org_id = :org and id = :id for update")
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .query(IntakeFiles::file)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("file " + id));
    }

    @Transactional(readOnly = true)
    public List<IntakeFile> recent(int limit) {
        return jdbc.sql(
                        "select * from intake_files where org_id = :org order by received_at desc, id desc limit :limit")
                .param("org", CurrentOrganization.id().value())
                .param("limit", limit)
                .query(IntakeFiles::file)
                .list();
    }

    /** Files whose source begins like this and that nobody decided about since: their processing was interrupted. */
    @Transactional(readOnly = true)
    public List<IntakeFile> undecided(String sourcePrefix, Duration olderThan, int limit) {
        return jdbc.sql("""
                        select * from intake_files
                        where org_id = :org and state = 'received' and starts_with(source, :source) and received_at < :before
                        order by received_at limit :limit
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("source", sourcePrefix)
                .param("before", now().minus(olderThan))
                .param("limit", limit)
                .query(IntakeFiles::file)
                .list();
    }

    private <T> T inOwnTransaction(Function<TransactionStatus, T> work) {
        return Objects.requireNonNull(ownTransaction.execute(work::apply));
    }

    /** Waits for a concurrent delivery of the same bytes: one inserts, the other does not. */
    private boolean insert(UUID id, Content content, String name, String source) {
        return jdbc.sql("""
                        insert into intake_files (org_id, id, sha256, original_name, source, size_bytes, state, received_at)
                        values (:org, :id, :sha256, :name, :source, :size, 'received', :now)
                        on conflict (org_id, sha256) do nothing
                        """)
                        .param("org", CurrentOrganization.id().value())
                        .param("id", id)
                        .param("sha256", content.sha256())
                        .param("name", name)
                        .param("source", source)
                        .param("size", content.size())
                        .param("now", now())
                        .update()
                == 1;
    }

    private void insertDelivery(UUID fileId, String name, String source, boolean repeated) {
        jdbc.sql("""
                        insert into intake_deliveries (org_id, id, file_id, original_name, source, repeated, received_at)
                        values (:org, :id, :file, :name, :source, :repeated, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("file", fileId)
                .param("name", name)
                .param("source", source)
                .param("repeated", repeated)
                .param("now", now())
                .update();
    }

    private IntakeFile ofDigest(String sha256) {
        return jdbc.sql("select * from intake_files where org_id = :org and sha256 = :sha256")
                .param("org", CurrentOrganization.id().value())
                .param("sha256", sha256)
                .query(IntakeFiles::file)
                .single();
    }

    private void decide(UUID id, State state, @Nullable String reason) {
        int changed = jdbc.sql("""
                        update intake_files set state = :state, reason = :reason, decided_at = :now
                        where org_id = :org and id = :id and state = 'received'
                        """)
                .param("state", state.column())
                .param("reason", reason)
                .param("now", now())
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .update();
        State now =
                find(id).orElseThrow(() -> RuleViolation.notFound("file " + id)).state();
        if (changed == 0 && now != state) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "file %s is already %s".formatted(id, now.column()));
        }
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }

    private static IntakeFile file(ResultSet row, int number) throws SQLException {
        return new IntakeFile(
                row.getObject("id", UUID.class),
                row.getString("sha256"),
                row.getString("original_name"),
                row.getString("source"),
                row.getLong("size_bytes"),
                State.ofColumn(row.getString("state")),
                row.getString("reason"),
                row.getObject("received_at", OffsetDateTime.class).toInstant());
    }
}
