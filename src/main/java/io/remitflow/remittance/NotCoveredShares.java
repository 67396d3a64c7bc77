package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.receivables.UnbillableShares;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Shares for what is not covered, of payers whose contract does not let us bill the patient for it: the patient owes them
 * by the remittance, and a person writes them off or finds that the contract allows it after all.
 */
@Component
class NotCoveredShares implements UnbillableShares {

    private final JdbcClient jdbc;
    private final AdjustmentRules rules;

    NotCoveredShares(JdbcClient jdbc, AdjustmentRules rules) {
        this.jdbc = jdbc;
        this.rules = rules;
    }

    @Override
    @Transactional(readOnly = true)
    public Money ofClaim(UUID claimId) {
        return jdbc.sql("""
                        with answers as (
                            select c.id, c.payer_sequence, c.status_code, c.paid_amount, c.contractual_amount,
                                   c.stated_patient_amount, coalesce(p.patient_billing_allowed, true) as allowed
                            from billing_remittance_claims c
                            join billing_remittances r on r.org_id = c.org_id and r.id = c.remittance_id
                            left join billing_payers p on p.org_id = r.org_id and p.id = r.payer_id
                            where c.org_id = :org and c.claim_id = :claim and c.treatment = 'posted' and r.state = 'posted'),
                        -- The share is what the last payer says whose answer still counts.
                        last as (
                            select max(payer_sequence) as payer_sequence
                            from (select payer_sequence from answers group by payer_sequence
                                  having sum(paid_amount) <> 0 or sum(contractual_amount) <> 0
                                      or sum(stated_patient_amount) <> 0) as counting),
                        said as (
                            select a.amount from answers w
                            join billing_remittance_adjustments a on a.org_id = :org and a.remittance_claim_id = w.id
                            where w.status_code <> '22' and not w.allowed and a.treatment = 'patient'
                              and a.reason_code in (:codes) and w.payer_sequence = (select payer_sequence from last)
                            union all
                            select v.reversed_amount from answers w
                            join billing_remittance_reversal_lines v on v.org_id = :org and v.remittance_claim_id = w.id
                            where not w.allowed and v.treatment = 'patient'
                              and v.reason_code in (:codes) and w.payer_sequence = (select payer_sequence from last))
                        select greatest(0, coalesce((select sum(amount) from said), 0)
                                   + coalesce((select sum(t.amount) from billing_patient_transactions t
                                               where t.org_id = b.org_id and t.claim_id = b.id
                                                 and t.responsibility = 'patient'
                                                 and t.transaction_type in ('write_off', 'adjustment', 'credit')), 0)) as amount,
                               coalesce(b.currency, o.currency) as currency
                        from organizations o
                        left join billing_claims b on b.org_id = o.org_id and b.id = :claim
                        where o.org_id = :org
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("claim", claimId)
                .param("codes", rules.notCovered())
                .query((row, number) -> Amounts.ofMinor(row.getLong("amount"), row.getString("currency")))
                .single();
    }
}
