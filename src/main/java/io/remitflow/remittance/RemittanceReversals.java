package io.remitflow.remittance;

import io.remitflow.claims.ClaimAnswer;
import io.remitflow.claims.ClaimOutcome;
import io.remitflow.claims.Claims;
import io.remitflow.claims.Denials;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.ledger.Journal;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.workflow.Timeline;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Takes a posted remittance back as a whole, because it should not have been posted: its journal entry, the patient
 * accounts, the answers of its claims, its denials, takebacks, credit cases and its settlement, in one transaction.
 *
 * <p>Only what nothing later builds upon is taken back; what came later goes first. The same content that comes once more
 * stays a duplicate, until a person has its file read again: then it passes every check like a new one.
 */
@Service
public class RemittanceReversals {

    private static final int PAGE = 1_000;
    private static final int MAX_REASON = 300;
    private static final String SUBJECT = "remittance";

    private static final String CLAIMS = """
            select c.position, c.claim_id, c.account_id, b.payer_id, c.status_code, c.paid_amount as paid_minor,
                   c.contractual_amount as contractual_minor, c.patient_amount as patient_minor, c.release_entry_id
            from billing_remittance_claims c
            join billing_claims b on b.org_id = c.org_id and b.id = c.claim_id
            where c.org_id = :org and c.remittance_id = :remittance and c.treatment = 'posted'
            """;

    private final JdbcClient jdbc;
    private final RemittanceRows rows;
    private final RemittancePosting posting;
    private final TakebackPosting takebacks;
    private final Settlements settlements;
    private final Remittances remittances;
    private final IntakeFiles files;
    private final Journal journal;
    private final PatientAccounts accounts;
    private final Claims claims;
    private final Denials denials;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    RemittanceReversals(
            JdbcClient jdbc,
            RemittanceRows rows,
            RemittancePosting posting,
            TakebackPosting takebacks,
            Settlements settlements,
            Remittances remittances,
            IntakeFiles files,
            Journal journal,
            PatientAccounts accounts,
            Claims claims,
            Denials denials,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions,
            Clock clock) {
        this.jdbc = jdbc;
        this.rows = rows;
        this.posting = posting;
        this.takebacks = takebacks;
        this.settlements = settlements;
        this.remittances = remittances;
        this.files = files;
        this.journal = journal;
        this.accounts = accounts;
        this.claims = claims;
        this.denials = denials;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * That a remittance was taken back.
     *
     * @param entryId the reversal in the journal; null if the remittance had moved nothing
     * @param postedAgainAs what was read again of its file since; null if nothing was
     */
    public record Reversal(
            String reason,
            @Nullable UserId by,
            Instant at,
            @Nullable UUID entryId,
            @Nullable UUID postedAgainAs) {}

    public Optional<Reversal> of(UUID remittanceId) {
        return inTransaction(() -> jdbc.sql("""
                        select r.reversal_reason, r.reversed_by, r.reversed_at, r.reversal_entry_id,
                               (select a.id from billing_remittances a
                                where r.posted_again_at is not null and a.org_id = r.org_id and a.file_id = r.file_id
                                  and a.transaction_index = r.transaction_index and a.id > r.id
                                order by a.id limit 1) as again
                        from billing_remittances r
                        where r.org_id = :org and r.id = :id and r.state = 'reversed'
                        """)
                .param("org", organization())
                .param("id", remittanceId)
                .query((row, number) -> {
                    UUID by = row.getObject("reversed_by", UUID.class);
                    return new Reversal(
                            row.getString("reversal_reason"),
                            by == null ? null : new UserId(by),
                            row.getTimestamp("reversed_at").toInstant(),
                            row.getObject("reversal_entry_id", UUID.class),
                            row.getObject("again", UUID.class));
                })
                .optional());
    }

    /** Why a posted remittance cannot be taken back now, for a person; empty if it can. */
    public Optional<String> obstacle(UUID remittanceId) {
        return inTransaction(() -> laterThan(remittanceId));
    }

    /**
     * @param reason kept with the remittance and its entry
     * @throws RuleViolation {@link Refusal#REMITTANCE_NOT_REVERSIBLE} if it is not posted, or something later builds upon it
     */
    public void reverse(UUID remittanceId, String reason) {
        String why = requireReason(reason);
        inTransaction(() -> {
            Posted remittance = lock(remittanceId);
            if (!remittance.state().equals(RemittanceState.POSTED.column())) {
                throw new RuleViolation(
                        Refusal.REMITTANCE_NOT_REVERSIBLE, "only a posted remittance can be taken back");
            }
            posting.lockAccounts(remittanceId);
            rows.lock("takebacks", TraceKey.payer(remittance.payerIdentifier()));
            laterThan(remittanceId).ifPresent(obstacle -> {
                throw new RuleViolation(Refusal.REMITTANCE_NOT_REVERSIBLE, obstacle);
            });
            reverse(remittanceId, remittance, why);
            return true;
        });
    }

    /**
     * Has the file of a reversed remittance read again: it is posted, held or waits for a review like a new one.
     *
     * @return the new remittance
     * @throws RuleViolation {@link Refusal#REMITTANCE_NOT_REVERSIBLE} if it is not reversed, or was posted again before
     */
    public UUID postAgain(UUID remittanceId, String reason) {
        String why = requireReason(reason);
        Posted remittance = inTransaction(() -> {
            Posted locked = lock(remittanceId);
            files.lock(locked.fileId());
            int changed = jdbc.sql("""
                            update billing_remittances set posted_again_at = :now
                            where org_id = :org and id = :id and state = 'reversed' and posted_again_at is null
                            """)
                    .param("now", Timestamp.from(clock.instant()))
                    .param("org", organization())
                    .param("id", remittanceId)
                    .update();
            if (changed == 0) {
                throw new RuleViolation(
                        Refusal.REMITTANCE_NOT_REVERSIBLE,
                        "only a remittance that was taken back can be posted again, and once");
            }
            files.reopen(locked.fileId());
            timeline.add(SUBJECT, remittanceId, by(), "Read again", why);
            audit.record("remittance.read-again", SUBJECT, remittanceId.toString(), Map.of("reason", why));
            return locked;
        });
        remittances.process(remittance.fileId());
        return of(remittanceId)
                .map(Reversal::postedAgainAs)
                .orElseThrow(() -> new IllegalStateException("remittance " + remittanceId + " was not read again"));
    }

    private void reverse(UUID id, Posted remittance, String why) {
        LocalDate today = organizations.today();
        UUID entry = remittance.entryId();
        List<UUID> releases = releaseEntries(id);
        LocalDate date = Stream.concat(Stream.ofNullable(entry), releases.stream())
                .map(each -> journal.find(each).orElseThrow().date())
                .reduce(today, (one, other) -> other.isAfter(one) ? other : one);
        mark(id, why);
        settlements.remittanceTakenBack(id, why);
        // What left suspense since goes back there, before the whole remittance leaves it.
        Map<UUID, UUID> reversed = new HashMap<>();
        for (UUID each : releases) {
            reversed.put(
                    each,
                    journal.reverse(each, date, why, "remittance-release-back:" + each)
                            .id());
        }
        UUID reversal = entry == null
                ? null
                : journal.reverse(entry, date, why, "remittance-back:" + id).id();
        var back = new Back(id, date, remittance.currency(), reversal, reversed);
        takeBackReleased(back);
        takeBackClaims(back);
        takebacks.takeBack(id, date, why);
        posting.settleCredits(PostedPart.all(id), remittance.currency());
        rows.lookAgain(PostedPart.all(id));
        List<UUID> answered = claimsOf(id);
        for (int from = 0; from < answered.size(); from += PAGE) {
            denials.takenBack(id, answered.subList(from, Math.min(from + PAGE, answered.size())));
        }
        rows.nothingPosted(id, "the whole remittance was taken back");
        jdbc.sql("update billing_remittances set reversal_entry_id = :entry where org_id = :org and id = :id")
                .param("entry", reversal, Types.OTHER)
                .param("org", organization())
                .param("id", id)
                .update();
        timeline.add(SUBJECT, id, by(), "Taken back", why);
        audit.record(
                "remittance.reversed",
                SUBJECT,
                id.toString(),
                Map.of(
                        "reason",
                        why,
                        "traceNumber",
                        remittance.traceNumber(),
                        "paidMinor",
                        remittance.paidMinor(),
                        "entry",
                        String.valueOf(reversal)));
    }

    /** Those that were posted after the remittance go first, the last one before the others. */
    private void takeBackReleased(Back back) {
        takeBack(
                jdbc.sql(CLAIMS + "and c.released_at is not null order by c.released_at desc, c.position desc")
                        .param("org", organization())
                        .param("remittance", back.remittanceId())
                        .query(PostedClaim.class)
                        .list(),
                back);
    }

    /** From the last claim to the first, so that each answer is taken from what was there when it came. */
    private void takeBackClaims(Back back) {
        for (int before = Integer.MAX_VALUE, count = PAGE; count == PAGE; ) {
            List<PostedClaim> page = postedClaims(back.remittanceId(), before);
            takeBack(page, back);
            count = page.size();
            before = page.isEmpty() ? before : page.getLast().position();
        }
    }

    private void takeBack(List<PostedClaim> page, Back back) {
        List<AccountPosting> postings = new ArrayList<>();
        List<ClaimAnswer> answers = new ArrayList<>();
        for (PostedClaim claim : page) {
            var taken = new TakenBack(
                    claim, back.remittanceId(), back.date(), back.currency(), back.entryOf(claim.releaseEntryId()));
            taken.addTo(postings);
            answers.add(new ClaimAnswer(claim.claimId(), taken.outcome()));
        }
        accounts.record(postings);
        claims.applyRemittance(answers);
    }

    /** Entries that moved claims of it out of suspense later, the last one first. */
    private List<UUID> releaseEntries(UUID id) {
        return jdbc.sql("""
                        select release_entry_id from billing_remittance_claims
                        where org_id = :org and remittance_id = :id and release_entry_id is not null
                        group by release_entry_id order by max(released_at) desc, release_entry_id
                        """)
                .param("org", organization())
                .param("id", id)
                .query(UUID.class)
                .list();
    }

    /**
     * @param reversal of the entry of the remittance
     * @param releases the entries that moved its claims out of suspense later, each with its reversal
     */
    private record Back(
            UUID remittanceId,
            LocalDate date,
            String currency,
            @Nullable UUID reversal,
            Map<UUID, UUID> releases) {

        @Nullable UUID entryOf(@Nullable UUID release) {
            return release == null ? reversal : releases.get(release);
        }
    }

    private Posted lock(UUID id) {
        String hash = jdbc.sql("select content_hash from billing_remittances where org_id = :org and id = :id")
                .param("org", organization())
                .param("id", id)
                .query(String.class)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("This remittance"));
        rows.lock("content", hash);
        return jdbc.sql("""
                        select state, file_id, payer_identifier, trace_number, currency, paid_amount as paid_minor,
                               journal_entry_id as entry_id
                        from billing_remittances where org_id = :org and id = :id for no key update
                        """)
                .param("org", organization())
                .param("id", id)
                .query(Posted.class)
                .single();
    }

    private Optional<String> laterThan(UUID id) {
        return takebacks
                .laterThan(id)
                .map(trace ->
                        "payment %s has settled or changed what this one left open with the payer: take that one back first"
                                .formatted(trace))
                .or(() -> takebacks.resolvedByHand(id)
                        ? Optional.of("what it left open with the payer was booked by hand: take that back first")
                        : Optional.empty())
                .or(() -> jdbc.sql("""
                                select k.claim_control_number || '|' || r.trace_number
                                from billing_remittance_claims c
                                join billing_remittances o on o.org_id = c.org_id and o.id = c.remittance_id
                                join billing_remittance_claims k on k.org_id = c.org_id and k.claim_id = c.claim_id
                                    and k.remittance_id <> c.remittance_id and k.treatment = 'posted'
                                join billing_remittances r on r.org_id = k.org_id and r.id = k.remittance_id
                                    and r.state = 'posted'
                                where c.org_id = :org and c.remittance_id = :id and c.treatment = 'posted'
                                  and (coalesce(k.released_at, r.posted_at), r.id)
                                      > (coalesce(c.released_at, o.posted_at), o.id)
                                order by coalesce(k.released_at, r.posted_at) desc, r.id desc, k.position limit 1
                                """)
                        .param("org", organization())
                        .param("id", id)
                        .query((row, number) -> row.getString(1))
                        .optional()
                        .map(found -> found.split("\\|", 2))
                        .map(found -> "payment %s answered claim %s later: take that one back first"
                                .formatted(found[1], found[0])));
    }

    private void mark(UUID id, String why) {
        UserId person = by();
        jdbc.sql("""
                        update billing_remittances
                        set state = 'reversed', reversed_at = :now, reversed_by = :by, reversal_reason = :why
                        where org_id = :org and id = :id
                        """)
                .param("now", Timestamp.from(clock.instant()))
                .param("by", person == null ? null : person.value(), Types.OTHER)
                .param("why", why)
                .param("org", organization())
                .param("id", id)
                .update();
    }

    private List<PostedClaim> postedClaims(UUID id, int before) {
        return jdbc.sql(CLAIMS
                        + "and c.released_at is null and c.position < :before order by c.position desc limit :limit")
                .param("org", organization())
                .param("remittance", id)
                .param("before", before)
                .param("limit", PAGE)
                .query(PostedClaim.class)
                .list();
    }

    private List<UUID> claimsOf(UUID id) {
        return jdbc.sql("""
                        select distinct claim_id from billing_remittance_claims
                        where org_id = :org and remittance_id = :id and treatment = 'posted'
                        """)
                .param("org", organization())
                .param("id", id)
                .query(UUID.class)
                .list();
    }

    private static String requireReason(String reason) {
        String why = reason.strip();
        if (why.isEmpty() || why.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 300 characters why");
        }
        return why;
    }

    private static @Nullable UserId by() {
        return CurrentUser.find().orElse(null);
    }

    private <T> T inTransaction(java.util.function.Supplier<T> work) {
        return Objects.requireNonNull(transactions.execute(status -> work.get()));
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    record Posted(
            String state,
            UUID fileId,
            String payerIdentifier,
            String traceNumber,
            String currency,
            long paidMinor,
            @Nullable UUID entryId) {}

    record PostedClaim(
            int position,
            UUID claimId,
            UUID accountId,
            UUID payerId,
            String statusCode,
            long paidMinor,
            long contractualMinor,
            long patientMinor,
            @Nullable UUID releaseEntryId) {}

    /** The opposite of what was posted for one claim. */
    private record TakenBack(
            PostedClaim claim,
            UUID remittanceId,
            LocalDate date,
            String currency,
            @Nullable UUID entry) {

        void addTo(List<AccountPosting> postings) {
            add(postings, TransactionType.PAYMENT, Responsibility.INSURANCE, claim.paidMinor(), "payment");
            add(
                    postings,
                    TransactionType.ADJUSTMENT,
                    Responsibility.INSURANCE,
                    claim.contractualMinor(),
                    "contractual");
            add(postings, TransactionType.TRANSFER, Responsibility.INSURANCE, claim.patientMinor(), "patient-from");
            add(
                    postings,
                    TransactionType.TRANSFER,
                    Responsibility.PATIENT,
                    Math.negateExact(claim.patientMinor()),
                    "patient-to");
        }

        ClaimOutcome outcome() {
            return new ClaimOutcome(
                    claim.statusCode().equals("22") ? ClaimOutcome.Kind.PAID : ClaimOutcome.Kind.REVERSED,
                    date,
                    money(-claim.paidMinor()),
                    money(-claim.contractualMinor()),
                    money(-claim.patientMinor()),
                    null,
                    null,
                    key("outcome"));
        }

        private void add(
                List<AccountPosting> postings,
                TransactionType type,
                Responsibility responsibility,
                long minor,
                String part) {
            if (minor != 0) {
                postings.add(new AccountPosting(
                        claim.accountId(),
                        date,
                        type,
                        responsibility,
                        money(minor),
                        claim.claimId(),
                        null,
                        claim.payerId(),
                        entry,
                        "Remittance taken back",
                        key(part)));
            }
        }

        private Money money(long minor) {
            return Amounts.ofMinor(minor, currency);
        }

        private String key(String part) {
            return "remittance-back:" + remittanceId + ":" + claim.position() + ":" + part;
        }
    }
}
