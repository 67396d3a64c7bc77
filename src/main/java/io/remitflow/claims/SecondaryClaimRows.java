package io.remitflow.claims;

import io.remitflow.identity.CurrentOrganization;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What decides whether claims go on to the next payer, read for many claims at once. */
@Repository
class SecondaryClaimRows {

    private final JdbcClient jdbc;

    SecondaryClaimRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param patientMinor what the payers left to the patient
     * @param insuranceMinor what insurance still owes on the patient account
     * @param denial number of a denial that is in work
     */
    record Facts(
            UUID claimId,
            UUID accountId,
            UUID payerId,
            String payerName,
            long chargedMinor,
            long patientMinor,
            long insuranceMinor,
            @Nullable String denial,
            boolean forwarded,
            @Nullable String forwardedTo,
            @Nullable String submissionState,
            int submissionSequence) {}

    record Covered(UUID payerId, String payerName) {}

    List<Facts> facts(Collection<UUID> claimIds) {
        return jdbc.sql("""
                        select c.id as claim_id, c.account_id, c.payer_id, p.name as payer_name, c.charged as charged_minor,
                            c.patient_responsibility as patient_minor, coalesce(t.insurance, 0) as insurance_minor,
                            (select d.denial_number from billing_denials d where d.org_id = c.org_id and d.claim_id = c.id
                                and d.status <> 'closed' order by d.id desc limit 1) as denial,
                            x.claim_id is not null as forwarded, x.forwarded_to,
                            s.state as submission_state, coalesce(s.payer_sequence, 0) as submission_sequence
                        from billing_claims c
                        join billing_payers p on p.org_id = c.org_id and p.id = c.payer_id
                        left join claims_submissions s on s.org_id = c.org_id and s.claim_id = c.id
                        left join lateral (select sum(b.amount) as insurance from billing_patient_transactions b
                            where b.org_id = c.org_id and b.claim_id = c.id and b.responsibility = 'insurance') t on true
                        left join lateral (select f.claim_id, f.forwarded_to from billing_claim_crossovers f
                            where f.org_id = c.org_id and f.claim_id = c.id
                            order by f.forwarded_to is null, f.recorded_at desc limit 1) x on true
                        where c.org_id = :org and c.id = any(:claims::uuid[])
                        order by c.id
                        """)
                .param("org", organization())
                .param("claims", claimIds.toArray(UUID[]::new))
                .query(Facts.class)
                .list();
    }

    /** By account, in the order of payers. */
    Map<UUID, List<Covered>> coverages(Collection<UUID> claimIds) {
        Map<UUID, List<Covered>> found = new HashMap<>();
        jdbc.sql("""
                        select v.account_id, v.payer_id, p.name from claims_coverages v
                        join billing_payers p on p.org_id = v.org_id and p.id = v.payer_id
                        where v.org_id = :org and v.account_id in (select c.account_id from billing_claims c
                            where c.org_id = :org and c.id = any(:claims::uuid[]))
                        order by v.account_id, v.position
                        """)
                .param("org", organization())
                .param("claims", claimIds.toArray(UUID[]::new))
                .query(row -> {
                    found.computeIfAbsent(row.getObject("account_id", UUID.class), account -> new ArrayList<>())
                            .add(new Covered(row.getObject("payer_id", UUID.class), row.getString("name")));
                });
        return found;
    }

    /** Those whose patient has an insurance besides the payer of the claim. */
    List<UUID> withFurtherInsurance(Collection<UUID> claimIds) {
        return jdbc.sql("""
                        select c.id from billing_claims c
                        where c.org_id = :org and c.id = any(:claims::uuid[])
                          and exists (select from claims_coverages v where v.org_id = c.org_id
                              and v.account_id = c.account_id and v.payer_id <> c.payer_id)
                        order by c.id
                        """)
                .param("org", organization())
                .param("claims", claimIds.toArray(UUID[]::new))
                .query(UUID.class)
                .list();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
