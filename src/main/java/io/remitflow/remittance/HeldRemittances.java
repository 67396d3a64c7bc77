package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancyEvidence;
import io.remitflow.discrepancies.DiscrepancyType;
import io.remitflow.discrepancies.FoundDiscrepancy;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Wholly held remittances as discrepancies: money that a payer announced and our books do not have, with an owner, a
 * deadline and an escalation. The case ends by itself when the remittance leaves its hold, or when another one of the same
 * trace number is posted in its place.
 */
@Component
class HeldRemittances implements DiscrepancyEvidence {

    static final String SUBJECT = "held-remittance";

    private final JdbcClient jdbc;
    private final Discrepancies discrepancies;
    private final Organizations organizations;

    HeldRemittances(JdbcClient jdbc, Discrepancies discrepancies, Organizations organizations) {
        this.jdbc = jdbc;
        this.discrepancies = discrepancies;
        this.organizations = organizations;
    }

    /** Opens its case, or opens it again. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void held(UUID remittanceId, EraTransaction header) {
        LocalDate paid = header.paymentDate();
        discrepancies.report(
                remittanceId,
                SUBJECT,
                List.of(new FoundDiscrepancy(
                        DiscrepancyType.MISSING_INTERNAL_RECORD,
                        SUBJECT,
                        remittanceId.toString(),
                        remittanceId,
                        "held remittance " + header.traceNumber(),
                        Amounts.ofMinor(Math.absExact(header.paidMinor()), header.currency()),
                        paid == null ? organizations.today() : paid)));
    }

    /** It is posted, and with it what was held under the same payer and trace number. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void posted(EraTransaction header) {
        end(
                jdbc.sql("""
                        select d.id from reconciliation_discrepancies d
                        join billing_remittances r on r.org_id = d.org_id and r.id = d.subject_id
                        where d.org_id = :org and d.subject_type = :type and d.status <> 'resolved'
                          and r.payer_identifier = :payer and r.trace_number = :trace
                        order by d.id
                        """).param("payer", header.payerIdentifier()).param("trace", header.traceNumber()),
                "A remittance with this trace number is posted");
    }

    /** It waits for its review instead, which is a task of its own. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void toReview(UUID remittanceId) {
        end(jdbc.sql("""
                        select d.id from reconciliation_discrepancies d
                        where d.org_id = :org and d.subject_type = :type and d.subject_id = :id and d.status <> 'resolved'
                        """).param("id", remittanceId), "It was opened again and waits for its review");
    }

    private void end(JdbcClient.StatementSpec cases, String evidence) {
        discrepancies.agree(
                cases.param("org", CurrentOrganization.id().value())
                        .param("type", SUBJECT)
                        .query(UUID.class)
                        .list(),
                evidence);
    }

    @Override
    public String subjectType() {
        return SUBJECT;
    }

    @Override
    @Transactional(readOnly = true)
    public List<Compared> of(String subjectKey) {
        return jdbc.sql("""
                        select r.*, (select string_agg(f.text, ' ' order by f.position) from billing_remittance_findings f
                                     where f.org_id = r.org_id and f.remittance_id = r.id and f.holds) as why
                        from billing_remittances r where r.org_id = :org and r.id = :id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", UUID.fromString(subjectKey))
                .query((row, number) -> {
                    List<Compared> facts = new ArrayList<>();
                    String currency = row.getString("currency");
                    boolean posted = row.getString("state").equals("posted");
                    String paid = Amounts.format(row.getLong("paid_amount"), currency) + " " + currency;
                    facts.add(new Compared("Payment", posted ? paid : null, paid));
                    String payer = row.getString("payer_name");
                    String trace = row.getString("trace_number");
                    facts.add(new Compared("Payer", payer, payer));
                    facts.add(new Compared("Trace number", trace, trace));
                    facts.add(new Compared(
                            "Why it is held",
                            Objects.requireNonNullElse(row.getString("why"), "not held any more"),
                            ""));
                    return facts;
                })
                .optional()
                .orElse(List.of());
    }

    @Override
    public @Nullable String href(Discrepancy discrepancy) {
        return "/app/remittances/" + discrepancy.subjectKey();
    }
}
