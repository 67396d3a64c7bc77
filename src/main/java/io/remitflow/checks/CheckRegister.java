package io.remitflow.checks;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ledger.UnappliedRegister;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Remainders of checks as of any day: what no invoice took, less what people assigned, until the check came back. */
@Component
class CheckRegister implements UnappliedRegister {

    private final JdbcClient jdbc;

    CheckRegister(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public String documentType() {
        return Checks.SUBJECT;
    }

    /** What remains today stands in its row; what remained on a day follows from what was assigned until then. */
    @Override
    public List<Held> held(LocalDate day, Instant knownAt) {
        return jdbc.sql("""
                        with known as (
                            select id, reverses_entry_id from accounting_journal_entries
                            where org_id = :org and source_document_type = :document and entry_date <= :day and posted_at <= :known
                        ),
                        held as (
                            select c.id, c.number, r.currency, r.amount - coalesce((
                                    select sum(a.amount) from check_payment_applications a join known k on k.id = a.journal_entry_id
                                    where a.org_id = c.org_id and a.check_id = c.id and a.amount > 0
                                      and a.journal_entry_id <> c.journal_entry_id), 0)::bigint as amount
                            from check_remainders r
                            join check_payments c on c.org_id = r.org_id and c.id = r.check_id
                            join known e on e.id = c.journal_entry_id
                            where r.org_id = :org
                              and not exists (select from known k where k.reverses_entry_id = c.journal_entry_id)
                        )
                        select * from held where amount <> 0 order by number
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("document", Checks.SUBJECT)
                .param("day", day)
                .param("known", Timestamp.from(knownAt), Types.TIMESTAMP)
                .query((row, number) -> new Held(
                        row.getObject("id", UUID.class),
                        "Check " + row.getString("number"),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency"))))
                .list();
    }
}
