package io.remitflow.claims;

import io.remitflow.identity.CurrentOrganization;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The rows of claims_coverages. */
@Repository
class InsuranceRows {

    private static final String SELECT = """
            select v.*, p.name as payer_name from claims_coverages v
            join billing_payers p on p.org_id = v.org_id and p.id = v.payer_id
            """;

    private final JdbcClient jdbc;
    private final Clock clock;

    InsuranceRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    List<Insurance> ofAccount(UUID accountId) {
        return jdbc.sql(SELECT + "where v.org_id = :org and v.account_id = :account order by v.position")
                .param("org", organization())
                .param("account", accountId)
                .query(InsuranceRows::insurance)
                .list();
    }

    Optional<Subscriber> subscriber(UUID accountId, UUID payerId) {
        return jdbc.sql(SELECT + "where v.org_id = :org and v.account_id = :account and v.payer_id = :payer")
                .param("org", organization())
                .param("account", accountId)
                .param("payer", payerId)
                .query(InsuranceRows::insurance)
                .optional()
                .map(Insurance::subscriber);
    }

    /** @param position of a new one; a known one keeps its own */
    void save(UUID accountId, UUID payerId, int position, Subscriber subscriber) {
        jdbc.sql("""
                        insert into claims_coverages (org_id, account_id, payer_id, position, member_id, group_number, family_name,
                            given_name, birth_date, sex, street, city, state, postal_code, updated_at)
                        values (:org, :account, :payer, :position, :member, :group, :family, :given, :birth, :sex, :street, :city,
                            :state, :postal, :now)
                        on conflict (org_id, account_id, payer_id) do update set member_id = :member, group_number = :group,
                            family_name = :family, given_name = :given, birth_date = :birth, sex = :sex, street = :street,
                            city = :city, state = :state, postal_code = :postal, updated_at = :now
                        """)
                .param("org", organization())
                .param("account", accountId)
                .param("payer", payerId)
                .param("position", position)
                .param("member", subscriber.memberId().strip())
                .param("group", subscriber.groupNumber())
                .param("family", subscriber.familyName().strip())
                .param("given", subscriber.givenName().strip())
                .param("birth", subscriber.birthDate())
                .param("sex", subscriber.sex())
                .param("street", subscriber.street())
                .param("city", subscriber.city())
                .param("state", subscriber.state().toUpperCase(java.util.Locale.ROOT))
                .param("postal", subscriber.postalCode())
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
    }

    /** Gives the payers of an account the positions 1, 2 and so on. */
    void arrange(UUID accountId, List<UUID> order) {
        jdbc.sql("""
                        update claims_coverages v set position = o.position
                        from unnest(:payers::uuid[]) with ordinality as o (payer_id, position)
                        where v.org_id = :org and v.account_id = :account and v.payer_id = o.payer_id
                          and v.position <> o.position
                        """)
                .param("payers", order.toArray(UUID[]::new))
                .param("org", organization())
                .param("account", accountId)
                .update();
    }

    void delete(UUID accountId, UUID payerId) {
        jdbc.sql("delete from claims_coverages where org_id = :org and account_id = :account and payer_id = :payer")
                .param("org", organization())
                .param("account", accountId)
                .param("payer", payerId)
                .update();
    }

    List<UUID> claimsOf(UUID accountId) {
        return jdbc.sql("select id from billing_claims where org_id = :org and account_id = :account order by id")
                .param("org", organization())
                .param("account", accountId)
                .query(UUID.class)
                .list();
    }

    private static Insurance insurance(ResultSet row, int number) throws SQLException {
        return new Insurance(
                row.getObject("account_id", UUID.class),
                row.getObject("payer_id", UUID.class),
                row.getString("payer_name"),
                row.getInt("position"),
                new Subscriber(
                        row.getString("member_id"),
                        row.getString("group_number"),
                        row.getString("family_name"),
                        row.getString("given_name"),
                        row.getObject("birth_date", LocalDate.class),
                        row.getString("sex"),
                        row.getString("street"),
                        row.getString("city"),
                        row.getString("state"),
                        row.getString("postal_code")),
                row.getObject("updated_at", OffsetDateTime.class).toInstant());
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
