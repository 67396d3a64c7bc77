package io.remitflow.remittance;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.intake.IntakeFile;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.intake.Received;
import io.remitflow.remittance.RejectedFiles.Proposal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.Assert;

/**
 * Remittance files of payers, from their arrival to the books.
 *
 * <p>A file is read twice: first to its end, which rejects a broken one before anything of it is recorded, then remittance
 * by remittance, each in one transaction. A run that was interrupted is repeated and skips what is recorded.
 */
@Service
public class Remittances {

    private static final Logger log = LoggerFactory.getLogger(Remittances.class);

    /** Beyond this, other postings keep winning and something is wrong. */
    private static final int ATTEMPTS = 5;

    private static final int RESUMED_AT_ONCE = 20;

    /** Ends the source of a file whose remittances wait for a review, whatever the policy says. */
    public static final String LOOK_FIRST = "-look-first";

    private final IntakeFiles files;
    private final RemittanceReader reader;
    private final RemittanceRecording recording;
    private final RemittanceRows rows;
    private final RejectedFiles rejected;
    private final PayeeIdentifiers payees;
    private final AuditLog audit;
    private final TransactionTemplate transaction;

    Remittances(
            IntakeFiles files,
            RemittanceReader reader,
            RemittanceRecording recording,
            RemittanceRows rows,
            RejectedFiles rejected,
            PayeeIdentifiers payees,
            AuditLog audit,
            TransactionTemplate transaction) {
        this.files = files;
        this.reader = reader;
        this.recording = recording;
        this.rows = rows;
        this.rejected = rejected;
        this.payees = payees;
        this.audit = audit;
        this.transaction = transaction;
    }

    /**
     * Stores the file and posts what it says; a file already known changes nothing.
     *
     * @param source where it came from, such as {@code era-inbox}; must begin with {@code era-}; with
     *     {@link #LOOK_FIRST} at its end, its remittances wait for a review
     */
    public Receipt receive(String source, String originalName, InputStream bytes) {
        Assert.isTrue(source.startsWith("era-"), "sources of remittance files begin with era-");
        Received received = files.receive(source, originalName, bytes);
        Receipt receipt = process(received.file().id());
        if (!received.repeated()) {
            return receipt;
        }
        transaction.executeWithoutResult(status ->
                audit.record("file.repeated", "file", received.file().id().toString(), Map.of("source", source)));
        return new Receipt(receipt.file(), true, receipt.remittances());
    }

    /** Posts a stored file; goes on where an interrupted run stopped. */
    public Receipt process(UUID fileId) {
        Assert.state(
                !TransactionSynchronizationManager.isActualTransactionActive(),
                "each remittance of a file has a transaction of its own");
        if (required(fileId).state() == IntakeFile.State.RECEIVED && files.begin(fileId)) {
            try {
                readAndRecord(fileId);
            } catch (TransientDataAccessException
                    | DataAccessResourceFailureException
                    | CannotCreateTransactionException e) {
                files.attemptDoesNotCount(fileId);
                throw e;
            }
        }
        return new Receipt(required(fileId), false, parts(fileId));
    }

    private void readAndRecord(UUID fileId) {
        Reading reading = reading(fileId);
        inspect(fileId, reading).ifPresent(contentHashes -> {
            record(fileId, reading, contentHashes);
            decide(fileId);
        });
    }

    /** How a file is read: as it came, or with its envelope put right because a person said so. */
    interface Reading {
        void read(InputStream bytes, EraHandler handler);
    }

    /**
     * Posts a rejected file with its envelope put right, because the person signed in decided so.
     *
     * @throws RuleViolation if it cannot be let in; then nothing has changed
     */
    public Receipt letIn(UUID fileId, String comment) {
        transaction.executeWithoutResult(status -> rejected.confirm(fileId, comment));
        return process(fileId);
    }

    /** Looks once more at a file with remittances that seemed to pay somebody else, after payee identifiers changed. */
    public Receipt checkPayeesAgain(UUID fileId) {
        transaction.executeWithoutResult(status -> {
            files.lock(fileId);
            if (!payees.isMisrouted(fileId)) {
                throw RuleViolation.notFound("This misrouted remittance");
            }
            payees.forget(fileId);
            files.reopen(fileId);
            audit.record("remittance-file.checked-again", "file", fileId.toString(), Map.of());
        });
        return process(fileId);
    }

    /**
     * Posts a remittance that waits for its review, or holds it if that is no longer possible; in the caller's transaction,
     * if there is one.
     */
    void postReviewed(RemittanceRecording.InReview remittance) {
        UUID file = remittance.fileId();
        recording.recordReviewed(remittance, () -> files.open(file), reading(file));
    }

    /** Files whose processing was interrupted, for example because the application was killed. */
    public void resumeInterrupted() {
        for (IntakeFile file : files.undecided("era-", Duration.ofMinutes(1), RESUMED_AT_ONCE)) {
            log.info("Going on with remittance file {}", file.id());
            try {
                process(file.id());
            } catch (RuntimeException e) {
                // The next one may be fine.
                log.warn("Remittance file {} was cut off again", file.id(), e);
            }
        }
    }

    private Reading reading(UUID fileId) {
        boolean repaired = Objects.requireNonNull(transaction.execute(status -> rejected.isConfirmed(fileId)));
        return repaired ? (bytes, handler) -> reader.readRepaired(bytes, handler, new ArrayList<>()) : reader::read;
    }

    /** The hashes of the contents of the file's remittances, in its order; empty if the file was rejected. */
    private Optional<List<String>> inspect(UUID fileId, Reading reading) {
        var inspection = new Inspection();
        try (InputStream bytes = files.open(fileId)) {
            reading.read(bytes, inspection);
            return Optional.of(inspection.contentHashes);
        } catch (EraRejected e) {
            proposal(fileId)
                    .ifPresent(
                            proposal -> transaction.executeWithoutResult(status -> rejected.propose(fileId, proposal)));
            files.reject(fileId, Objects.requireNonNullElse(e.getMessage(), "The file cannot be read"));
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a person could let in of a rejected file; empty if its envelope is not what is wrong. */
    private Optional<Proposal> proposal(UUID fileId) {
        var inspection = new Inspection();
        List<String> repairs = new ArrayList<>();
        @Nullable String obstacle;
        try (InputStream bytes = files.open(fileId)) {
            reader.readRepaired(bytes, inspection, repairs);
            obstacle = inspection.imbalance;
        } catch (EraRejected e) {
            obstacle = "with that put right, something else is wrong: " + e.getMessage();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return repairs.isEmpty()
                ? Optional.empty()
                : Optional.of(new Proposal(
                        List.copyOf(repairs),
                        obstacle,
                        inspection.contentHashes.size(),
                        inspection.claims,
                        inspection.paidMinor));
    }

    private List<Receipt.Part> parts(UUID fileId) {
        return Objects.requireNonNull(transaction.execute(status -> rows.ofFile(fileId)));
    }

    private void record(UUID fileId, Reading reading, List<String> contentHashes) {
        for (int attempt = 1; ; attempt++) {
            try {
                recording.record(fileId, () -> files.open(fileId), reading, contentHashes);
                return;
            } catch (ConcurrencyFailureException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                log.info("Remittance file {} met another posting, attempt {}", fileId, attempt);
            }
        }
    }

    private void decide(UUID fileId) {
        transaction.executeWithoutResult(status -> {
            if (files.lock(fileId).state() != IntakeFile.State.RECEIVED) {
                return;
            }
            if (rows.ofFile(fileId).isEmpty()) {
                files.reject(fileId, "It pays somebody else: no payee in it has an identifier of this organization");
                return;
            }
            boolean nothingNew =
                    rows.ofFile(fileId).stream().allMatch(part -> part.state() == RemittanceState.DUPLICATE);
            if (nothingNew) {
                files.duplicate(fileId, "Everything in it was received before");
            } else {
                files.accept(fileId);
            }
        });
    }

    private IntakeFile required(UUID fileId) {
        return files.find(fileId).orElseThrow(() -> RuleViolation.notFound("file " + fileId));
    }

    /** Reads to the end, so that a broken file is known before anything of it is recorded. */
    private static final class Inspection implements EraHandler {

        private final List<String> contentHashes = new ArrayList<>();
        private long claims;
        private long paidMinor;
        private @Nullable String imbalance;

        @Override
        public void transactionStarted(EraTransaction transaction) {
            paidMinor = Math.addExact(paidMinor, transaction.paidMinor());
        }

        @Override
        public void claim(EraClaim claim) {
            claims++;
        }

        @Override
        public void providerAdjustment(ProviderAdjustment adjustment) {}

        @Override
        public void transactionEnded(EraTotals totals) {
            contentHashes.add(totals.contentHash());
            if (imbalance == null && !totals.balance().isBalanced()) {
                imbalance = "its money does not balance: "
                        + totals.balance().imbalances().getFirst().text();
            }
        }
    }
}
