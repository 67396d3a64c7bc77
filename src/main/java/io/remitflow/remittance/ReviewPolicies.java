package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.util.HashSet;
import java.util.Map;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The review policy of the current organization. */
@Service
@Transactional
public class ReviewPolicies {

    private final JdbcClient jdbc;
    private final Organizations organizations;
    private final AuditLog audit;
    private final Clock clock;

    ReviewPolicies(JdbcClient jdbc, Organizations organizations, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.organizations = organizations;
        this.audit = audit;
        this.clock = clock;
    }

    /** {@link ReviewPolicy#OFF} until somebody changes it. */
    @Transactional(readOnly = true)
    public ReviewPolicy current() {
        var payers = new HashSet<>(jdbc.sql("select payer_id from billing_remittance_review_payers where org_id = :org")
                .param("org", organization())
                .query(UUID.class)
                .list());
        return jdbc.sql(
                        "select above_amount, takebacks, currency from billing_remittance_review_policy where org_id = :org")
                .param("org", organization())
                .query((row, number) -> {
                    @Nullable Long above = row.getObject("above_amount", Long.class);
                    return new ReviewPolicy(
                            above == null ? null : Amounts.ofMinor(above, row.getString("currency")),
                            row.getBoolean("takebacks"),
                            payers);
                })
                .optional()
                .orElse(ReviewPolicy.OFF);
    }

    /** Holds for remittances that come from now on. */
    public void change(ReviewPolicy policy) {
        String currency = organizations.current().currency().getCode();
        Money above = policy.above();
        if (above != null && !above.getCurrencyUnit().getCode().equals(currency)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the amount is in the currency of the organization");
        }
        ReviewPolicy before = current();
        if (before.equals(policy)) {
            return;
        }
        jdbc.sql("""
                        insert into billing_remittance_review_policy (org_id, above_amount, takebacks, currency, updated_at)
                        values (:org, :above, :takebacks, :currency, :now)
                        on conflict (org_id) do update set above_amount = :above, takebacks = :takebacks, updated_at = :now
                        """)
                .param("org", organization())
                .param("above", above == null ? null : above.getAmountMinorLong(), Types.BIGINT)
                .param("takebacks", policy.takebacks())
                .param("currency", currency)
                .param("now", Timestamp.from(clock.instant()))
                .update();
        jdbc.sql("delete from billing_remittance_review_payers where org_id = :org")
                .param("org", organization())
                .update();
        policy.payers().forEach(this::insertPayer);
        audit.record(
                "settings.remittance-review-changed",
                "settings",
                "remittance-review",
                Map.of("before", before.toString(), "after", policy.toString()));
    }

    private void insertPayer(UUID payer) {
        try {
            jdbc.sql("insert into billing_remittance_review_payers (org_id, payer_id) values (:org, :payer)")
                    .param("org", organization())
                    .param("payer", payer)
                    .update();
        } catch (DataIntegrityViolationException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a payer of the policy is not known");
        }
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
