package io.remitflow.intake;

import io.remitflow.core.CardNumbers;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.UserId;
import io.remitflow.intake.FileChunks.Content;
import io.remitflow.intake.IntakeFile.State;
import java.io.InputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

    /** What {@link io.remitflow.identity.Organizations#having} finds organizations with interrupted files by. */
    public static final String UNDECIDED = "select 1 from intake_files where state = 'received'";

    private static final Logger log = LoggerFactory.getLogger(IntakeFiles.class);

    /** Whatever a file does to the application, it does it so many times at most. */
    private static final int ATTEMPTS = 5;

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

    /** Who uploaded it first; empty for what came by itself. */
    @Transactional(readOnly = true)
    public Optional<UserId> deliveredBy(UUID id) {
        return jdbc.sql("""
                        select delivered_by from intake_deliveries
                        where org_id = :org and file_id = :id and not repeated and delivered_by is not null
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .query(UUID.class)
                .optional()
                .map(UserId::new);
    }

    @Transactional
    public void accept(UUID id) {
        decide(id, State.ACCEPTED, null);
    }

    @Transactional
    public void reject(UUID id, String reason) {
        decide(id, State.REJECTED, reason);
    }

    /** Lets a decided file be processed once more, because a person decided about it or the rules changed. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void reopen(UUID id) {
        int changed = jdbc.sql("""
                        update intake_files set state = 'received', reason = null, decided_at = null, attempts = 0
                        where org_id = :org and id = :id and state in ('accepted', 'rejected', 'parked')
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .update();
        if (changed == 0) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "file %s is being processed".formatted(id));
        }
    }

    /**
     * Counts that its processing begins now, committed before anything else happens: whatever ends the application in the
     * middle has been counted. A file that has had its attempts is put aside instead.
     *
     * @return whether the file may be processed
     */
    public boolean begin(UUID id) {
        return inOwnTransaction(status -> {
            boolean counted = jdbc.sql("""
                                    update intake_files set attempts = attempts + 1
                                    where org_id = :org and id = :id and state = 'received' and attempts < :most
                                    """)
                            .param("org", CurrentOrganization.id().value())
                            .param("id", id)
                            .param("most", ATTEMPTS)
                            .update()
                    == 1;
            if (!counted && lock(id).state() == State.RECEIVED) {
                decide(
                        id,
                        State.PARKED,
                        "Its processing was begun %d times and never came to an end; nothing of it was posted"
                                .formatted(ATTEMPTS));
                log.error("File {} was begun {} times in vain and waits for a person", id, ATTEMPTS);
            }
            return counted;
        });
    }

    /** The attempt ended because a service was away, which is not the file's fault. */
    public void attemptDoesNotCount(UUID id) {
        inOwnTransaction(status -> jdbc.sql("""
                        update intake_files set attempts = attempts - 1
                        where org_id = :org and id = :id and state = 'received' and attempts > 0
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .update());
    }

    /** Lets a file that was put aside be processed again, with all its attempts. */
    @Transactional
    public void runAgain(UUID id) {
        if (lock(id).state() != State.PARKED) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "file %s is not put aside any more".formatted(id));
        }
        reopen(id);
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
        return jdbc.sql("select * from intake_files where org_id = :org and id = :id for no key update")
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

    /**
     * Files whose source begins like this and that nobody decided about since: their processing was interrupted. One that
     * somebody has locked is being worked on, however long that takes.
     */
    @Transactional
    public List<IntakeFile> undecided(String sourcePrefix, Duration olderThan, int limit) {
        return jdbc.sql("""
                        select * from intake_files
                        where org_id = :org and state = 'received' and starts_with(source, :source) and received_at < :before
                        order by received_at limit :limit for no key update skip locked
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
                        insert into intake_deliveries (org_id, id, file_id, original_name, source, repeated, received_at, delivered_by)
                        values (:org, :id, :file, :name, :source, :repeated, :now, :by)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("file", fileId)
                .param("name", name)
                .param("source", source)
                .param("repeated", repeated)
                .param("now", now())
                .param("by", CurrentUser.find().map(UserId::value).orElse(null), Types.OTHER)
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
                // It may quote what stands in the file.
                .param("reason", reason == null ? null : CardNumbers.removedFrom(reason), Types.VARCHAR)
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
