package io.remitflow.claims;

import io.remitflow.claims.SubmissionDetails.Attending;
import io.remitflow.claims.SubmissionDetails.Form;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The rows of claims on their way to payers: submissions, batches, and what was said about them. */
@Repository
class SubmissionRows {

    private static final String SUMMARY = """
            select s.*, c.control_number, c.account_id, c.service_from, c.currency, c.charged,
                a.account_number, p.name as payer_name, p.claimmd_payer_id,
                exists (select from claims_coverages v where v.org_id = c.org_id and v.account_id = c.account_id
                    and v.payer_id = coalesce(s.payer_id, c.payer_id)) as insured,
                (select e.message from claims_submission_events e where e.org_id = s.org_id and e.claim_id = s.claim_id
                    and e.message is not null order by e.id desc limit 1) as last_message
            from claims_submissions s
            join billing_claims c on c.org_id = s.org_id and c.id = s.claim_id
            join billing_patient_accounts a on a.org_id = c.org_id and a.id = c.account_id
            join billing_payers p on p.org_id = c.org_id and p.id = coalesce(s.payer_id, c.payer_id)
            """;

    private final JdbcClient jdbc;
    private final Clock clock;

    SubmissionRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * Makes the claim ready; false if it is on its way to this payer already.
     *
     * @param payerId null for the payer of the claim itself
     */
    boolean prepare(UUID claimId, SubmissionDetails details, @Nullable UUID payerId, int sequence) {
        var attending = details.attending();
        return jdbc.sql("""
                        insert into claims_submissions as s (org_id, claim_id, form, diagnoses, place_of_service, type_of_bill,
                            admitted_on, patient_status, attending_npi, attending_family_name, attending_given_name, state,
                            payer_id, payer_sequence, updated_at)
                        values (:org, :claim, :form, :diagnoses, :place, :bill, :admitted, :status, :npi, :family, :given,
                            'ready', :payer, :sequence, :now)
                        on conflict (org_id, claim_id) do update set form = :form, diagnoses = :diagnoses,
                            place_of_service = :place, type_of_bill = :bill, admitted_on = :admitted, patient_status = :status,
                            attending_npi = :npi, attending_family_name = :family, attending_given_name = :given,
                            round = s.round + case when s.state = 'ready' and s.payer_sequence = :sequence then 0 else 1 end,
                            payer_id = :payer, payer_sequence = :sequence, state = 'ready', batch_id = null, updated_at = :now
                        where s.state in ('ready', 'rejected') or (s.state <> 'batched' and s.payer_sequence < :sequence)
                        """)
                        .param("org", organization())
                        .param("claim", claimId)
                        .param("form", details.form().key())
                        .param("diagnoses", String.join(",", details.diagnoses()))
                        .param("place", details.placeOfService())
                        .param("bill", details.typeOfBill())
                        .param("admitted", details.admittedOn())
                        .param("status", details.patientStatus())
                        .param("npi", attending == null ? null : attending.npi())
                        .param("family", attending == null ? null : attending.familyName())
                        .param("given", attending == null ? null : attending.givenName())
                        .param("payer", payerId, Types.OTHER)
                        .param("sequence", sequence)
                        .param("now", now())
                        .update()
                == 1;
    }

    /** Makes a claim ready for its own payer once more, as it was; false if it never was prepared or is on its way. */
    boolean again(UUID claimId) {
        return jdbc.sql("""
                        update claims_submissions set payer_id = null, payer_sequence = 1, round = round + 1, state = 'ready',
                            batch_id = null, updated_at = :now
                        where claim_id = :claim and state <> 'batched'
                        """).param("now", now()).param("claim", claimId).update() == 1;
    }

    /** Makes a claim that was prepared for an earlier payer ready for this one, as it is; false if it is on its way. */
    boolean passOn(UUID claimId, UUID payerId, int sequence) {
        return jdbc.sql("""
                        update claims_submissions set payer_id = :payer, payer_sequence = :sequence, round = round + 1,
                            state = 'ready', batch_id = null, updated_at = :now
                        where claim_id = :claim and state <> 'batched' and payer_sequence < :sequence
                        """)
                        .param("payer", payerId)
                        .param("sequence", sequence)
                        .param("now", now())
                        .param("claim", claimId)
                        .update()
                == 1;
    }

    List<Submission> inState(Collection<String> states, @Nullable UUID payerId, int limit) {
        return jdbc.sql(SUMMARY + """
                        where s.state in (:states) and (:payer::uuid is null or p.id = :payer)
                        order by s.updated_at, s.claim_id limit :limit
                        """)
                .param("states", states)
                .param("payer", payerId, Types.OTHER)
                .param("limit", limit)
                .query(SubmissionRows::submission)
                .list();
    }

    Optional<Submission> find(UUID claimId) {
        return jdbc.sql(SUMMARY + "where s.claim_id = :claim")
                .param("claim", claimId)
                .query(SubmissionRows::submission)
                .optional();
    }

    long count(String state) {
        return jdbc.sql("select count(*) from claims_submissions where state = :state")
                .param("state", state)
                .query(Long.class)
                .single();
    }

    /** The ready claims of a form that can be sent, locked; what is missing for the others is for the page to say. */
    List<Ready> lockReady(Form form, int limit) {
        return jdbc.sql("""
                        select s.claim_id, s.payer_sequence as sequence from claims_submissions s
                        join billing_claims c on c.org_id = s.org_id and c.id = s.claim_id
                        join billing_payers p on p.org_id = c.org_id and p.id = coalesce(s.payer_id, c.payer_id)
                            and p.claimmd_payer_id is not null
                        join claims_coverages v on v.org_id = c.org_id and v.account_id = c.account_id and v.payer_id = p.id
                        where s.state = 'ready' and s.form = :form
                        order by s.payer_sequence, c.control_number limit :limit for no key update of s skip locked
                        """)
                .param("form", form.key())
                .param("limit", limit)
                .query(Ready.class)
                .list();
    }

    /** @param sequence of the payer to whom it goes */
    record Ready(UUID claimId, int sequence) {}

    SubmissionDetails details(UUID claimId) {
        return jdbc.sql("select * from claims_submissions where claim_id = :claim")
                .param("claim", claimId)
                .query((row, number) -> {
                    String npi = row.getString("attending_npi");
                    return new SubmissionDetails(
                            Form.ofKey(row.getString("form")),
                            List.of(row.getString("diagnoses").split(",")),
                            row.getString("place_of_service"),
                            row.getString("type_of_bill"),
                            row.getObject("admitted_on", LocalDate.class),
                            row.getString("patient_status"),
                            npi == null
                                    ? null
                                    : new Attending(
                                            npi,
                                            row.getString("attending_family_name"),
                                            row.getString("attending_given_name")));
                })
                .single();
    }

    /** @param round counts the sendings, from 1 */
    record Destination(UUID payerId, int sequence, int round) {}

    Destination destination(UUID claimId) {
        return jdbc.sql("""
                        select coalesce(s.payer_id, c.payer_id) as payer_id, s.payer_sequence as sequence, s.round
                        from claims_submissions s join billing_claims c on c.org_id = s.org_id and c.id = s.claim_id
                        where s.claim_id = :claim
                        """).param("claim", claimId).query(Destination.class).single();
    }

    CareSetting setting(UUID claimId) {
        return jdbc.sql("select care_setting from billing_claims where id = :claim")
                .param("claim", claimId)
                .query((row, number) -> CareSetting.valueOf(row.getString(1).toUpperCase(java.util.Locale.ROOT)))
                .single();
    }

    void insertBatch(Batch batch, byte[] content, String sha256) {
        jdbc.sql("""
                        insert into claims_submission_batches (org_id, id, number, form, state, file_name, content, sha256,
                            claim_count, currency, charged, requested_by, created_at)
                        values (:org, :id, :number, :form, 'ready', :file, :content, :sha256, :count, :currency, :charged, :by, :now)
                        """)
                .param("org", organization())
                .param("id", batch.id())
                .param("number", batch.number())
                .param("form", batch.form().key())
                .param("file", batch.fileName())
                .param("content", content)
                .param("sha256", sha256)
                .param("count", batch.claims())
                .param("currency", batch.charged().getCurrencyUnit().getCode())
                .param("charged", batch.charged().getAmountMinorLong())
                .param("by", CurrentUser.find().map(UserId::value).orElse(null), Types.OTHER)
                .param("now", now())
                .update();
    }

    void putIntoBatch(UUID claimId, UUID batchId) {
        jdbc.sql(
                        "update claims_submissions set state = 'batched', batch_id = :batch, updated_at = :now where claim_id = :claim")
                .param("batch", batchId)
                .param("now", now())
                .param("claim", claimId)
                .update();
    }

    List<Batch> batches(int limit) {
        return jdbc.sql("select * from claims_submission_batches order by created_at desc, id desc limit :limit")
                .param("limit", limit)
                .query(SubmissionRows::batch)
                .list();
    }

    List<Batch> batchesInState(String... states) {
        return jdbc.sql("select * from claims_submission_batches where state in (:states) order by created_at, id")
                .param("states", List.of(states))
                .query(SubmissionRows::batch)
                .list();
    }

    Optional<Batch> findBatch(UUID id) {
        return jdbc.sql("select * from claims_submission_batches where id = :id")
                .param("id", id)
                .query(SubmissionRows::batch)
                .optional();
    }

    byte[] content(UUID batchId) {
        return jdbc.sql("select content from claims_submission_batches where id = :id")
                .param("id", batchId)
                .query((row, number) -> row.getBytes(1))
                .single();
    }

    /** True if the batch was in one of those states and is now in the new one. */
    boolean moveBatch(UUID id, String to, @Nullable String partnerFile, @Nullable String error, String... from) {
        return jdbc.sql("""
                        update claims_submission_batches set state = :to, last_error = :error,
                            partner_file = coalesce(:file, partner_file),
                            attempts = attempts + case when :to = 'sending' then 1 else 0 end,
                            sent_at = case when :to = 'sending' then :now else sent_at end,
                            uploaded_at = case when :to = 'uploaded' then :now else uploaded_at end
                        where id = :id and state in (:from)
                        """)
                        .param("to", to)
                        .param("error", error)
                        .param("file", partnerFile)
                        .param("now", now())
                        .param("id", id)
                        .param("from", List.of(from))
                        .update()
                == 1;
    }

    List<UUID> claimsIn(UUID batchId) {
        return jdbc.sql("select claim_id from claims_submissions where batch_id = :batch order by claim_id")
                .param("batch", batchId)
                .query(UUID.class)
                .list();
    }

    /** From {@code batched} only: an acknowledgement may have come first. */
    void moveClaimsOfBatch(UUID batchId, String to) {
        jdbc.sql("""
                        update claims_submissions set state = :to, updated_at = :now,
                            batch_id = case when :to = 'ready' then null else batch_id end
                        where batch_id = :batch and state = 'batched'
                        """)
                .param("to", to)
                .param("now", now())
                .param("batch", batchId)
                .update();
    }

    void setState(UUID claimId, String state) {
        jdbc.sql(
                        "update claims_submissions set state = :state, updated_at = :now where claim_id = :claim and batch_id is not null")
                .param("state", state)
                .param("now", now())
                .param("claim", claimId)
                .update();
    }

    /** False if it was recorded before. */
    boolean insertEvent(
            UUID claimId,
            String sourceKey,
            String kind,
            @Nullable Long responseId,
            @Nullable UUID batchId,
            @Nullable String fields,
            @Nullable String message,
            @Nullable String sender) {
        return jdbc.sql("""
                        insert into claims_submission_events (org_id, id, claim_id, source_key, kind, response_id, batch_id,
                            fields, message, sender, recorded_at, payer_id)
                        values (:org, :id, :claim, :key, :kind, :response, :batch, :fields, :message, :sender, :now,
                            (select s.payer_id from claims_submissions s where s.org_id = :org and s.claim_id = :claim))
                        on conflict (org_id, source_key) do nothing
                        """)
                        .param("org", organization())
                        .param("id", Ids.next())
                        .param("claim", claimId)
                        .param("key", sourceKey)
                        .param("kind", kind)
                        .param("response", responseId)
                        .param("batch", batchId, Types.OTHER)
                        .param("fields", fields)
                        .param("message", message)
                        .param("sender", sender)
                        .param("now", now())
                        .update()
                == 1;
    }

    void insertUnmatched(String sourceKey, String controlNumber, String status, String message) {
        jdbc.sql("""
                        insert into claims_unmatched_responses (org_id, id, source_key, control_number, status, message, recorded_at)
                        values (:org, :id, :key, :control, :status, :message, :now)
                        on conflict (org_id, source_key) do nothing
                        """)
                .param("org", organization())
                .param("id", Ids.next())
                .param("key", sourceKey)
                .param("control", controlNumber)
                .param("status", status)
                .param("message", message)
                .param("now", now())
                .update();
    }

    List<SubmissionEvent> events(UUID claimId) {
        return jdbc.sql("""
                        select e.*, b.number as batch_number from claims_submission_events e
                        left join claims_submission_batches b on b.org_id = e.org_id and b.id = e.batch_id
                        where e.claim_id = :claim order by e.id
                        """)
                .param("claim", claimId)
                .query((row, number) -> new SubmissionEvent(
                        row.getString("kind"),
                        row.getObject("response_id", Long.class),
                        row.getString("batch_number"),
                        row.getString("fields"),
                        row.getString("message"),
                        row.getString("sender"),
                        row.getObject("recorded_at", OffsetDateTime.class).toInstant()))
                .list();
    }

    void setProvider(BillingProvider provider) {
        jdbc.sql("""
                        insert into claims_billing_providers (org_id, name, npi, tax_id, taxonomy, street, city, state, postal_code,
                            contact_name, contact_phone, updated_at)
                        values (:org, :name, :npi, :tax, :taxonomy, :street, :city, :state, :postal, :contact, :phone, :now)
                        on conflict (org_id) do update set name = :name, npi = :npi, tax_id = :tax, taxonomy = :taxonomy,
                            street = :street, city = :city, state = :state, postal_code = :postal, contact_name = :contact,
                            contact_phone = :phone, updated_at = :now
                        """)
                .param("org", organization())
                .param("name", provider.name())
                .param("npi", provider.npi())
                .param("tax", provider.taxId())
                .param("taxonomy", provider.taxonomy())
                .param("street", provider.street())
                .param("city", provider.city())
                .param("state", provider.state())
                .param("postal", provider.postalCode())
                .param("contact", provider.contactName())
                .param("phone", provider.contactPhone())
                .param("now", now())
                .update();
    }

    Optional<BillingProvider> provider() {
        return jdbc.sql("select * from claims_billing_providers where org_id = :org")
                .param("org", organization())
                .query((row, number) -> new BillingProvider(
                        row.getString("name"),
                        row.getString("npi"),
                        row.getString("tax_id"),
                        row.getString("taxonomy"),
                        row.getString("street"),
                        row.getString("city"),
                        row.getString("state"),
                        row.getString("postal_code"),
                        row.getString("contact_name"),
                        row.getString("contact_phone")))
                .optional();
    }

    boolean setRoute(UUID payerId, @Nullable String route) {
        return jdbc.sql("update billing_payers set claimmd_payer_id = :route where id = :id")
                        .param("route", route)
                        .param("id", payerId)
                        .update()
                == 1;
    }

    Map<UUID, String> routes() {
        Map<UUID, String> found = new HashMap<>();
        jdbc.sql("select id, claimmd_payer_id from billing_payers where org_id = :org and claimmd_payer_id is not null")
                .param("org", organization())
                .query(row -> {
                    found.put(row.getObject("id", UUID.class), row.getString("claimmd_payer_id"));
                });
        return found;
    }

    Optional<String> route(UUID payerId) {
        return jdbc.sql("select claimmd_payer_id from billing_payers where id = :id and claimmd_payer_id is not null")
                .param("id", payerId)
                .query(String.class)
                .optional();
    }

    private static Submission submission(ResultSet row, int number) throws SQLException {
        return new Submission(
                row.getObject("claim_id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getString("account_number"),
                row.getString("control_number"),
                row.getString("payer_name"),
                row.getObject("service_from", LocalDate.class),
                Amounts.ofMinor(row.getLong("charged"), row.getString("currency")),
                Form.ofKey(row.getString("form")),
                row.getString("state"),
                row.getInt("round"),
                row.getInt("payer_sequence"),
                row.getString("claimmd_payer_id") != null,
                row.getBoolean("insured"),
                row.getString("last_message"),
                null,
                row.getObject("updated_at", OffsetDateTime.class).toInstant());
    }

    private static Batch batch(ResultSet row, int number) throws SQLException {
        OffsetDateTime sent = row.getObject("sent_at", OffsetDateTime.class);
        @Nullable Instant sentAt = sent == null ? null : sent.toInstant();
        return new Batch(
                row.getObject("id", UUID.class),
                row.getString("number"),
                Form.ofKey(row.getString("form")),
                row.getString("state"),
                row.getString("file_name"),
                row.getInt("claim_count"),
                Amounts.ofMinor(row.getLong("charged"), row.getString("currency")),
                row.getString("partner_file"),
                row.getString("last_error"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                sentAt);
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
