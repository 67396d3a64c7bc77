package io.remitflow.remittance;

import io.remitflow.claims.SecondaryClaims;
import io.remitflow.identity.CurrentOrganization;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Lets claims go on to the patient's next payer, once a remittance is posted. */
@Component
class FurtherPayers {

    private static final int PAGE = 2000;

    private final JdbcClient jdbc;
    private final SecondaryClaims secondaries;

    FurtherPayers(JdbcClient jdbc, SecondaryClaims secondaries) {
        this.jdbc = jdbc;
        this.secondaries = secondaries;
    }

    @Transactional(propagation = Propagation.MANDATORY)
    public void tell(UUID remittanceId) {
        for (int after = 0, count = PAGE; count == PAGE; ) {
            List<Answered> page = page(remittanceId, after);
            secondaries.answered(page.stream().map(Answered::claimId).distinct().toList());
            count = page.size();
            after = page.isEmpty() ? after : page.getLast().position();
        }
    }

    private List<Answered> page(UUID remittanceId, int after) {
        return jdbc.sql("""
                        select position, claim_id from billing_remittance_claims
                        where org_id = :org and remittance_id = :remittance and treatment = 'posted' and position > :after
                        order by position limit :limit
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("remittance", remittanceId)
                .param("after", after)
                .param("limit", PAGE)
                .query(Answered.class)
                .list();
    }

    record Answered(int position, UUID claimId) {}
}
