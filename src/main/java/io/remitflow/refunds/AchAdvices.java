package io.remitflow.refunds;

import io.remitflow.core.CardNumbers;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Payments that came in by ACH, as their addenda describe them (CCD+, domain-rules 4.5): the trace number of the remittance,
 * which the line of the statement often lacks. Nothing is posted for them: the money is in the statement.
 */
@Service
public class AchAdvices {

    private final JdbcClient jdbc;
    private final Organizations organizations;
    private final Clock clock;

    AchAdvices(JdbcClient jdbc, Organizations organizations, Clock clock) {
        this.jdbc = jdbc;
        this.organizations = organizations;
        this.clock = clock;
    }

    /**
     * A payment of which a bank told the trace number.
     *
     * @param effectiveOn when the payer meant it to arrive; if the file does not say, when the file came
     * @param amountMinor above zero, in US cents
     */
    public record Advice(LocalDate effectiveOn, long amountMinor, String traceNumber) {}

    /** Those that were to arrive in these days. */
    @Transactional(readOnly = true)
    public List<Advice> between(LocalDate from, LocalDate to) {
        return jdbc.sql("""
                        select distinct effective_on, amount, trace_number from refund_ach_advices
                        where org_id = :org and effective_on between :from and :to
                        order by effective_on, trace_number, amount
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("from", from)
                .param("to", to)
                .query((row, number) -> new Advice(
                        row.getObject("effective_on", LocalDate.class),
                        row.getLong("amount"),
                        row.getString("trace_number")))
                .list();
    }

    void record(UUID fileId, NachaReader.Advice advice) {
        jdbc.sql("""
                        insert into refund_ach_advices (org_id, id, file_id, position, effective_on, amount, trace_number,
                            payer_identifier, company, recorded_at)
                        values (:org, :id, :file, :position, :on, :amount, :trace, :payer, :company, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("file", fileId)
                .param("position", advice.line())
                .param("on", advice.effectiveOn() == null ? organizations.today() : advice.effectiveOn())
                .param("amount", advice.amountMinor())
                .param("trace", advice.traceNumber())
                .param("payer", advice.payerIdentifier())
                .param("company", CardNumbers.removedFrom(advice.company()))
                .param("now", Timestamp.from(clock.instant()))
                .update();
    }
}
