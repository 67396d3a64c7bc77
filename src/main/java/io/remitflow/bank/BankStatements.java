package io.remitflow.bank;

import io.remitflow.identity.AuditLog;
import io.remitflow.intake.IntakeFile;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.intake.Received;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.Assert;

/**
 * Statement files of banks, from their arrival to the books.
 *
 * <p>A file is taken over as a whole in one transaction, or not at all. Its lines are booked afterwards, in transactions of
 * their own; an interrupted run goes on where it stopped.
 */
@Service
public class BankStatements {

    /** Sources of statement files begin like this. */
    public static final String SOURCE = "bank-";

    private static final Logger log = LoggerFactory.getLogger(BankStatements.class);
    private static final int RESUMED_AT_ONCE = 20;
    private static final int PAGE = 200;

    private final IntakeFiles files;
    private final BankImport imports;
    private final BankBookings bookings;
    private final BankMatches matches;
    private final BankRows rows;
    private final AuditLog audit;
    private final TransactionTemplate transaction;

    BankStatements(
            IntakeFiles files,
            BankImport imports,
            BankBookings bookings,
            BankMatches matches,
            BankRows rows,
            AuditLog audit,
            TransactionTemplate transaction) {
        this.files = files;
        this.imports = imports;
        this.bookings = bookings;
        this.matches = matches;
        this.rows = rows;
        this.audit = audit;
        this.transaction = transaction;
    }

    /**
     * Stores the file and books what it says. The same bytes change nothing; but a file that was rejected is read again,
     * because an account or a CSV profile may have been added for it.
     *
     * @param source where it came from; begins with {@link #SOURCE}
     * @param bankAccountId the account it is for, if a person says so
     */
    public ImportReceipt receive(String source, String originalName, InputStream bytes, @Nullable UUID bankAccountId) {
        Assert.isTrue(source.startsWith(SOURCE), "sources of statement files begin with bank-");
        requireNoTransaction();
        Received received = files.receive(source, originalName, bytes);
        UUID fileId = received.file().id();
        IntakeFile.State before = received.file().state();
        if (received.repeated() && before == IntakeFile.State.REJECTED) {
            transaction.executeWithoutResult(status -> files.reopen(fileId));
        }
        ImportReceipt receipt = process(fileId, bankAccountId);
        if (!received.repeated() || before == IntakeFile.State.REJECTED) {
            return receipt;
        }
        transaction.executeWithoutResult(
                status -> audit.record("file.repeated", "file", fileId.toString(), Map.of("source", source)));
        return new ImportReceipt(receipt.file(), true, receipt.statements());
    }

    private ImportReceipt process(UUID fileId, @Nullable UUID bankAccountId) {
        if (required(fileId).state() == IntakeFile.State.RECEIVED && files.begin(fileId)) {
            try {
                takeOver(fileId, bankAccountId);
            } catch (TransientDataAccessException
                    | DataAccessResourceFailureException
                    | CannotCreateTransactionException e) {
                files.attemptDoesNotCount(fileId);
                throw e;
            }
        }
        if (required(fileId).state() == IntakeFile.State.ACCEPTED) {
            bookOpen();
        }
        return new ImportReceipt(required(fileId), false, ofFile(fileId));
    }

    private void takeOver(UUID fileId, @Nullable UUID bankAccountId) {
        try {
            transaction.executeWithoutResult(status -> {
                rows.lock();
                if (required(fileId).state() != IntakeFile.State.RECEIVED) {
                    // Somebody else took it over while this one waited.
                    return;
                }
                try (InputStream bytes = files.open(fileId)) {
                    imports.take(fileId, bytes, bankAccountId);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                files.accept(fileId);
            });
        } catch (StatementRejected e) {
            log.info("Statement file {} is rejected: {}", fileId, e.reason());
            transaction.executeWithoutResult(status -> {
                files.reject(
                        fileId,
                        Objects.requireNonNullElse(e.getMessage(), e.reason().name()));
                audit.record(
                        "bank-file.rejected",
                        "file",
                        fileId.toString(),
                        Map.of("reason", e.reason().name()));
            });
        }
    }

    /** Books lines that are in no entry yet, and looks for what could explain those in suspense. */
    void bookOpen() {
        for (var upTo = bookings.compare(); upTo.isPresent(); upTo = bookings.compare()) {
            while (bookings.bookSome(upTo.getAsLong()) > 0) {
                // Each round has a transaction of its own.
            }
        }
        matches.suggest();
    }

    /** Goes on with what was cut off. */
    void resumeInterrupted() {
        files.undecided(SOURCE, Duration.ofMinutes(1), RESUMED_AT_ONCE).forEach(file -> process(file.id(), null));
        bookOpen();
    }

    /** Newest first. */
    public List<BankStatement> list(@Nullable UUID bankAccountId, @Nullable UUID after, int limit) {
        return read(() -> rows.statements(bankAccountId, null, after, Math.clamp(limit, 1, PAGE)));
    }

    public List<BankStatement> ofFile(UUID fileId) {
        return read(() -> rows.statements(null, fileId, null, BankImport.MAX_SHOWN));
    }

    public BankStatement get(UUID id) {
        return read(() -> rows.statement(id));
    }

    /** In the order of the file. */
    public List<BankLine> lines(UUID statementId, int after, int limit) {
        return read(() -> {
            rows.statement(statementId);
            return rows.linesOf(statementId, after, Math.clamp(limit, 1, PAGE));
        });
    }

    public BankLine line(UUID id) {
        return read(() -> rows.line(id));
    }

    /** Lines in bank suspense for which nothing is suggested, newest first. */
    public List<BankLine> unexplained(@Nullable UUID after, int limit) {
        return read(() -> rows.inSuspense(true, after, Math.clamp(limit, 1, PAGE)));
    }

    /** How many lines stand in bank suspense, whether something is suggested for them or not. */
    public int inSuspense() {
        return read(rows::countInSuspense);
    }

    /** Files that were rejected or put aside lately. */
    public List<IntakeFile> recentFiles() {
        return read(() -> files.recent(PAGE).stream()
                .filter(file -> file.source().startsWith(SOURCE))
                .limit(20)
                .toList());
    }

    private IntakeFile required(UUID fileId) {
        return read(() -> files.find(fileId).orElseThrow());
    }

    private <T> T read(java.util.function.Supplier<T> query) {
        return Objects.requireNonNull(transaction.execute(status -> query.get()));
    }

    private static void requireNoTransaction() {
        Assert.state(
                !TransactionSynchronizationManager.isActualTransactionActive(),
                "a file is stored whether or not it can be taken over");
    }
}
