package io.remitflow.remittance;

import static io.remitflow.remittance.ArrayInsert.*;

import io.remitflow.core.CardNumbers;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Turns;
import io.remitflow.remittance.AdjustmentRules.AssessedAdjustment;
import io.remitflow.remittance.Receipt.Part;
import io.remitflow.remittance.RemittanceRecording.InReview;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Writes what a remittance says into its tables, many rows at a time. */
@Component
class RemittanceRows {

    private static final ArrayInsert CLAIMS = new ArrayInsert(
            "billing_remittance_claims",
            List.of(uuid("org_id"), uuid("remittance_id")),
            List.of(
                    uuid("id"),
                    integer("position"),
                    bigint("segment_number"),
                    bigint("file_offset"),
                    text("claim_control_number"),
                    text("payer_claim_number"),
                    text("status_code"),
                    text("filing_indicator"),
                    text("claim_key"),
                    date("service_from"),
                    date("service_to"),
                    bigint("charged_amount"),
                    bigint("paid_amount"),
                    bigint("contractual_amount"),
                    bigint("patient_amount"),
                    bigint("denied_amount"),
                    bigint("other_amount"),
                    text("treatment"),
                    text("reason"),
                    bool("denied"),
                    bool("forwarded"),
                    text("remarks"),
                    uuid("claim_id"),
                    uuid("account_id"),
                    integer("payer_sequence"),
                    bigint("stated_patient_amount"),
                    bigint("prior_payer_amount"),
                    text("forwarded_to")));

    private static final ArrayInsert LINES = new ArrayInsert(
            "billing_remittance_service_lines",
            List.of(uuid("org_id")),
            List.of(
                    uuid("remittance_claim_id"),
                    integer("position"),
                    bigint("segment_number"),
                    text("line_control_number"),
                    text("procedure_qualifier"),
                    text("procedure_code"),
                    text("modifiers"),
                    text("submitted_procedure"),
                    text("revenue_code"),
                    date("service_from"),
                    date("service_to"),
                    numeric("units_paid"),
                    bigint("charged_amount"),
                    bigint("paid_amount"),
                    bigint("allowed_amount"),
                    bool("denied"),
                    text("remarks"),
                    integer("claim_line_position"),
                    text("matched_by")));

    private static final ArrayInsert ADJUSTMENTS = new ArrayInsert(
            "billing_remittance_adjustments",
            List.of(uuid("org_id")),
            List.of(
                    uuid("remittance_claim_id"),
                    integer("position"),
                    integer("line_position"),
                    bigint("segment_number"),
                    text("group_code"),
                    text("reason_code"),
                    bigint("amount"),
                    numeric("quantity"),
                    text("treatment")));

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;

    RemittanceRows(JdbcClient jdbc, JdbcTemplate batches) {
        this.jdbc = jdbc;
        this.batches = batches;
    }

    /** A finding of ours beside those of the balancing. */
    record Finding(
            String rule,
            boolean holds,
            @Nullable Long segmentNumber,
            @Nullable Long expectedMinor,
            @Nullable Long foundMinor,
            String text) {

        static Finding holding(String rule, String text) {
            return new Finding(rule, true, null, null, null, text);
        }

        static Finding warning(String rule, String text) {
            return new Finding(rule, false, null, null, null, text);
        }

        static Finding of(Imbalance imbalance, boolean holds) {
            return new Finding(
                    imbalance.rule().name(),
                    holds,
                    imbalance.position().segmentNumber(),
                    imbalance.expectedMinor(),
                    imbalance.foundMinor(),
                    imbalance.text());
        }
    }

    /** What all claims of one remittance add up to, by what was done with them. */
    record Sums(
            int posted,
            int held,
            int denied,
            long creditedMinor,
            long debitedMinor,
            long writtenOffMinor,
            long writtenBackMinor,
            long movedToPatientsMinor,
            long movedFromPatientsMinor,
            long suspenseMinor,
            int suspenseClaims,
            long deniedMinor) {

        long contractualMinor() {
            return Math.addExact(writtenOffMinor, writtenBackMinor);
        }

        long patientMinor() {
            return Math.addExact(movedToPatientsMinor, movedFromPatientsMinor);
        }
    }

    /** Waits until no other transaction works under the same key; released at the end of the transaction. */
    void lock(String kind, String key) {
        Turns.take(jdbc, "remittance|%s|%s".formatted(kind, key));
    }

    Optional<Part> recorded(UUID fileId, int transactionIndex) {
        return jdbc.sql("""
                        select id, transaction_index, state from billing_remittances
                        where org_id = :org and file_id = :file and transaction_index = :index and posted_again_at is null
                        """)
                .param("org", organization())
                .param("file", fileId)
                .param("index", transactionIndex)
                .query((row, number) -> new Part(
                        row.getObject(1, UUID.class), row.getInt(2), RemittanceState.ofColumn(row.getString(3))))
                .optional();
    }

    List<Part> ofFile(UUID fileId) {
        return jdbc.sql("""
                        select id, transaction_index, state from billing_remittances
                        where org_id = :org and file_id = :file and posted_again_at is null order by transaction_index
                        """)
                .param("org", organization())
                .param("file", fileId)
                .query((row, number) -> new Part(
                        row.getObject(1, UUID.class), row.getInt(2), RemittanceState.ofColumn(row.getString(3))))
                .list();
    }

    Optional<UUID> withContent(String contentHash) {
        return jdbc.sql("""
                        select id from billing_remittances
                        where org_id = :org and content_hash = :hash and state <> 'duplicate' and posted_again_at is null
                        """)
                .param("org", organization())
                .param("hash", contentHash)
                .query(UUID.class)
                .optional();
    }

    /** Keys of before {@link TraceKey#payer} begin as the payer wrote itself, with its 1 or without. */
    Optional<UUID> postedPayment(String paymentKey) {
        return jdbc.sql("""
                        select id from billing_remittances
                        where org_id = :org and payment_key in (:key, '1' || :key, substr(:key, 2))
                          and state = 'posted' and paid_amount <> 0
                        order by payment_number desc limit 1
                        """)
                .param("org", organization())
                .param("key", paymentKey)
                .query(UUID.class)
                .optional();
    }

    void conflict(UUID remittanceId, UUID with) {
        jdbc.sql("update billing_remittances set conflict_with = :with where org_id = :org and id = :id")
                .param("with", with)
                .param("org", organization())
                .param("id", remittanceId)
                .update();
    }

    /** A person decided that it is another payment than those before under its key. */
    void anotherPayment(UUID remittanceId) {
        jdbc.sql("""
                        update billing_remittances r set payment_number = 1 +
                            (select coalesce(max(p.payment_number), 0) from billing_remittances p
                             where p.org_id = r.org_id and p.payment_key = r.payment_key and p.id <> r.id)
                        where r.org_id = :org and r.id = :id
                        """).param("org", organization()).param("id", remittanceId).update();
    }

    /** @param except a remittance that is not asked about itself */
    boolean controlKeyUsed(String controlKey, @Nullable UUID except) {
        return jdbc.sql("""
                        select exists (select from billing_remittances
                                       where org_id = :org and control_key = :key and id is distinct from :except)
                        """)
                .param("org", organization())
                .param("key", controlKey)
                .param("except", except, Types.OTHER)
                .query(Boolean.class)
                .single();
    }

    void insert(
            UUID id,
            UUID fileId,
            EraTransaction header,
            String contentHash,
            @Nullable UUID payerId,
            @Nullable UUID duplicateOf,
            Instant receivedAt) {
        jdbc.sql("""
                        insert into billing_remittances (org_id, id, file_id, transaction_index, state, duplicate_of,
                            control_key, payment_key, content_hash, control_number, segment_number, file_offset,
                            payer_id, payer_name, payer_identifier, payee_name, payee_identifier, trace_number,
                            handling_code, payment_method, payment_date, production_date, currency, paid_amount, received_at)
                        values (:org, :id, :file, :index, :state, :duplicateOf,
                            :controlKey, :paymentKey, :contentHash, :controlNumber, :segment, :offset,
                            :payer, :payerName, :payerIdentifier, :payeeName, :payeeIdentifier, :trace,
                            :handling, :method, :paymentDate, :productionDate, :currency, :paid, :receivedAt)
                        """)
                .param("org", organization())
                .param("id", id)
                .param("file", fileId)
                .param("index", header.index())
                .param("state", duplicateOf == null ? "held" : "duplicate")
                .param("duplicateOf", duplicateOf, Types.OTHER)
                .param("controlKey", header.controlKey())
                .param("paymentKey", header.paymentKey())
                .param("contentHash", contentHash)
                .param("controlNumber", header.controlNumber())
                .param("segment", header.position().segmentNumber())
                .param("offset", header.position().offset())
                .param("payer", payerId, Types.OTHER)
                .param("payerName", header.payer().name())
                .param("payerIdentifier", header.payerIdentifier())
                .param("payeeName", header.payee().name())
                .param("payeeIdentifier", withoutCardNumber(header.payee().bestIdentifier()))
                .param("trace", header.traceNumber())
                .param("handling", header.handlingCode())
                .param("method", header.method())
                .param("paymentDate", header.paymentDate(), Types.DATE)
                .param("productionDate", header.productionDate(), Types.DATE)
                .param("currency", header.currency())
                .param("paid", header.paidMinor())
                .param("receivedAt", Timestamp.from(receivedAt))
                .update();
    }

    void insertClaims(UUID remittanceId, List<ResolvedClaim> claims) {
        List<@Nullable Object[]> claimRows = new ArrayList<>(claims.size());
        List<@Nullable Object[]> lineRows = new ArrayList<>();
        List<@Nullable Object[]> adjustmentRows = new ArrayList<>();
        for (ResolvedClaim claim : claims) {
            UUID id = Ids.next();
            claimRows.add(claimRow(id, claim));
            claim.assessment().claim().lines().forEach(line -> lineRows.add(lineRow(id, line, claim)));
            int position = 0;
            for (AssessedAdjustment adjustment : claim.assessment().adjustments()) {
                adjustmentRows.add(adjustmentRow(id, ++position, adjustment));
            }
        }
        CLAIMS.run(batches, List.of(organization(), remittanceId), claimRows);
        LINES.run(batches, List.of(organization()), lineRows);
        ADJUSTMENTS.run(batches, List.of(organization()), adjustmentRows);
    }

    void insertProviderAdjustment(UUID remittanceId, int position, ProviderAdjustment adjustment) {
        jdbc.sql("""
                        insert into billing_remittance_provider_adjustments (org_id, remittance_id, position, segment_number,
                            provider_id, fiscal_period_end, code, reference, amount, account_code)
                        values (:org, :remittance, :position, :segment, :provider, :period, :code, :reference, :amount, :account)
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .param("position", position)
                .param("segment", adjustment.position().segmentNumber())
                .param("provider", withoutCardNumber(adjustment.providerId()))
                .param("period", adjustment.fiscalPeriodEnd(), Types.DATE)
                .param("code", withoutCardNumber(adjustment.code()))
                .param(
                        "reference",
                        CardNumbers.shortenedIn(adjustment.reference(), number -> namesClaim(remittanceId, number)))
                .param("amount", adjustment.amountMinor())
                .param(
                        "account",
                        ProviderAdjustmentAccounts.of(adjustment.code()).code())
                .update();
    }

    /** One of ours, by our number or the payer's, also if this remittance is the first to tell it. */
    private boolean namesClaim(UUID remittanceId, String number) {
        return jdbc.sql("""
                        select exists (select from billing_claims where org_id = :org and control_number = :number)
                            or exists (select from billing_claims where org_id = :org and payer_claim_number = :number)
                            or exists (select from billing_remittance_claims
                                        where org_id = :org and remittance_id = :remittance and claim_id is not null
                                          and payer_claim_number = :number)
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .param("number", number)
                .query(Boolean.class)
                .single();
    }

    void insertFindings(UUID remittanceId, List<Finding> findings) {
        List<Object[]> rows = new ArrayList<>();
        for (Finding finding : findings) {
            rows.add(new Object[] {
                organization(),
                remittanceId,
                rows.size() + 1,
                finding.rule(),
                finding.holds(),
                finding.segmentNumber(),
                finding.expectedMinor(),
                finding.foundMinor(),
                CardNumbers.removedFrom(finding.text())
            });
        }
        batches.batchUpdate("""
                insert into billing_remittance_findings
                    (org_id, remittance_id, position, rule, holds, segment_number, expected_amount, found_amount, text)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, rows);
    }

    /** One pass over the claims of a remittance, in the database. */
    Sums sums(UUID remittanceId) {
        return sums(PostedPart.all(remittanceId));
    }

    Sums sums(PostedPart part) {
        return part.bind(jdbc.sql("""
                        select count(*) filter (where treatment = 'posted') as posted,
                               count(*) filter (where treatment in ('held', 'unidentified')) as held,
                               count(*) filter (where denied) as denied,
                               coalesce(sum(paid_amount + contractual_amount) filter (where treatment = 'posted' and paid_amount + contractual_amount > 0), 0) as credited,
                               coalesce(sum(paid_amount + contractual_amount) filter (where treatment = 'posted' and paid_amount + contractual_amount < 0), 0) as debited,
                               coalesce(sum(contractual_amount) filter (where treatment = 'posted' and contractual_amount > 0), 0) as written_off,
                               coalesce(sum(contractual_amount) filter (where treatment = 'posted' and contractual_amount < 0), 0) as written_back,
                               coalesce(sum(patient_amount) filter (where treatment = 'posted' and patient_amount > 0), 0) as to_patients,
                               coalesce(sum(patient_amount) filter (where treatment = 'posted' and patient_amount < 0), 0) as from_patients,
                               coalesce(sum(paid_amount) filter (where treatment in ('held', 'unidentified')), 0) as suspense,
                               count(*) filter (where treatment in ('held', 'unidentified') and paid_amount <> 0) as suspense_claims,
                               coalesce(sum(denied_amount) filter (where denied), 0) as denied_amount
                        from billing_remittance_claims c where %s
                        """.formatted(part.where("c"))))
                .query((row, number) -> new Sums(
                        row.getInt("posted"),
                        row.getInt("held"),
                        row.getInt("denied"),
                        row.getLong("credited"),
                        row.getLong("debited"),
                        row.getLong("written_off"),
                        row.getLong("written_back"),
                        row.getLong("to_patients"),
                        row.getLong("from_patients"),
                        row.getLong("suspense"),
                        row.getInt("suspense_claims"),
                        row.getLong("denied_amount")))
                .single();
    }

    void totals(UUID remittanceId, EraTotals totals, Sums sums, int findings) {
        jdbc.sql("""
                        update billing_remittances
                        set charged_amount = :charged, claims_paid_amount = :claimsPaid, provider_amount = :provider,
                            contractual_amount = :contractual, patient_amount = :patient, suspense_amount = :suspense,
                            denied_amount = :denied, claim_count = :claims, held_claim_count = :heldClaims,
                            denied_claim_count = :deniedClaims, finding_count = :findings
                        where org_id = :org and id = :id
                        """)
                .param("charged", totals.chargedMinor())
                .param("claimsPaid", totals.claimsPaidMinor())
                .param("provider", totals.providerAdjustmentsMinor())
                .param("contractual", sums.contractualMinor())
                .param("patient", sums.patientMinor())
                .param("suspense", sums.suspenseMinor())
                .param("denied", sums.deniedMinor())
                .param("claims", totals.claims())
                .param("heldClaims", sums.held())
                .param("deniedClaims", sums.denied())
                .param("findings", findings)
                .param("org", organization())
                .param("id", remittanceId)
                .update();
    }

    /** What changes of the remittance when one of its claims leaves suspense. */
    void totalsAfterRelease(UUID remittanceId) {
        Sums sums = sums(remittanceId);
        jdbc.sql("""
                        update billing_remittances
                        set contractual_amount = :contractual, patient_amount = :patient, suspense_amount = :suspense,
                            held_claim_count = :heldClaims
                        where org_id = :org and id = :id
                        """)
                .param("contractual", sums.contractualMinor())
                .param("patient", sums.patientMinor())
                .param("suspense", sums.suspenseMinor())
                .param("heldClaims", sums.held())
                .param("org", organization())
                .param("id", remittanceId)
                .update();
    }

    /**
     * What was held for the claims that are answered here may fit to them now. Rows that are being decided at this moment
     * are left alone.
     */
    void lookAgain(PostedPart part) {
        part.bind(jdbc.sql("""
                        update billing_remittance_claims set look_again = true
                        where org_id = :org and id in (
                            select h.id from billing_remittance_claims h
                            where h.org_id = :org and h.treatment = 'held' and not h.look_again
                              and h.claim_id in (select c.claim_id from billing_remittance_claims c where %s)
                            order by h.id for no key update skip locked)
                        """.formatted(part.posted("c")))).update();
    }

    void posted(UUID remittanceId, @Nullable UUID journalEntryId, Instant at) {
        jdbc.sql("""
                        update billing_remittances set state = 'posted', journal_entry_id = :entry, posted_at = :at
                        where org_id = :org and id = :id and state = 'held'
                        """)
                .param("entry", journalEntryId, Types.OTHER)
                .param("at", Timestamp.from(at))
                .param("org", organization())
                .param("id", remittanceId)
                .update();
    }

    void nothingPosted(UUID remittanceId, String why) {
        jdbc.sql("""
                        update billing_remittance_claims set treatment = 'not_posted', reason = coalesce(reason, :why)
                        where org_id = :org and remittance_id = :remittance
                        """)
                .param("why", why)
                .param("org", organization())
                .param("remittance", remittanceId)
                .update();
    }

    Optional<InReview> inReview(UUID remittanceId) {
        return jdbc.sql("""
                        select r.id, r.file_id, r.transaction_index, r.content_hash,
                               case when v.conflict_choice = 'another-payment' then v.conflict_with end as distinct_from
                        from billing_remittances r
                        left join billing_remittance_reviews v on v.org_id = r.org_id and v.remittance_id = r.id
                        where r.org_id = :org and r.id = :id and r.state = 'review'
                        """)
                .param("org", organization())
                .param("id", remittanceId)
                .query(InReview.class)
                .optional();
    }

    /**
     * Takes back what was written down of its content, so that it can be recorded anew.
     *
     * @return false if the remittance does not wait for a review; then nothing has changed
     */
    boolean endReview(UUID remittanceId, @Nullable UUID payerId) {
        boolean waits = jdbc.sql("""
                        select id from billing_remittances where org_id = :org and id = :id and state = 'review' for no key update
                        """)
                .param("org", organization())
                .param("id", remittanceId)
                .query(UUID.class)
                .optional()
                .isPresent();
        if (!waits) {
            return false;
        }
        for (String part : List.of("service_lines", "adjustments")) {
            jdbc.sql("""
                            delete from billing_remittance_%s p using billing_remittance_claims c
                            where p.org_id = :org and c.org_id = :org and c.id = p.remittance_claim_id
                              and c.remittance_id = :remittance
                            """.formatted(part))
                    .param("org", organization())
                    .param("remittance", remittanceId)
                    .update();
        }
        for (String part : List.of("claims", "provider_adjustments", "findings")) {
            jdbc.sql("delete from billing_remittance_%s where org_id = :org and remittance_id = :remittance"
                            .formatted(part))
                    .param("org", organization())
                    .param("remittance", remittanceId)
                    .update();
        }
        jdbc.sql("update billing_remittances set state = 'held', payer_id = :payer where org_id = :org and id = :id")
                .param("payer", payerId, Types.OTHER)
                .param("org", organization())
                .param("id", remittanceId)
                .update();
        return true;
    }

    /** @return whether it waited for a review */
    boolean changeReviewTo(RemittanceState state, UUID remittanceId) {
        return jdbc.sql(
                                "update billing_remittances set state = :state where org_id = :org and id = :id and state = 'review'")
                        .param("state", state.column())
                        .param("org", organization())
                        .param("id", remittanceId)
                        .update()
                == 1;
    }

    /** @throws RuleViolation {@link Refusal#REMITTANCE_NOT_REOPENABLE} if nobody can decide anything about it */
    Reopenable lockReopenable(UUID remittanceId) {
        Reopenable remittance = jdbc.sql("""
                        select state, file_id, payment_key, currency, paid_amount as paid_minor
                        from billing_remittances where org_id = :org and id = :id for no key update
                        """)
                .param("org", organization())
                .param("id", remittanceId)
                .query(Reopenable.class)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("This remittance"));
        RemittanceState state = RemittanceState.ofColumn(remittance.state());
        if (state != RemittanceState.REJECTED && state != RemittanceState.HELD) {
            throw new RuleViolation(
                    Refusal.REMITTANCE_NOT_REOPENABLE, "only a rejected or held remittance can be opened again");
        }
        if (!balances(remittanceId)) {
            throw new RuleViolation(
                    Refusal.REMITTANCE_NOT_REOPENABLE, "its money does not balance: only a corrected file helps");
        }
        return remittance;
    }

    /** Findings of the balancing name a place in the file; those of ours do not. */
    boolean balances(UUID remittanceId) {
        return jdbc.sql("""
                        select not exists (select from billing_remittance_findings
                                           where org_id = :org and remittance_id = :id and holds
                                             and segment_number is not null)
                        """)
                .param("org", organization())
                .param("id", remittanceId)
                .query(Boolean.class)
                .single();
    }

    void waitAgain(UUID remittanceId, @Nullable UUID conflictWith) {
        jdbc.sql(
                        "update billing_remittances set state = 'review', conflict_with = :with where org_id = :org and id = :id")
                .param("with", conflictWith, Types.OTHER)
                .param("org", organization())
                .param("id", remittanceId)
                .update();
    }

    record Reopenable(String state, UUID fileId, String paymentKey, String currency, long paidMinor) {}

    /** Marks what was recorded as held a moment ago as waiting for its review. */
    void toReview(UUID remittanceId) {
        jdbc.sql("update billing_remittances set state = 'review' where org_id = :org and id = :id and state = 'held'")
                .param("org", organization())
                .param("id", remittanceId)
                .update();
    }

    Optional<UUID> payer(UUID remittanceId) {
        return jdbc.sql("""
                        select payer_id from billing_remittances
                        where org_id = :org and id = :id and payer_id is not null
                        """)
                .param("org", organization())
                .param("id", remittanceId)
                .query(UUID.class)
                .optional();
    }

    /** What a remittance moves, from what is written down of it. */
    Movement movement(UUID remittanceId) {
        return jdbc.sql("""
                        select (select coalesce(-sum(c.paid_amount), 0) from billing_remittance_claims c
                                where c.org_id = :org and c.remittance_id = :remittance and c.status_code = '22')
                             + (select coalesce(sum(p.amount), 0) from billing_remittance_provider_adjustments p
                                where p.org_id = :org and p.remittance_id = :remittance and p.amount > 0) as taken_back_minor,
                               exists (select from billing_remittance_claims c
                                       where c.org_id = :org and c.remittance_id = :remittance and c.status_code = '22')
                            as reverses,
                               exists (select from billing_remittance_provider_adjustments p
                                       where p.org_id = :org and p.remittance_id = :remittance and p.amount > 0) as takes_outside
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query(Movement.class)
                .single();
    }

    /**
     * Money that a payer takes back.
     *
     * @param takenBackMinor by reversals and outside of claims, positive
     */
    record Movement(long takenBackMinor, boolean reverses, boolean takesOutside) {

        boolean takesBack() {
            return reverses || takesOutside;
        }
    }

    private static @Nullable Object[] claimRow(UUID id, ResolvedClaim resolved) {
        var assessment = resolved.assessment();
        EraClaim claim = assessment.claim();
        return new Object[] {
            id,
            claim.index(),
            claim.position().segmentNumber(),
            claim.position().offset(),
            resolved.kept(claim.controlNumber()),
            resolved.kept(claim.payerClaimNumber()),
            claim.status(),
            claim.filingIndicator(),
            resolved.kept(claim.claimKey()),
            claim.serviceFrom(),
            claim.serviceTo(),
            claim.chargedMinor(),
            claim.paidMinor(),
            assessment.contractualMinor(),
            assessment.patientMinor(),
            assessment.deniedMinor(),
            assessment.otherMinor(),
            resolved.treatment().column(),
            resolved.reason(),
            assessment.isDenied(),
            claim.isForwarded(),
            withoutCardNumber(String.join(" ", claim.remarks())),
            resolved.claimId(),
            resolved.accountId(),
            claim.payerSequence(),
            assessment.patientMinor(),
            claim.priorPayerMinor(),
            claim.forwardedTo()
        };
    }

    /** For codes, and numbers that are ours or nobody's: what a payer puts there instead is not kept if it looks like a card. */
    private static @Nullable String withoutCardNumber(@Nullable String text) {
        return text == null ? null : CardNumbers.removedFrom(text);
    }

    private static @Nullable Object[] lineRow(UUID claimRow, EraServiceLine line, ResolvedClaim claim) {
        Optional<LineMatch> match = claim.lineOf(line);
        return new Object[] {
            claimRow,
            line.index(),
            line.position().segmentNumber(),
            withoutCardNumber(line.lineControlNumber()),
            line.procedureQualifier(),
            withoutCardNumber(line.procedureCode()),
            withoutCardNumber(String.join(" ", line.modifiers())),
            withoutCardNumber(line.submittedProcedure()),
            withoutCardNumber(line.revenueCode()),
            line.serviceFrom(),
            line.serviceTo(),
            line.unitsPaid(),
            line.chargedMinor(),
            line.paidMinor(),
            line.allowedMinor(),
            claim.assessment().isDenied(line),
            withoutCardNumber(String.join(" ", line.remarks())),
            match.map(LineMatch::position).orElse(null),
            match.map(each -> each.by().column()).orElse(null)
        };
    }

    private static @Nullable Object[] adjustmentRow(UUID claimRow, int position, AssessedAdjustment assessed) {
        EraAdjustment adjustment = assessed.adjustment();
        EraServiceLine line = assessed.line();
        return new Object[] {
            claimRow,
            position,
            line == null ? null : line.index(),
            adjustment.position().segmentNumber(),
            adjustment.group(),
            withoutCardNumber(adjustment.reason()),
            adjustment.amountMinor(),
            adjustment.quantity(),
            assessed.treatment().column()
        };
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
