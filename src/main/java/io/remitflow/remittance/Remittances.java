package io.remitflow.remittance;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.intake.IntakeFile;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.intake.Received;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.stereotype.Service;
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

    private final IntakeFiles files;
    private final RemittanceReader reader;
    private final RemittanceRecording recording;
    private final RemittanceRows rows;
    private final AuditLog audit;
    private final TransactionTemplate transaction;

    Remittances(
            IntakeFiles files,
            RemittanceReader reader,
            RemittanceRecording recording,
            RemittanceRows rows,
            AuditLog audit,
            TransactionTemplate transaction) {
        this.files = files;
        this.reader = reader;
        this.recording = recording;
        this.rows = rows;
        this.audit = audit;
        this.transaction = transaction;
    }

    /**
     * Stores the file and posts what it says; a file already known changes nothing.
     *
     * @param source where it came from, such as {@code era-inbox}; must begin with {@code era-}
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
        if (required(fileId).state() == IntakeFile.State.RECEIVED) {
            inspect(fileId).ifPresent(contentHashes -> {
                record(fileId, contentHashes);
                decide(fileId);
            });
        }
        return new Receipt(required(fileId), false, parts(fileId));
    }

    /** Files whose processing was interrupted, for example because the application was killed. */
    public void resumeInterrupted() {
        for (IntakeFile file : files.undecided("era-", Duration.ofMinutes(1), RESUMED_AT_ONCE)) {
            log.info("Going on with remittance file {}", file.id());
            process(file.id());
        }
    }

    /** The hashes of the contents of the file's remittances, in its order; empty if the file was rejected. */
    private Optional<List<String>> inspect(UUID fileId) {
        var inspection = new Inspection();
        try (InputStream bytes = files.open(fileId)) {
            reader.read(bytes, inspection);
            return Optional.of(inspection.contentHashes);
        } catch (EraRejected e) {
            files.reject(fileId, Objects.requireNonNullElse(e.getMessage(), "The file cannot be read"));
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Receipt.Part> parts(UUID fileId) {
        return Objects.requireNonNull(transaction.execute(status -> rows.ofFile(fileId)));
    }

    private void record(UUID fileId, List<String> contentHashes) {
        for (int attempt = 1; ; attempt++) {
            try {
                recording.record(fileId, () -> files.open(fileId), contentHashes);
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

        @Override
        public void transactionStarted(EraTransaction transaction) {}

        @Override
        public void claim(EraClaim claim) {}

        @Override
        public void providerAdjustment(ProviderAdjustment adjustment) {}

        @Override
        public void transactionEnded(EraTotals totals) {
            contentHashes.add(totals.contentHash());
        }
    }
}
