package io.remitflow.remittance;

import io.remitflow.claims.Claims;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.remittance.HeldClaimPosting.Assignment;
import io.remitflow.workflow.Timeline;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Answers of posted remittances whose money waits in suspense, and their ways out of it: a person says which claim is
 * meant, a person tries again after the cause is gone, or what was missing arrives and they are posted by themselves.
 *
 * <p>Each is read again from the kept file and passes the rules of every posting. Its money leaves suspense once.
 */
@Service
public class HeldClaims {

    private static final Logger log = LoggerFactory.getLogger(HeldClaims.class);

    private static final int ATTEMPTS = 5;
    private static final int LOOKED_AT_ONCE = 200;

    /** What one more answer makes fit may make the next one fit. */
    private static final int ROUNDS = 5;

    private static final int CANDIDATES = 20;
    private static final int MAX_REASON = 300;
    private static final int MAX_NOTE = 1_000;

    private final HeldClaimRows rows;
    private final HeldClaimPosting posting;
    private final Claims claims;
    private final RemittanceReader reader;
    private final RejectedFiles rejected;
    private final IntakeFiles files;
    private final JdbcClient jdbc;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;

    HeldClaims(
            HeldClaimRows rows,
            HeldClaimPosting posting,
            Claims claims,
            RemittanceReader reader,
            RejectedFiles rejected,
            IntakeFiles files,
            JdbcClient jdbc,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions) {
        this.rows = rows;
        this.posting = posting;
        this.claims = claims;
        this.reader = reader;
        this.rejected = rejected;
        this.files = files;
        this.jdbc = jdbc;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
    }

    /**
     * The oldest first.
     *
     * @param after id of the last one of the page before, null for the first page
     */
    public List<HeldClaim> list(HeldClaimFilter filter, @Nullable UUID after, int limit) {
        return inTransaction(() -> rows.list(filter, after, limit));
    }

    /** By reason, the most frequent first; reasons without any are missing. */
    public List<HeldClaim.Total> totals(HeldClaimFilter filter) {
        return inTransaction(() -> rows.totals(filter));
    }

    /** One that waits, or left suspense. */
    public HeldClaim get(UUID id) {
        return inTransaction(() -> rows.get(id));
    }

    /** How many answers of its remittance have its number, charge and day: those of its patient are assigned together. */
    public int together(UUID id) {
        return inTransaction(() -> rows.alike(rows.get(id)));
    }

    /** Claims of ours that may be meant; without a text those of the same day and charge. */
    public List<HeldClaim.Candidate> candidates(UUID id, String text) {
        return inTransaction(() -> rows.candidates(rows.get(id), text.strip(), CANDIDATES));
    }

    /**
     * The answer belongs to that claim: it is posted to it as it would have been, with what its remittance says of the same
     * patient, charge and day under the same number; some payers repeat a number over several patients. Of earlier answers that do not fit it stays held, assigned to that claim.
     *
     * @param despite even if it names another patient or charge
     * @return it as it is then
     * @throws RuleViolation {@link Refusal#HELD_CLAIM_NOT_POSTABLE} if it may not be posted to that claim
     */
    public HeldClaim assign(UUID id, String controlNumber, String reason, boolean despite) {
        String why = text(reason, MAX_REASON, "say in 1 to 300 characters why it is that claim");
        UUID claimId = claims.byControlNumber(controlNumber)
                .orElseThrow(() -> RuleViolation.notFound("A claim with this control number"))
                .id();
        HeldClaim claim = waiting(id);
        List<EraClaim> answers = read(List.of(claim)).getOrDefault(claim, List.of());
        post(claim, ofSamePatient(claim, answers), new Assignment(claimId, why, despite));
        return get(id);
    }

    /** Looks whether the answer can be posted by now; if not, the answer says why. */
    public HeldClaim tryAgain(UUID id) {
        HeldClaim claim = waiting(id);
        for (List<EraClaim> answers : byAssignment(claim, read(List.of(claim)).getOrDefault(claim, List.of()))) {
            post(claim, answers, null);
        }
        return get(id);
    }

    /** Why it stays where it is; no money moves. */
    public void note(UUID id, String words) {
        String note = text(words, MAX_NOTE, "write 1 to 1,000 characters");
        inTransaction(() -> {
            HeldClaim claim = rows.get(id);
            rows.note(id, note);
            timeline.add(
                    RemittanceReviews.SUBJECT,
                    claim.remittanceId(),
                    CurrentUser.find().orElse(null),
                    "Note about a held claim",
                    "Claim number %,d of it: %s".formatted(claim.position(), note));
            audit.record(
                    "remittance.held-claim-noted",
                    RemittanceReviews.SUBJECT,
                    claim.remittanceId().toString(),
                    Map.of("heldClaim", id.toString(), "note", note));
            return true;
        });
    }

    /** Posts what waited for a claim or another answer that is there now. Repeating it changes nothing. */
    public void lookAgain() {
        for (int round = 0; round < ROUNDS; round++) {
            Map<UUID, List<HeldClaim>> byRemittance = new LinkedHashMap<>();
            for (HeldClaim claim : inTransaction(() -> rows.toLookAt(LOOKED_AT_ONCE))) {
                byRemittance
                        .computeIfAbsent(claim.remittanceId(), remittance -> new ArrayList<>())
                        .add(claim);
            }
            int posted = 0;
            for (List<HeldClaim> ofOne : byRemittance.values()) {
                posted += lookAgain(ofOne);
            }
            if (posted == 0) {
                return;
            }
        }
    }

    /** All are of one remittance, whose file is read once. */
    private int lookAgain(List<HeldClaim> ofOne) {
        Map<HeldClaim, List<EraClaim>> answers;
        try {
            answers = read(ofOne);
        } catch (RuntimeException e) {
            ofOne.forEach(claim -> keep(claim, inTransaction(() -> rows.together(claim)), e));
            return 0;
        }
        int posted = 0;
        for (var claim : answers.entrySet()) {
            for (List<EraClaim> together : byAssignment(claim.getKey(), claim.getValue())) {
                try {
                    posted += post(claim.getKey(), together, null);
                } catch (RuntimeException e) {
                    // The ones behind it do not wait for it.
                    keep(claim.getKey(), positions(together), e);
                }
            }
        }
        return posted;
    }

    /** The patient is compared here, in what was read of the file just now, as the books do not keep whom it names. */
    private static List<EraClaim> ofSamePatient(HeldClaim claim, List<EraClaim> answers) {
        EraClaim own = answers.stream()
                .filter(answer -> answer.index() == claim.position())
                .findFirst()
                .orElse(null);
        return own == null
                ? List.of()
                : answers.stream()
                        .filter(answer -> Objects.equals(answer.patient(), own.patient())
                                && Math.abs(answer.chargedMinor()) == Math.abs(own.chargedMinor())
                                && Objects.equals(answer.serviceFrom(), own.serviceFrom()))
                        .toList();
    }

    /** What persons assigned to one claim is decided together, and what nobody assigned. */
    private Collection<List<EraClaim>> byAssignment(HeldClaim claim, List<EraClaim> answers) {
        if (answers.isEmpty()) {
            return List.of();
        }
        Map<Integer, UUID> assigned = inTransaction(() -> rows.assigned(claim.remittanceId(), positions(answers)));
        return answers.stream()
                .collect(Collectors.groupingBy(
                        answer -> Optional.ofNullable(assigned.get(answer.index())),
                        LinkedHashMap::new,
                        Collectors.toList()))
                .values();
    }

    private static List<Integer> positions(List<EraClaim> answers) {
        return answers.stream().map(EraClaim::index).toList();
    }

    private void keep(HeldClaim claim, List<Integer> positions, RuntimeException cause) {
        if (cause instanceof ConcurrencyFailureException) {
            log.info("Held claim {} met another posting and is looked at later", claim.id());
            return;
        }
        String why = "operations find the reason in the log";
        if (cause instanceof RuleViolation violation) {
            log.info("Held claim {} stays held: {}", claim.id(), violation.code());
            why = Objects.requireNonNullElse(violation.getMessage(), why);
        } else {
            log.error("Held claim {} could not be looked at and stays held", claim.id(), cause);
        }
        String reason = "it could not be posted: " + why;
        inTransaction(() -> {
            rows.refused(claim.remittanceId(), positions, reason);
            return true;
        });
    }

    private HeldClaim waiting(UUID id) {
        HeldClaim claim = get(id);
        if (!claim.isWaiting()) {
            throw new RuleViolation(Refusal.HELD_CLAIM_NOT_POSTABLE, "it is not held any more");
        }
        return claim;
    }

    private int post(HeldClaim claim, List<EraClaim> answers, @Nullable Assignment assignment) {
        if (answers.isEmpty()) {
            return 0;
        }
        for (int attempt = 1; ; attempt++) {
            try {
                return posting.post(claim.remittanceId(), answers, assignment);
            } catch (ConcurrencyFailureException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /**
     * From the kept file, as what it says of the patient is stored nowhere else.
     *
     * @param ofOne of one remittance
     * @return what is decided together with each of them, in the order of the file
     */
    private Map<HeldClaim, List<EraClaim>> read(List<HeldClaim> ofOne) {
        Place place = inTransaction(() -> jdbc.sql("""
                        select file_id, transaction_index from billing_remittances where org_id = :org and id = :id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", ofOne.getFirst().remittanceId())
                .query(Place.class)
                .single());
        boolean repaired = inTransaction(() -> rejected.isConfirmed(place.fileId()));
        Map<Integer, HeldClaim> wanted = inTransaction(() -> {
            Map<Integer, HeldClaim> positions = new HashMap<>();
            ofOne.forEach(claim -> rows.together(claim).forEach(position -> positions.put(position, claim)));
            return positions;
        });
        var answers = new Answers(place.transactionIndex(), wanted);
        try (InputStream bytes = files.open(place.fileId())) {
            if (repaired) {
                reader.readRepaired(bytes, answers, new ArrayList<>());
            } else {
                reader.read(bytes, answers);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return answers.found;
    }

    private static String text(String text, int length, String otherwise) {
        String stripped = text.strip();
        if (stripped.isEmpty() || stripped.length() > length) {
            throw new RuleViolation(Refusal.INVALID_INPUT, otherwise);
        }
        return stripped;
    }

    private <T> T inTransaction(Supplier<T> work) {
        return Objects.requireNonNull(transactions.execute(status -> work.get()));
    }

    record Place(UUID fileId, int transactionIndex) {}

    private static final class Answers implements EraHandler {

        private final int transaction;
        private final Map<Integer, HeldClaim> wanted;
        private final Map<HeldClaim, List<EraClaim>> found = new LinkedHashMap<>();
        private boolean inside;

        private Answers(int transaction, Map<Integer, HeldClaim> wanted) {
            this.transaction = transaction;
            this.wanted = wanted;
        }

        @Override
        public void transactionStarted(EraTransaction header) {
            inside = header.index() == transaction;
        }

        @Override
        public void claim(EraClaim claim) {
            HeldClaim held = inside ? wanted.get(claim.index()) : null;
            if (held != null) {
                found.computeIfAbsent(held, first -> new ArrayList<>()).add(claim);
            }
        }

        @Override
        public void providerAdjustment(ProviderAdjustment adjustment) {}

        @Override
        public void transactionEnded(EraTotals totals) {}
    }
}
