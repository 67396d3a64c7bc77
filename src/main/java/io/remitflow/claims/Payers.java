package io.remitflow.claims;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
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

    private static final int MOST_CODES = 100;

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final Clock clock;
    private final Set<String> acceptedByDefault;

    Payers(
            JdbcClient jdbc,
            AuditLog audit,
            Clock clock,
            @Value("${remitflow.remittance.accepted-adjustments:45,59,144,253}") Set<String> acceptedByDefault) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.clock = clock;
        this.acceptedByDefault = codes(acceptedByDefault);
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

    /**
     * The reason codes that are written off under the contract when they come with CO or OA: those of the payer, else those
     * of the organization, else those of the installation.
     *
     * @param payerId null for a payer that is not known, and for the organization's own list
     */
    @Transactional(readOnly = true)
    public Set<String> acceptedAdjustments(@Nullable UUID payerId) {
        return Optional.ofNullable(payerId)
                .flatMap(this::ownAcceptedAdjustments)
                .or(() -> jdbc.sql("select codes from billing_accepted_adjustments where org_id = :org")
                        .param("org", CurrentOrganization.id().value())
                        .query((row, number) -> codes(row, "codes"))
                        .optional())
                .orElse(acceptedByDefault);
    }

    /** Empty if the organization's hold. */
    @Transactional(readOnly = true)
    public Optional<Set<String>> ownAcceptedAdjustments(UUID payerId) {
        return jdbc.sql(
                        "select accepted_adjustments from billing_payers where id = :id and accepted_adjustments is not null")
                .param("id", payerId)
                .query((row, number) -> codes(row, "accepted_adjustments"))
                .optional();
    }

    /** Holds for remittances that come from now on, of payers without codes of their own; null: those of the installation. */
    public void acceptAdjustments(@Nullable Set<String> accepted) {
        Set<String> before = acceptedAdjustments(null);
        if (accepted == null) {
            jdbc.sql("delete from billing_accepted_adjustments where org_id = :org")
                    .param("org", CurrentOrganization.id().value())
                    .update();
        } else {
            jdbc.sql("""
                            insert into billing_accepted_adjustments (org_id, codes, updated_at)
                            values (:org, string_to_array(:codes, ','), :now)
                            on conflict (org_id) do update set codes = excluded.codes, updated_at = :now
                            """)
                    .param("org", CurrentOrganization.id().value())
                    .param("codes", String.join(",", codes(accepted)))
                    .param("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                    .update();
        }
        audit.record(
                "settings.accepted-adjustments-changed",
                "settings",
                "accepted-adjustments",
                Map.of("before", words(before), "after", words(acceptedAdjustments(null))));
    }

    /** Holds for remittances of the payer that come from now on; null: those of the organization. */
    public void acceptAdjustments(UUID payerId, @Nullable Set<String> accepted) {
        get(payerId);
        Optional<Set<String>> before = ownAcceptedAdjustments(payerId);
        Optional<Set<String>> after = Optional.ofNullable(accepted).map(Payers::codes);
        if (before.equals(after)) {
            return;
        }
        jdbc.sql("update billing_payers set accepted_adjustments = string_to_array(:codes, ',') where id = :id")
                .param("codes", after.map(codes -> String.join(",", codes)).orElse(null), Types.VARCHAR)
                .param("id", payerId)
                .update();
        audit.record(
                "payer-accepted-adjustments-changed",
                "payer",
                payerId.toString(),
                Map.of(
                        "before", before.map(Payers::words).orElse("the organization's"),
                        "after", after.map(Payers::words).orElse("the organization's")));
    }

    private static Set<String> codes(Set<String> given) {
        var codes = new TreeSet<String>();
        given.forEach(code -> codes.add(code.strip().toUpperCase(Locale.ROOT)));
        if (codes.size() > MOST_CODES || codes.stream().anyMatch(code -> !code.matches("[A-Z0-9]{1,5}"))) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "a reason code has 1 to 5 letters and digits, and at most %d are accepted".formatted(MOST_CODES));
        }
        return Collections.unmodifiableSet(codes);
    }

    private static Set<String> codes(ResultSet row, String column) throws SQLException {
        return codes(Set.of((String[]) row.getArray(column).getArray()));
    }

    private static String words(Set<String> codes) {
        return codes.isEmpty() ? "none" : String.join(", ", codes);
    }

    private static Payer payer(ResultSet row, int number) throws SQLException {
        return new Payer(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("payer_class"),
                row.getString("remit_identifier"));
    }
}
