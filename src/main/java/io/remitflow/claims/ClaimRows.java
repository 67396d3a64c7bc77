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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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

    /** The new claim takes the place of the other one, which the payer knows by this number. */
    void setReplaces(UUID id, UUID replacedId, String payerClaimNumber) {
        jdbc.sql("update billing_claims set replaces_id = :replaced, original_reference = :reference where id = :id")
                .param("replaced", replacedId)
                .param("reference", payerClaimNumber)
                .param("id", id)
                .update();
    }

    /** The claim that replaced this one. */
    Optional<Claim> replacementOf(UUID id) {
        return one("replaces_id = :value", id);
    }

    /** The claim with its entry and kind of care, as they were when it was charged. */
    Charged charged(UUID id) {
        return jdbc.sql("select journal_entry_id, care_setting from billing_claims where id = :id")
                .param("id", id)
                .query((row, number) -> new Charged(
                        row.getObject("journal_entry_id", UUID.class),
                        CareSetting.ofKey(row.getString("care_setting"))))
                .single();
    }

    record Charged(UUID entryId, CareSetting setting) {}

    void setStatus(UUID id, ClaimStatus status) {
        jdbc.sql("update billing_claims set status = :status, updated_at = :now where id = :id")
                .param("status", status.key())
                .param("now", now())
                .param("id", id)
                .update();
    }

    /** An answer that is not recorded yet, and the status to which it leads. */
    record NewResponse(UUID claimId, ClaimOutcome outcome, ClaimStatus statusAfter) {}

    /** Which of these source keys stand for an answer already. */
    Set<String> recordedResponses(List<String> sourceKeys) {
        return new HashSet<>(jdbc.sql("""
                                select source_key from billing_claim_responses
                                where org_id = :org and source_key = any(:keys::text[])
                                """)
                .param("org", organization())
                .param("keys", sourceKeys.toArray(String[]::new))
                .query(String.class)
                .list());
    }

    void insertResponses(List<NewResponse> responses) {
        int count = responses.size();
        var ids = new UUID[count];
        var claims = new UUID[count];
        var sourceKeys = new String[count];
        var kinds = new String[count];
        var statusCodes = new @Nullable String[count];
        var payerClaimNumbers = new @Nullable String[count];
        var respondedOn = new String[count];
        var currencies = new String[count];
        var paid = new long[count];
        var contractual = new long[count];
        var patient = new long[count];
        var statuses = new String[count];
        for (int i = 0; i < count; i++) {
            var response = responses.get(i);
            var outcome = response.outcome();
            ids[i] = Ids.next();
            claims[i] = response.claimId();
            sourceKeys[i] = outcome.sourceKey();
            kinds[i] = outcome.kind().name().toLowerCase(Locale.ROOT);
            statusCodes[i] = outcome.payerStatusCode();
            payerClaimNumbers[i] = outcome.payerClaimNumber();
            respondedOn[i] = outcome.respondedOn().toString();
            currencies[i] = outcome.paid().getCurrencyUnit().getCode();
            paid[i] = outcome.paid().getAmountMinorLong();
            contractual[i] = outcome.contractual().getAmountMinorLong();
            patient[i] = outcome.patientResponsibility().getAmountMinorLong();
            statuses[i] = response.statusAfter().key();
        }
        jdbc.sql("""
                        insert into billing_claim_responses (org_id, recorded_at, id, claim_id, source_key, kind,
                            payer_status_code, payer_claim_number, responded_on, currency, paid, contractual,
                            patient_responsibility, status_after)
                        select :org, :now, new.*
                        from unnest(:ids::uuid[], :claims::uuid[], :sourceKeys::text[], :kinds::text[], :statusCodes::text[],
                            :payerClaimNumbers::text[], :respondedOn::date[], :currencies::text[], :paid::bigint[],
                            :contractual::bigint[], :patient::bigint[], :statuses::text[]) as new
                        """)
                .param("org", organization())
                .param("now", now())
                .param("ids", ids)
                .param("claims", claims)
                .param("sourceKeys", sourceKeys)
                .param("kinds", kinds)
                .param("statusCodes", statusCodes)
                .param("payerClaimNumbers", payerClaimNumbers)
                .param("respondedOn", respondedOn)
                .param("currencies", currencies)
                .param("paid", paid)
                .param("contractual", contractual)
                .param("patient", patient)
                .param("statuses", statuses)
                .update();
    }

    /** Adds recorded answers to their locked claims, all with one statement. */
    void apply(List<NewResponse> responses) {
        Map<UUID, Change> changes = new LinkedHashMap<>();
        responses.forEach(response -> changes.merge(response.claimId(), Change.of(response), Change::then));
        int count = changes.size();
        var ids = changes.keySet().toArray(UUID[]::new);
        var statuses = new String[count];
        var paid = new long[count];
        var contractual = new long[count];
        var patient = new long[count];
        var payerClaimNumbers = new @Nullable String[count];
        var respondedOn = new String[count];
        int i = 0;
        for (var change : changes.values()) {
            statuses[i] = change.status().key();
            paid[i] = change.paidMinor();
            contractual[i] = change.contractualMinor();
            patient[i] = change.patientMinor();
            payerClaimNumbers[i] = change.payerClaimNumber();
            respondedOn[i] = change.respondedOn().toString();
            i++;
        }
        jdbc.sql("""
                        update billing_claims claim
                        set status = new.status,
                            paid = claim.paid + new.paid,
                            contractual = claim.contractual + new.contractual,
                            patient_responsibility = claim.patient_responsibility + new.patient,
                            payer_claim_number = coalesce(new.payer_claim_number, claim.payer_claim_number),
                            last_response_on = greatest(claim.last_response_on, new.responded_on),
                            updated_at = :now
                        from unnest(:ids::uuid[], :statuses::text[], :paid::bigint[], :contractual::bigint[],
                                :patient::bigint[], :payerClaimNumbers::text[], :respondedOn::date[])
                            as new (id, status, paid, contractual, patient, payer_claim_number, responded_on)
                        where claim.org_id = :org and claim.id = new.id
                        """)
                .param("org", organization())
                .param("now", now())
                .param("ids", ids)
                .param("statuses", statuses)
                .param("paid", paid)
                .param("contractual", contractual)
                .param("patient", patient)
                .param("payerClaimNumbers", payerClaimNumbers)
                .param("respondedOn", respondedOn)
                .update();
    }

    /** What the answers to one claim change together. */
    private record Change(
            ClaimStatus status,
            long paidMinor,
            long contractualMinor,
            long patientMinor,
            @Nullable String payerClaimNumber,
            LocalDate respondedOn) {

        static Change of(NewResponse response) {
            var outcome = response.outcome();
            return new Change(
                    response.statusAfter(),
                    outcome.paid().getAmountMinorLong(),
                    outcome.contractual().getAmountMinorLong(),
                    outcome.patientResponsibility().getAmountMinorLong(),
                    outcome.payerClaimNumber(),
                    outcome.respondedOn());
        }

        Change then(Change later) {
            return new Change(
                    later.status,
                    Math.addExact(paidMinor, later.paidMinor),
                    Math.addExact(contractualMinor, later.contractualMinor),
                    Math.addExact(patientMinor, later.patientMinor),
                    later.payerClaimNumber == null ? payerClaimNumber : later.payerClaimNumber,
                    later.respondedOn.isAfter(respondedOn) ? later.respondedOn : respondedOn);
        }
    }

    Optional<Claim> find(UUID id) {
        return one("id = :value", id);
    }

    /** As {@link #find}, and locked until the transaction ends. */
    Optional<Claim> lock(UUID id) {
        return one("id = :value for no key update", id);
    }

    /** Without their lines, locked in the order of ids until the transaction ends; those nobody knows are missing. */
    Map<UUID, Claim> lockAll(List<UUID> ids) {
        Map<UUID, Claim> locked = new HashMap<>();
        jdbc.sql("""
                        select * from billing_claims
                        where org_id = :org and id = any(:ids::uuid[]) order by id for no key update
                        """)
                .param("org", organization())
                .param("ids", ids.toArray(UUID[]::new))
                .query((row, number) -> claim(row, Map.of()))
                .list()
                .forEach(claim -> locked.put(claim.id(), claim));
        return locked;
    }

    Optional<Claim> byControlNumber(String controlNumber) {
        return one("control_number = :value", controlNumber);
    }

    Map<String, Claim> byControlNumbers(List<String> controlNumbers) {
        if (controlNumbers.isEmpty()) {
            return Map.of();
        }
        var lines = new HashMap<UUID, List<ClaimLine>>();
        jdbc.sql("""
                        select l.* from billing_claim_lines l
                        join billing_claims c on c.org_id = l.org_id and c.id = l.claim_id
                        where c.org_id = :org and c.control_number = any(:numbers) order by l.claim_id, l.position
                        """)
                .param("org", organization())
                .param("numbers", controlNumbers.toArray(String[]::new))
                .query(row -> {
                    lines.computeIfAbsent(row.getObject("claim_id", UUID.class), claim -> new ArrayList<>())
                            .add(line(row));
                });
        var found = new HashMap<String, Claim>();
        jdbc.sql("select * from billing_claims where org_id = :org and control_number = any(:numbers)")
                .param("org", organization())
                .param("numbers", controlNumbers.toArray(String[]::new))
                .query((row, number) -> claim(row, lines))
                .list()
                .forEach(claim -> found.put(claim.controlNumber(), claim));
        return found;
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
        UUID replaced = row.getObject("replaces_id", UUID.class);
        return new Claim(
                id,
                row.getObject("account_id", UUID.class),
                row.getObject("payer_id", UUID.class),
                row.getString("control_number"),
                row.getString("payer_claim_number"),
                replaced == null ? null : new Claim.Replaced(replaced, row.getString("original_reference")),
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
