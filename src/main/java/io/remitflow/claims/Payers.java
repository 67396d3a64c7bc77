package io.remitflow.claims;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The insurance payers of the organization. */
@Service
@Transactional
public class Payers {

    private static final Set<String> CLASSES =
            Set.of("commercial", "medicare", "medicaid", "tricare", "workers_comp", "other");
    private static final String SELECT = "select id, name, payer_class, remit_identifier from billing_payers ";

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final Clock clock;

    Payers(JdbcClient jdbc, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.clock = clock;
    }

    /** By TRN03 or by the id of N1*PR. */
    @Transactional(readOnly = true)
    public Optional<Payer> byRemitIdentifier(String payerIdentifier) {
        return jdbc.sql(SELECT + "where remit_identifier = :identifier and active")
                .param("identifier", payerIdentifier.strip())
                .query(Payers::payer)
                .optional();
    }

    @Transactional(readOnly = true)
    public Payer get(UUID id) {
        return jdbc.sql(SELECT + "where id = :id")
                .param("id", id)
                .query(Payers::payer)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("this payer"));
    }

    @Transactional(readOnly = true)
    public List<Payer> all() {
        return jdbc.sql(SELECT + "order by name").query(Payers::payer).list();
    }

    public UUID create(NewPayer payer) {
        if (payer.name().isBlank() || payer.remitIdentifier().isBlank() || !CLASSES.contains(payer.payerClass())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a payer needs a name, a class and a remittance identifier");
        }
        UUID id = Ids.next();
        int added = jdbc.sql("""
                        insert into billing_payers (org_id, id, name, payer_class, remit_identifier, created_at)
                        values (:org, :id, :name, :class, :identifier, :now)
                        on conflict (org_id, remit_identifier) do nothing
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("name", payer.name().strip())
                .param("class", payer.payerClass())
                .param("identifier", payer.remitIdentifier().strip())
                .param("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                .update();
        if (added == 0) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "another payer has the remittance identifier " + payer.remitIdentifier());
        }
        return id;
    }

    /**
     * What the contract with a payer says about denials.
     *
     * @param appealDays from the denial, 1 to 730
     * @param patientBillingAllowed whether the patient may be billed for what the payer denied
     */
    public record Terms(int appealDays, boolean patientBillingAllowed) {

        public static final int MAX_APPEAL_DAYS = 730;
    }

    @Transactional(readOnly = true)
    public Terms terms(UUID id) {
        return jdbc.sql("select appeal_days, patient_billing_allowed from billing_payers where id = :id")
                .param("id", id)
                .query(Terms.class)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("this payer"));
    }

    /** Holds for denials from now on: the limit of an open denial stays as it is. */
    public void changeTerms(UUID id, Terms terms) {
        if (terms.appealDays() < 1 || terms.appealDays() > Terms.MAX_APPEAL_DAYS) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "appeals are taken for 1 to %d days".formatted(Terms.MAX_APPEAL_DAYS));
        }
        Terms before = terms(id);
        jdbc.sql("""
                        update billing_payers set appeal_days = :days, patient_billing_allowed = :allowed where id = :id
                        """)
                .param("days", terms.appealDays())
                .param("allowed", terms.patientBillingAllowed())
                .param("id", id)
                .update();
        audit.record(
                "payer-terms-changed",
                "payer",
                id.toString(),
                Map.of(
                        "appealDays", before.appealDays() + " -> " + terms.appealDays(),
                        "patientBillingAllowed",
                                before.patientBillingAllowed() + " -> " + terms.patientBillingAllowed()));
    }

    private static Payer payer(ResultSet row, int number) throws SQLException {
        return new Payer(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("payer_class"),
                row.getString("remit_identifier"));
    }
}
