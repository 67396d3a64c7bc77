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
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/** Records and posts the remittances of a file that was read to its end before: one transaction for each of them. */
@Component
class RemittanceRecording {

    /** Claims written together. */
    private static final int BATCH = 500;

    static final String SAME_PAYMENT = "SAME_PAYMENT_OTHER_CONTENT";

    /** Named in a finding; more of them say no more. */
    private static final int UNKNOWN_CODES = 20;

    private final PayeeIdentifiers payees;
    private final RemittanceRows rows;
    private final ClaimResolution resolution;
    private final AdjustmentRules rules;
    private final EarlierAnswers earlier;
    private final RemittancePosting posting;
    private final TakebackPosting takebacks;
    private final FurtherPayers furtherPayers;
    private final HeldRemittances heldRemittances;
    private final ReviewRequests reviews;
    private final Settlements settlements;
    private final Payers payers;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;
    private final ApplicationEventPublisher events;
    private final PlatformTransactionManager transactions;
    private final Clock clock;

    RemittanceRecording(
            PayeeIdentifiers payees,
            RemittanceRows rows,
            ClaimResolution resolution,
            AdjustmentRules rules,
            EarlierAnswers earlier,
            RemittancePosting posting,
            TakebackPosting takebacks,
            FurtherPayers furtherPayers,
            HeldRemittances heldRemittances,
            ReviewRequests reviews,
            Settlements settlements,
            Payers payers,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions,
            Clock clock) {
        this.payees = payees;
        this.rows = rows;
        this.resolution = resolution;
        this.rules = rules;
        this.earlier = earlier;
        this.posting = posting;
        this.takebacks = takebacks;
        this.furtherPayers = furtherPayers;
        this.heldRemittances = heldRemittances;
        this.reviews = reviews;
        this.settlements = settlements;
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
    void record(UUID fileId, StreamSource bytes, Remittances.Reading reading, List<String> contentHashes) {
        record(fileId, bytes, reading, contentHashes, null);
    }

    /**
     * Posts a remittance that waits for its review: it is read again, and its claims are looked up as they are now. What
     * cannot be posted any more is held instead; one that does not wait is left alone. In the caller's transaction, if
     * there is one.
     */
    void recordReviewed(InReview remittance, StreamSource bytes, Remittances.Reading reading) {
        record(remittance.fileId(), bytes, reading, List.of(), remittance);
    }

    private void record(
            UUID fileId,
            StreamSource bytes,
            Remittances.Reading reading,
            List<String> contentHashes,
            @Nullable InReview reviewed) {
        Map<Integer, String> refused = new HashMap<>();
        int before;
        do {
            before = refused.size();
            var run = new Run(fileId, contentHashes, reviewed, refused);
            try (var stream = bytes.open()) {
                reading.read(stream, run);
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
        private final @Nullable InReview reviewed;
        private final Map<Integer, String> refused;
        private final List<EraClaim> batch = new ArrayList<>();
        private final List<Finding> findings = new ArrayList<>();
        private final Set<String> unknownCodes = new TreeSet<>();
        private @Nullable TransactionStatus transaction;
        private @Nullable Recorded current;
        private int providerAdjustments;
        private @Nullable UUID conflict;
        private boolean noBalanceBilling;
        private Set<String> accepted = Set.of();
        private int billedDespiteContract;

        private Run(
                UUID fileId, List<String> contentHashes, @Nullable InReview reviewed, Map<Integer, String> refused) {
            this.fileId = fileId;
            this.contentHashes = contentHashes;
            this.reviewed = reviewed;
            this.refused = refused;
        }

        @Override
        public void transactionStarted(EraTransaction header) {
            batch.clear();
            findings.clear();
            providerAdjustments = 0;
            conflict = null;
            unknownCodes.clear();
            noBalanceBilling = false;
            billedDespiteContract = 0;
            if (reviewed != null && reviewed.transactionIndex() != header.index()) {
                current = null;
                return;
            }
            // Of its own, or a part of the caller's that can be taken back alone.
            transaction = transactions.getTransaction(
                    new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_NESTED));
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
            noteUnknownCodes(claim);
            if (noBalanceBilling && rules.billsPatientForNotCovered(claim)) {
                billedDespiteContract++;
            }
            batch.add(claim);
            if (batch.size() == BATCH) {
                flush(current);
            }
        }

        @Override
        public void providerAdjustment(ProviderAdjustment adjustment) {
            if (current != null) {
                noteUnknown(AdjustmentCodes.PROVIDER_ADJUSTMENTS, adjustment.code());
                if (!batch.isEmpty()) {
                    // Its reference may name one of them.
                    flush(current);
                }
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
            if (reviewed != null) {
                return beginAgain(header, reviewed);
            }
            if (rows.recorded(fileId, header.index()).isPresent()) {
                return null;
            }
            if (payees.isSomebodyElse(header.payee())) {
                payees.misrouted(fileId, header);
                commit();
                return null;
            }
            String hash = contentHashes.get(header.index() - 1);
            rows.lock("content", hash);
            if (rows.recorded(fileId, header.index()).isPresent()) {
                return null;
            }
            var recorded = new Recorded(Ids.next(), header, hash);
            Optional<UUID> sameContent = rows.withContent(hash);
            Optional<Payer> known = payer(header);
            askContract(known);
            UUID payer = known.map(Payer::id).orElse(null);
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
            if (conflict != null) {
                rows.conflict(recorded.id(), conflict);
            }
            return recorded;
        }

        private @Nullable Recorded beginAgain(EraTransaction header, InReview waiting) {
            rows.lock("content", waiting.contentHash());
            Optional<Payer> known = payer(header);
            askContract(known);
            UUID payer = known.map(Payer::id).orElse(null);
            if (!rows.endReview(waiting.id(), payer)) {
                return null;
            }
            addFindings(header, payer);
            if (conflict != null) {
                rows.conflict(waiting.id(), conflict);
            }
            return new Recorded(waiting.id(), header, waiting.contentHash());
        }

        private void askContract(Optional<Payer> known) {
            noBalanceBilling = known.filter(each -> !payers.terms(each.id()).patientBillingAllowed())
                    .isPresent();
            accepted = payers.acceptedAdjustments(known.map(Payer::id).orElse(null));
        }

        private void addFindings(EraTransaction header, @Nullable UUID payer) {
            if (header.paidMinor() != 0) {
                rows.lock("payment", header.paymentKey());
                rows.postedPayment(header.paymentKey()).ifPresent(other -> {
                    if (reviewed != null && other.equals(reviewed.distinctFrom())) {
                        rows.anotherPayment(reviewed.id());
                        findings.add(
                                Finding.warning(
                                        "ANOTHER_PAYMENT",
                                        "It has the numbers of a posted payment: by the decision of a person it is another one."));
                        return;
                    }
                    conflict = other;
                    findings.add(Finding.holding(
                            SAME_PAYMENT,
                            "The same payer already reported a payment with this trace number, amount and date, "
                                    + "but with other content. Compare the two before anything is posted."));
                });
            }
            if (rows.controlKeyUsed(header.controlKey(), reviewed == null ? null : reviewed.id())) {
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
            if (!unknownCodes.isEmpty()) {
                findings.add(Finding.warning(
                        "CODE_LIST_STALE",
                        "Codes that our lists do not have: %s. They are posted by their group; the lists may be out of date."
                                .formatted(String.join(", ", unknownCodes))));
            }
            if (billedDespiteContract > 0) {
                findings.add(Finding.warning(
                        "BALANCE_BILLING",
                        "Claims whose patients shall pay what is not covered, although the contract with this payer does not "
                                + "allow to bill them: %,d. No invoice takes it; write it off, or correct the payer's terms."
                                        .formatted(billedDespiteContract)));
            }
            boolean held = !totals.balance().isBalanced() || findings.stream().anyMatch(Finding::holds);
            boolean conflictAlone = held && conflict != null && reviewed == null && conflictAlone(totals);
            List<String> toReview = held && !conflictAlone || reviewed != null
                    ? List.of()
                    : reviews.reasons(remittance.id(), fileId, remittance.header());
            if (held && !conflictAlone) {
                rows.nothingPosted(remittance.id(), "the whole remittance is held");
            } else if (conflictAlone || !toReview.isEmpty()) {
                rows.nothingPosted(remittance.id(), "the whole remittance waits for its review");
            } else {
                compareWithEarlier(remittance);
            }
            rows.insertFindings(remittance.id(), findings);
            Sums sums = rows.sums(remittance.id());
            rows.totals(remittance.id(), totals, sums, findings.size());
            if (held && !conflictAlone) {
                hold(remittance, totals);
            } else if (conflictAlone || !toReview.isEmpty()) {
                reviews.ask(remittance.id(), remittance.header(), fileId, toReview, conflict);
                audit.record(
                        "remittance.to-review", "remittance", remittance.id().toString(), facts(remittance));
            } else {
                post(remittance, totals, sums);
            }
        }

        /** Whether a person who says what the remittance is would be enough to post it. */
        private boolean conflictAlone(EraTotals totals) {
            return totals.balance().isBalanced()
                    && findings.stream()
                            .filter(Finding::holds)
                            .allMatch(finding -> finding.rule().equals(SAME_PAYMENT));
        }

        private void noteUnknownCodes(EraClaim claim) {
            claim.allAdjustments().forEach(adjustment -> noteUnknown(AdjustmentCodes.REASONS, adjustment.reason()));
            claim.remarks().forEach(remark -> noteUnknown(AdjustmentCodes.REMARKS, remark));
            claim.lines()
                    .forEach(line -> line.remarks().forEach(remark -> noteUnknown(AdjustmentCodes.REMARKS, remark)));
        }

        /** Posting goes by group, so an unknown code stops nothing; somebody should update the list. */
        private void noteUnknown(AdjustmentCodes list, String code) {
            if (unknownCodes.size() < UNKNOWN_CODES && !list.knows(code)) {
                unknownCodes.add(code);
            }
        }

        private void compareWithEarlier(Recorded remittance) {
            posting.lockAccounts(remittance.id());
            findings.addAll(earlier.compare(PostedPart.all(remittance.id())));
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
            heldRemittances.held(remittance.id(), remittance.header());
            events.publishEvent(new RemittanceHeld(remittance.id()));
        }

        private void post(Recorded remittance, EraTotals totals, Sums sums) {
            EraTransaction header = remittance.header();
            if (totals.providerAdjustments() > 0) {
                takebacks.lock(header);
            }
            settlements.remittanceSeen(
                    remittance.id(), header, payer(header).map(Payer::id).orElse(null));
            UUID entry = posting.post(remittance.id(), header, remittance.contentHash(), sums);
            if (totals.providerAdjustments() > 0) {
                takebacks.settle(remittance.id(), header);
            }
            rows.posted(remittance.id(), entry, clock.instant());
            furtherPayers.tell(PostedPart.all(remittance.id()));
            rows.lookAgain(PostedPart.all(remittance.id()));
            heldRemittances.posted(header);
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
            rows.insertClaims(
                    remittance.id(),
                    resolution.resolve(batch, remittance.header().currency(), accepted));
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

    /**
     * A remittance that waits for its review.
     *
     * @param distinctFrom the posted remittance of the same payment, if a person decided that this is another one
     */
    record InReview(
            UUID id,
            UUID fileId,
            int transactionIndex,
            String contentHash,
            @Nullable UUID distinctFrom) {

        /** As if a person had decided that it is another payment than that one. */
        InReview distinctFrom(@Nullable UUID posted) {
            return new InReview(id, fileId, transactionIndex, contentHash, posted);
        }
    }

    private record Recorded(UUID id, EraTransaction header, String contentHash) {}
}
