package io.remitflow.ledger;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What is still open between an outside event and its counterpart. */
@Service
public class Clearing {

    private static final String SELECT = """
            select r.*, a.account_code, a.account_name from accounting_clearing_references r
              join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
             where r.org_id = :org
            """;

    private final JdbcClient jdbc;
    private final Organizations organizations;

    Clearing(JdbcClient jdbc, Organizations organizations) {
        this.jdbc = jdbc;
        this.organizations = organizations;
    }

    /** Debit minus credit of one reference; zero when it is settled or was never seen. */
    @Transactional(readOnly = true)
    public Money balance(StandardAccount account, ClearingReference reference) {
        return jdbc.sql("""
                        select a.currency, coalesce(r.balance, 0) as balance from accounting_chart_of_accounts a
                          left join accounting_clearing_references r on r.org_id = a.org_id and r.account_id = a.id
                               and r.reference_kind = :kind and r.reference_value = :value
                         where a.org_id = :org and a.account_code = :code
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("code", account.code())
                .param("kind", reference.kind())
                .param("value", reference.value())
                .query((row, number) -> Amounts.ofMinor(row.getLong("balance"), row.getString("currency")))
                .single();
    }

    /** All references whose balance is not zero, oldest first. */
    @Transactional(readOnly = true)
    public List<OpenReference> open() {
        var today = organizations.today();
        return jdbc.sql(SELECT + " and r.balance <> 0 order by r.opened_on, r.id")
                .param("org", CurrentOrganization.id().value())
                .query((row, number) -> read(row, today))
                .list();
    }

    /** Those of one account, oldest first. */
    @Transactional(readOnly = true)
    public List<OpenReference> open(StandardAccount account) {
        var today = organizations.today();
        return jdbc.sql(SELECT + " and a.account_code = :code and r.balance <> 0 order by r.opened_on, r.id")
                .param("org", CurrentOrganization.id().value())
                .param("code", account.code())
                .query((row, number) -> read(row, today))
                .list();
    }

    /** A reference whether open or settled. */
    @Transactional(readOnly = true)
    public Optional<OpenReference> find(UUID id) {
        var today = organizations.today();
        return jdbc.sql(SELECT + " and r.id = :id")
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .query((row, number) -> read(row, today))
                .optional();
    }

    /** By what people know it by, whether open or settled; empty if nothing was ever posted under it. */
    @Transactional(readOnly = true)
    public Optional<OpenReference> find(StandardAccount account, ClearingReference reference) {
        var today = organizations.today();
        return jdbc.sql(SELECT
                        + " and a.account_code = :code and r.reference_kind = :kind and r.reference_value = :value")
                .param("org", CurrentOrganization.id().value())
                .param("code", account.code())
                .param("kind", reference.kind())
                .param("value", reference.value())
                .query((row, number) -> read(row, today))
                .optional();
    }

    /** Those of the values under which something was ever posted, whether open or settled. */
    @Transactional(readOnly = true)
    public Set<String> known(StandardAccount account, String kind, Collection<String> values) {
        return values.isEmpty()
                ? Set.of()
                : Set.copyOf(jdbc.sql("""
                                select r.reference_value from accounting_clearing_references r
                                  join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
                                 where r.org_id = :org and a.account_code = :code and r.reference_kind = :kind
                                   and r.reference_value = any(:values)
                                """)
                        .param("org", CurrentOrganization.id().value())
                        .param("code", account.code())
                        .param("kind", kind)
                        .param("values", values.toArray(String[]::new))
                        .query(String.class)
                        .list());
    }

    private static OpenReference read(ResultSet row, LocalDate today) throws SQLException {
        var openedOn = row.getObject("opened_on", LocalDate.class);
        return new OpenReference(
                row.getObject("id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getString("account_code"),
                row.getString("account_name"),
                new ClearingReference(row.getString("reference_kind"), row.getString("reference_value")),
                Amounts.ofMinor(row.getLong("balance"), row.getString("currency")),
                openedOn,
                row.getObject("last_entry_on", LocalDate.class),
                Math.max(0, ChronoUnit.DAYS.between(openedOn, today)));
    }
}
