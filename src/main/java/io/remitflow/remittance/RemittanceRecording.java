package io.remitflow.remittance;

import io.remitflow.claims.Payer;
import io.remitflow.claims.Payers;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.Organizations;
import io.remitflow.remittance.RemittanceRows.Finding;
import io.remitflow.remittance.RemittanceRows.Sums;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/** Records and posts the remittances of a file that was read to its end before: one transaction for each of them. */
@Component
class RemittanceRecording {

    /** Claims written together. */
    private static final int BATCH = 200;

    private final RemittanceReader reader;
    private final RemittanceRows rows;
    private final ClaimResolution resolution;
    private final EarlierAnswers earlier;
    private final RemittancePosting posting;
    private final Payers payers;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;
    private final ApplicationEventPublisher events;
    private final PlatformTransactionManager transactions;
    private final Clock clock;

    RemittanceRecording(
            RemittanceReader reader,
            RemittanceRows rows,
            ClaimResolution resolution,
            EarlierAnswers earlier,
            RemittancePosting posting,
            Payers payers,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions,
            Clock clock) {
        this.reader = reader;
        this.rows = rows;
        this.resolution = resolution;
        this.earlier = earlier;
        this.posting = posting;
        this.payers = payers;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
        this.events = events;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * Records what is not recorded yet. Must not be called within a transaction.
     *
     * @param contentHashes of the file's remittances, in its order
     */
    void record(UUID fileId, StreamSource bytes, List<String> contentHashes) {
        Map<Integer, String> refused = new HashMap<>();
        int before;
        do {
            before = refused.size();
            var run = new Run(fileId, contentHashes, refused);
            try (var stream = bytes.open()) {
                reader.read(stream, run);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            } finally {
                run.rollBack();
            }
            // What a rule refused to post is recorded by one more run, as held; all else is there and skipped.
        } while (refused.size() > before);
    }

    interface StreamSource {
        java.io.InputStream open();
    }

    /** One reading of the file. */
    private final class Run implements EraHandler {

        private final UUID fileId;
        private final List<String> contentHashes;
        private final Map<Integer, String> refused;
        private final List<ResolvedClaim> batch = new ArrayList<>();
        private final List<Finding> findings = new ArrayList<>();
        private @Nullable TransactionStatus transaction;
        private @Nullable Recorded current;
        private int providerAdjustments;

        private Run(UUID fileId, List<String> contentHashes, Map<Integer, String> refused) {
            this.fileId = fileId;
            this.contentHashes = contentHashes;
            this.refused = refused;
        }

        @Override
        public void transactionStarted(EraTransaction header) {
            batch.clear();
            findings.clear();
            providerAdjustments = 0;
            transaction = transactions.getTransaction(new DefaultTransactionDefinition());
            current = begin(header);
            if (current == null) {
                rollBack();
            }
        }

        @Override
        public void claim(EraClaim claim) {
            if (current == null) {
                return;
            }
            batch.add(resolution.resolve(claim, current.header().currency()));
            if (batch.size() == BATCH) {
                flush(current);
            }
        }

        @Override
        public void providerAdjustment(ProviderAdjustment adjustment) {
            if (current != null) {
                rows.insertProviderAdjustment(current.id(), ++providerAdjustments, adjustment);
            }
        }

        @Override
        public void transactionEnded(EraTotals totals) {
            if (current == null) {
                return;
            }
            try {
                finish(current, totals);
                commit();
            } catch (RuleViolation e) {
                refused.put(current.header().index(), e.getMessage());
                rollBack();
            }
            current = null;
        }

        /** @return null if there is nothing more to do for this remittance */
        private @Nullable Recorded begin(EraTransaction header) {
            if (rows.recorded(fileId, header.index()).isPresent()) {
                return null;
            }
            String hash = contentHashes.get(header.index() - 1);
            rows.lock("content", hash);
            if (rows.recorded(fileId, header.index()).isPresent()) {
                return null;
            }
            var recorded = new Recorded(Ids.next(), header, hash);
            Optional<UUID> sameContent = rows.withContent(hash);
            UUID payer = payer(header).map(Payer::id).orElse(null);
            if (sameContent.isPresent()) {
                rows.insert(recorded.id(), fileId, header, hash, payer, sameContent.get(), clock.instant());
                audit.record(
                        "remittance.duplicate",
                        "remittance",
                        recorded.id().toString(),
                        Map.of("duplicateOf", sameContent.get().toString()));
                commit();
                return null;
            }
            addFindings(header, payer);
            rows.insert(recorded.id(), fileId, header, hash, payer, null, clock.instant());
            return recorded;
        }

        private void addFindings(EraTransaction header, @Nullable UUID payer) {
            if (header.paidMinor() != 0) {
                rows.lock("payment", header.paymentKey());
                rows.postedPayment(header.paymentKey())
                        .ifPresent(other -> findings.add(Finding.holding(
                                "SAME_PAYMENT_OTHER_CONTENT",
                                "The same payer already reported a payment with this trace number, amount and date, "
                                        + "but with other content. Compare the two before anything is posted.")));
            }
            if (rows.controlKeyUsed(header.controlKey())) {
                findings.add(Finding.warning(
                        "CONTROL_NUMBERS_REUSED",
                        "The sender used the same interchange, group and transaction numbers before."));
            }
            String currency = organizations.current().currency().getCode();
            if (!header.currency().equals(currency)) {
                findings.add(Finding.holding(
                        "OTHER_CURRENCY",
                        "It pays in %s, but the books are kept in %s".formatted(header.currency(), currency)));
            }
            if (payer == null) {
                findings.add(Finding.warning("PAYER_UNKNOWN", "The payer is not in the list of payers."));
            }
            if (header.envelope().test()) {
                findings.add(Finding.warning("MARKED_AS_TEST", "The sender marked the interchange as test."));
            }
            String reason = refused.get(header.index());
            if (reason != null) {
                findings.add(Finding.holding("REFUSED", "It could not be posted: " + reason));
            }
        }

        private void finish(Recorded remittance, EraTotals totals) {
            flush(remittance);
            totals.balance().imbalances().forEach(imbalance -> findings.add(Finding.of(imbalance, true)));
            totals.balance().warnings().forEach(imbalance -> findings.add(Finding.of(imbalance, false)));
            boolean held = !totals.balance().isBalanced() || findings.stream().anyMatch(Finding::holds);
            if (held) {
                rows.nothingPosted(remittance.id());
            } else {
                compareWithEarlier(remittance);
            }
            rows.insertFindings(remittance.id(), findings);
            Sums sums = rows.sums(remittance.id());
            rows.totals(remittance.id(), totals, sums, findings.size());
            if (held) {
                hold(remittance, totals);
            } else {
                post(remittance, sums);
            }
        }

        private void compareWithEarlier(Recorded remittance) {
            posting.lockAccounts(remittance.id());
            earlier.holdUnmatchedReversals(remittance.id());
            int paidTwice = earlier.markDoublePayments(remittance.id());
            if (paidTwice > 0) {
                findings.add(Finding.warning(
                        "POSSIBLE_DOUBLE_PAYMENT",
                        "Claims that another payment already paid with the same amounts: %,d. They are marked below."
                                .formatted(paidTwice)));
            }
        }

        private void hold(Recorded remittance, EraTotals totals) {
            long holding = findings.stream().filter(Finding::holds).count();
            timeline.add(
                    "remittance",
                    remittance.id(),
                    "Held",
                    "Held with %s: nothing of it is posted"
                            .formatted(holding == 1 ? "one reason" : holding + " reasons"));
            audit.record("remittance.held", "remittance", remittance.id().toString(), facts(remittance));
            events.publishEvent(new RemittanceHeld(remittance.id()));
        }

        private void post(Recorded remittance, Sums sums) {
            EraTransaction header = remittance.header();
            UUID entry = posting.post(remittance.id(), header, remittance.contentHash(), sums);
            rows.posted(remittance.id(), entry, clock.instant());
            timeline.add(
                    "remittance",
                    remittance.id(),
                    "Posted",
                    "Posted %s %s: %,d claims to their accounts, %,d into suspense, %,d denied"
                            .formatted(
                                    Amounts.format(header.paidMinor(), header.currency()),
                                    header.currency(),
                                    sums.posted(),
                                    sums.held(),
                                    sums.denied()));
            audit.record("remittance.posted", "remittance", remittance.id().toString(), facts(remittance));
            events.publishEvent(new RemittancePosted(remittance.id(), sums.posted(), sums.held(), sums.denied()));
        }

        private Map<String, ?> facts(Recorded remittance) {
            return Map.of(
                    "fileId", fileId.toString(),
                    "traceNumber", remittance.header().traceNumber(),
                    "paidMinor", remittance.header().paidMinor());
        }

        private void flush(Recorded remittance) {
            rows.insertClaims(remittance.id(), batch);
            batch.clear();
        }

        private void commit() {
            TransactionStatus open = transaction;
            transaction = null;
            if (open != null) {
                transactions.commit(open);
            }
        }

        private void rollBack() {
            TransactionStatus open = transaction;
            transaction = null;
            if (open != null && !open.isCompleted()) {
                transactions.rollback(open);
            }
        }
    }

    /** TRN03 is the payer's tax id after a 1; some payers are known by the id of their N1 only. */
    private Optional<Payer> payer(EraTransaction header) {
        String trn03 = header.payerIdentifier();
        return Stream.of(
                        trn03,
                        trn03.startsWith("1") ? trn03.substring(1) : "",
                        header.payer().identifier(),
                        header.payer().secondaryIdentifier() == null
                                ? ""
                                : header.payer().secondaryIdentifier())
                .filter(identifier -> !identifier.isBlank())
                .flatMap(identifier -> payers.byRemitIdentifier(identifier).stream())
                .findFirst();
    }

    private record Recorded(UUID id, EraTransaction header, String contentHash) {}
}
