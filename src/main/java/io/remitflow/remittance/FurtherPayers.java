package io.remitflow.remittance;

import io.remitflow.claims.SecondaryClaims;
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
    public void tell(PostedPart part) {
        for (int after = 0, count = PAGE; count == PAGE; ) {
            List<Answered> page = page(part, after);
            secondaries.answered(page.stream().map(Answered::claimId).distinct().toList());
            count = page.size();
            after = page.isEmpty() ? after : page.getLast().position();
        }
    }

    private List<Answered> page(PostedPart part, int after) {
        return part.bind(jdbc.sql("""
                        select c.position, c.claim_id from billing_remittance_claims c
                        where %s and c.position > :after
                        order by c.position limit :limit
                        """.formatted(part.posted("c"))))
                .param("after", after)
                .param("limit", PAGE)
                .query(Answered.class)
                .list();
    }

    record Answered(int position, UUID claimId) {}
}
