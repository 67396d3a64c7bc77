package io.remitflow.remittance;

import io.remitflow.identity.CurrentOrganization;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Compares the claims of one remittance, before it is posted, with what was posted for them earlier.
 *
 * <p>The caller holds the locks of the accounts, so nothing else is posted to these claims meanwhile.
 */
@Component
class EarlierAnswers {

    private final JdbcClient jdbc;

    EarlierAnswers(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Holds each reversal whose amounts are not those of an earlier answer, nor of all answers to the claim together:
     * it would take back what was never posted. What follows it for the same claim is held too, because it replaces
     * an answer that still counts.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void holdUnmatchedReversals(UUID remittanceId) {
        for (Reversal reversal : reversals(remittanceId)) {
            if (!isHeld(reversal) && !takesBackWhatWasPosted(remittanceId, reversal)) {
                hold(remittanceId, reversal);
            }
        }
    }

    /**
     * Marks each claim that another payment already paid with the same amounts, unless that one was taken back since.
     * It is posted all the same: the money is there, and the credit it leaves can be seen on the account.
     *
     * @return how many
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public int markDoublePayments(UUID remittanceId) {
        return jdbc.sql("""
                        update billing_remittance_claims c
                        set reason = 'possible double payment: another remittance paid the same for this claim'
                        where c.org_id = :org and c.remittance_id = :remittance and c.treatment = 'posted'
                          and c.status_code <> '22' and c.paid_amount <> 0
                          and (select count(*) from billing_remittance_claims p
                               where p.org_id = c.org_id and p.claim_key = c.claim_key and p.claim_id = c.claim_id
                                 and p.treatment = 'posted' and p.remittance_id <> c.remittance_id)
                            > (select count(*) from billing_remittance_claims r
                               where r.org_id = c.org_id and r.claim_id = c.claim_id and r.treatment = 'posted'
                                 and r.status_code = '22' and r.paid_amount = -c.paid_amount)
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .update();
    }

    private List<Reversal> reversals(UUID remittanceId) {
        return jdbc.sql("""
                        select id, claim_id, position, paid_amount, contractual_amount, patient_amount
                        from billing_remittance_claims
                        where org_id = :org and remittance_id = :remittance and treatment = 'posted' and status_code = '22'
                        order by position
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query(Reversal.class)
                .list();
    }

    /** Since it was read: an earlier reversal of the same claim may have held it. */
    private boolean isHeld(Reversal reversal) {
        return jdbc.sql("select treatment <> 'posted' from billing_remittance_claims where org_id = :org and id = :id")
                .param("org", organization())
                .param("id", reversal.id())
                .query(Boolean.class)
                .single();
    }

    private boolean takesBackWhatWasPosted(UUID remittanceId, Reversal reversal) {
        return jdbc.sql("""
                        select count(*) filter (where status_code <> '22' and paid_amount = -:paid
                                                  and contractual_amount = -:contractual and patient_amount = -:patient)
                                 > count(*) filter (where status_code = '22' and paid_amount = :paid
                                                  and contractual_amount = :contractual and patient_amount = :patient)
                            or (count(*) > 0 and coalesce(sum(paid_amount), 0) = -:paid
                                and coalesce(sum(contractual_amount), 0) = -:contractual
                                and coalesce(sum(patient_amount), 0) = -:patient)
                        from billing_remittance_claims
                        where org_id = :org and claim_id = :claim and treatment = 'posted'
                          and (remittance_id <> :remittance or position < :position)
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .param("claim", reversal.claimId())
                .param("position", reversal.position())
                .param("paid", reversal.paidAmount())
                .param("contractual", reversal.contractualAmount())
                .param("patient", reversal.patientAmount())
                .query(Boolean.class)
                .single();
    }

    private void hold(UUID remittanceId, Reversal reversal) {
        jdbc.sql("""
                        update billing_remittance_claims
                        set treatment = 'held',
                            reason = case when id = :id
                                then 'it takes back other amounts than were posted for this claim'
                                else 'it follows a reversal of this claim that is held' end
                        where org_id = :org and remittance_id = :remittance and claim_id = :claim
                          and treatment = 'posted' and position >= :position
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .param("claim", reversal.claimId())
                .param("position", reversal.position())
                .param("id", reversal.id())
                .update();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    record Reversal(UUID id, UUID claimId, int position, long paidAmount, long contractualAmount, long patientAmount) {}
}
