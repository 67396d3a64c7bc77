package io.remitflow.claims;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The rows of billing_claims, their lines and the answers to them. */
@Repository
class ClaimRows {

    private final JdbcClient jdbc;
    private final Clock clock;

    ClaimRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** False if the control number is taken. */
    boolean insert(UUID id, NewClaim claim) {
        int added = jdbc.sql("""
                        insert into billing_claims (org_id, id, account_id, payer_id, control_number, care_setting, status,
                            service_from, service_to, currency, charged, submitted_on, created_at, updated_at)
                        values (:org, :id, :account, :payer, :controlNumber, :setting, 'submitted',
                            :serviceFrom, :serviceTo, :currency, :charged, :submittedOn, :now, :now)
                        on conflict (org_id, control_number) do nothing
                        """)
                .param("org", organization())
                .param("id", id)
                .param("account", claim.accountId())
                .param("payer", claim.payerId())
                .param("controlNumber", claim.controlNumber().strip())
                .param("setting", claim.setting().key())
                .param("serviceFrom", claim.serviceFrom())
                .param("serviceTo", claim.serviceTo())
                .param("currency", claim.charged().getCurrencyUnit().getCode())
                .param("charged", claim.charged().getAmountMinorLong())
                .param("submittedOn", claim.submittedOn())
                .param("now", now())
                .update();
        if (added == 0) {
            return false;
        }
        int position = 0;
        for (var line : claim.lines()) {
            insertLine(id, ++position, line);
        }
        return true;
    }

    void setJournalEntry(UUID id, UUID entryId) {
        jdbc.sql("update billing_claims set journal_entry_id = :entry where id = :id")
                .param("entry", entryId)
                .param("id", id)
                .update();
    }

    void setStatus(UUID id, ClaimStatus status) {
        jdbc.sql("update billing_claims set status = :status, updated_at = :now where id = :id")
                .param("status", status.key())
                .param("now", now())
                .param("id", id)
                .update();
    }

    /** False if an answer with this source key is already there. */
    boolean insertResponse(UUID claimId, ClaimOutcome outcome, ClaimStatus statusAfter) {
        return jdbc.sql("""
                        insert into billing_claim_responses (org_id, id, claim_id, source_key, kind, payer_status_code,
                            payer_claim_number, responded_on, currency, paid, contractual, patient_responsibility,
                            status_after, recorded_at)
                        values (:org, :id, :claim, :sourceKey, :kind, :statusCode, :payerClaimNumber, :respondedOn,
                            :currency, :paid, :contractual, :patientResponsibility, :statusAfter, :now)
                        on conflict (org_id, source_key) do nothing
                        """)
                        .param("org", organization())
                        .param("id", Ids.next())
                        .param("claim", claimId)
                        .param("sourceKey", outcome.sourceKey())
                        .param("kind", outcome.kind().name().toLowerCase(Locale.ROOT))
                        .param("statusCode", outcome.payerStatusCode())
                        .param("payerClaimNumber", outcome.payerClaimNumber())
                        .param("respondedOn", outcome.respondedOn())
                        .param("currency", outcome.paid().getCurrencyUnit().getCode())
                        .param("paid", outcome.paid().getAmountMinorLong())
                        .param("contractual", outcome.contractual().getAmountMinorLong())
                        .param(
                                "patientResponsibility",
                                outcome.patientResponsibility().getAmountMinorLong())
                        .param("statusAfter", statusAfter.key())
                        .param("now", now())
                        .update()
                == 1;
    }

    void apply(UUID claimId, ClaimOutcome outcome, ClaimStatus status) {
        jdbc.sql("""
                        update billing_claims
                        set status = :status,
                            paid = paid + :paid,
                            contractual = contractual + :contractual,
                            patient_responsibility = patient_responsibility + :patientResponsibility,
                            payer_claim_number = coalesce(:payerClaimNumber, payer_claim_number),
                            last_response_on = greatest(last_response_on, :respondedOn),
                            updated_at = :now
                        where id = :id
                        """)
                .param("status", status.key())
                .param("paid", outcome.paid().getAmountMinorLong())
                .param("contractual", outcome.contractual().getAmountMinorLong())
                .param("patientResponsibility", outcome.patientResponsibility().getAmountMinorLong())
                .param("payerClaimNumber", outcome.payerClaimNumber())
                .param("respondedOn", outcome.respondedOn())
                .param("now", now())
                .param("id", claimId)
                .update();
    }

    Optional<Claim> find(UUID id) {
        return one("id = :value", id);
    }

    /** As {@link #find}, and locked until the transaction ends. */
    Optional<Claim> lock(UUID id) {
        return one("id = :value for update", id);
    }

    Optional<Claim> byControlNumber(String controlNumber) {
        return one("control_number = :value", controlNumber);
    }

    List<Claim> ofAccount(UUID accountId) {
        var lines = new HashMap<UUID, List<ClaimLine>>();
        jdbc.sql("""
                        select l.* from billing_claim_lines l
                        join billing_claims c on c.org_id = l.org_id and c.id = l.claim_id
                        where c.account_id = :account order by l.claim_id, l.position
                        """).param("account", accountId).query(row -> {
            lines.computeIfAbsent(row.getObject("claim_id", UUID.class), claim -> new ArrayList<>())
                    .add(line(row));
        });
        return jdbc.sql("select * from billing_claims where account_id = :account order by service_from desc, id desc")
                .param("account", accountId)
                .query((row, number) -> claim(row, lines))
                .list();
    }

    List<ClaimResponse> responses(UUID claimId) {
        return jdbc.sql("select * from billing_claim_responses where claim_id = :claim order by id")
                .param("claim", claimId)
                .query((row, number) -> response(row))
                .list();
    }

    private void insertLine(UUID claimId, int position, NewClaim.Line line) {
        jdbc.sql("""
                        insert into billing_claim_lines (org_id, id, claim_id, position, line_control_number, procedure_code,
                            modifiers, revenue_code, service_date, units, currency, charged)
                        values (:org, :id, :claim, :position, :controlNumber, :procedure, :modifiers, :revenue, :date,
                            :units, :currency, :charged)
                        """)
                .param("org", organization())
                .param("id", Ids.next())
                .param("claim", claimId)
                .param("position", position)
                .param(
                        "controlNumber",
                        line.controlNumber() == null ? Integer.toString(position) : line.controlNumber())
                .param("procedure", line.procedureCode())
                .param("modifiers", String.join(",", line.modifiers()))
                .param("revenue", line.revenueCode())
                .param("date", line.serviceDate())
                .param("units", line.units())
                .param("currency", line.charged().getCurrencyUnit().getCode())
                .param("charged", line.charged().getAmountMinorLong())
                .update();
    }

    private Optional<Claim> one(String condition, Object value) {
        return jdbc.sql("select * from billing_claims where " + condition)
                .param("value", value)
                .query((row, number) -> claim(row, Map.of()))
                .optional()
                .map(claim -> claim.with(lines(claim.id())));
    }

    private List<ClaimLine> lines(UUID claimId) {
        return jdbc.sql("select * from billing_claim_lines where claim_id = :claim order by position")
                .param("claim", claimId)
                .query((row, number) -> line(row))
                .list();
    }

    private static Claim claim(ResultSet row, Map<UUID, List<ClaimLine>> lines) throws SQLException {
        String currency = row.getString("currency");
        UUID id = row.getObject("id", UUID.class);
        return new Claim(
                id,
                row.getObject("account_id", UUID.class),
                row.getObject("payer_id", UUID.class),
                row.getString("control_number"),
                row.getString("payer_claim_number"),
                row.getObject("service_from", LocalDate.class),
                row.getObject("service_to", LocalDate.class),
                Amounts.ofMinor(row.getLong("charged"), currency),
                ClaimStatus.ofKey(row.getString("status")),
                Amounts.ofMinor(row.getLong("paid"), currency),
                Amounts.ofMinor(row.getLong("contractual"), currency),
                Amounts.ofMinor(row.getLong("patient_responsibility"), currency),
                List.copyOf(lines.getOrDefault(id, List.of())));
    }

    private static ClaimLine line(ResultSet row) throws SQLException {
        String modifiers = row.getString("modifiers");
        return new ClaimLine(
                row.getObject("id", UUID.class),
                row.getInt("position"),
                row.getString("line_control_number"),
                row.getString("procedure_code"),
                modifiers.isEmpty() ? List.of() : List.of(modifiers.split(",")),
                row.getString("revenue_code"),
                row.getObject("service_date", LocalDate.class),
                row.getBigDecimal("units"),
                Amounts.ofMinor(row.getLong("charged"), row.getString("currency")));
    }

    private static ClaimResponse response(ResultSet row) throws SQLException {
        String currency = row.getString("currency");
        return new ClaimResponse(
                row.getObject("id", UUID.class),
                ClaimOutcome.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                row.getObject("responded_on", LocalDate.class),
                Amounts.ofMinor(row.getLong("paid"), currency),
                Amounts.ofMinor(row.getLong("contractual"), currency),
                Amounts.ofMinor(row.getLong("patient_responsibility"), currency),
                row.getString("payer_status_code"),
                row.getString("payer_claim_number"),
                ClaimStatus.ofKey(row.getString("status_after")));
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    private OffsetDateTime now() {
        return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
    }
}
