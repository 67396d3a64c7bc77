package io.remitflow.checks;

import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.UserId;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code check_payers}, {@code check_payer_facilities} and {@code check_payer_proposals}. */
@Repository
class CheckPayerRows {

    private static final String RULES = """
            select p.id, p.payer_pattern, p.covers_all,
                   (select string_agg(f.facility_id::text, ',') from check_payer_facilities f
                     where f.org_id = p.org_id and f.payer_id = p.id) as facilities
            from check_payers p
            """;

    private final JdbcClient jdbc;
    private final Clock clock;

    CheckPayerRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    List<PayerRule> rules() {
        return jdbc.sql(RULES + " order by p.plain_pattern")
                .query((row, index) -> rule(row))
                .list();
    }

    Optional<PayerRule> find(UUID id) {
        return jdbc.sql(RULES + " where p.id = :id")
                .param("id", id)
                .query((row, index) -> rule(row))
                .optional();
    }

    /** @return false if there is such a pattern already */
    boolean insert(PayerRule rule, String plainPattern) {
        boolean inserted = jdbc.sql("""
                                insert into check_payers (org_id, id, payer_pattern, plain_pattern, covers_all, created_by, created_at)
                                values (:org, :id, :pattern, :plain, :all, :by, :now)
                                on conflict (org_id, plain_pattern) do nothing
                                """)
                        .param("org", org())
                        .param("id", rule.id())
                        .param("pattern", rule.pattern())
                        .param("plain", plainPattern)
                        .param("all", rule.coversAll())
                        .param("by", by(), Types.OTHER)
                        .param("now", now())
                        .update()
                == 1;
        if (inserted) {
            insertFacilities(rule);
        }
        return inserted;
    }

    void replaceFacilities(PayerRule rule) {
        jdbc.sql("update check_payers set covers_all = :all where id = :id")
                .param("all", rule.coversAll())
                .param("id", rule.id())
                .update();
        jdbc.sql("delete from check_payer_facilities where payer_id = :id")
                .param("id", rule.id())
                .update();
        insertFacilities(rule);
    }

    boolean delete(UUID id) {
        return jdbc.sql("delete from check_payers where id = :id")
                        .param("id", id)
                        .update()
                == 1;
    }

    /** Only if no rule says so: one that was accepted has lost its rule since. */
    void propose(String payerName, String plainPayer, UUID facility) {
        jdbc.sql("""
                        insert into check_payer_proposals (org_id, id, payer_name, plain_payer, facility_id, support, state,
                            created_at, updated_at)
                        values (:org, :id, :name, :plain, :facility, 1, 'open', :now, :now)
                        on conflict (org_id, plain_payer, facility_id)
                           do update set support = check_payer_proposals.support + 1, updated_at = :now,
                               state = case check_payer_proposals.state when 'accepted' then 'open'
                                       else check_payer_proposals.state end,
                               decided_by = case check_payer_proposals.state when 'accepted' then null
                                            else check_payer_proposals.decided_by end
                        """)
                .param("org", org())
                .param("id", Ids.next())
                .param("name", payerName)
                .param("plain", plainPayer)
                .param("facility", facility)
                .param("now", now())
                .update();
    }

    /** Those with most support first. */
    List<PayerProposal> proposals() {
        return jdbc.sql("""
                        select p.*, a.account_number from check_payer_proposals p
                        join billing_patient_accounts a on a.org_id = p.org_id and a.id = p.facility_id
                        where p.state = 'open' order by p.support desc, p.payer_name, a.account_number limit 200
                        """)
                .query((row, index) -> new PayerProposal(
                        row.getObject("id", UUID.class),
                        row.getString("payer_name"),
                        row.getObject("facility_id", UUID.class),
                        row.getString("account_number"),
                        row.getInt("support")))
                .list();
    }

    /** All open ones for the same payer as this one. */
    List<PayerProposal> proposalsLike(UUID id) {
        return jdbc.sql("""
                        select p.*, a.account_number from check_payer_proposals p
                        join billing_patient_accounts a on a.org_id = p.org_id and a.id = p.facility_id
                        where p.state = 'open'
                          and p.plain_payer = (select o.plain_payer from check_payer_proposals o where o.id = :id and o.state = 'open')
                        for no key update of p
                        """)
                .param("id", id)
                .query((row, index) -> new PayerProposal(
                        row.getObject("id", UUID.class),
                        row.getString("payer_name"),
                        row.getObject("facility_id", UUID.class),
                        row.getString("account_number"),
                        row.getInt("support")))
                .list();
    }

    /** @return false if somebody decided about it already */
    boolean decideProposal(UUID id, String state) {
        return jdbc.sql("""
                                update check_payer_proposals set state = :state, decided_by = :by, updated_at = :now
                                where id = :id and state = 'open'
                                """)
                        .param("id", id)
                        .param("state", state)
                        .param("by", by(), Types.OTHER)
                        .param("now", now())
                        .update()
                == 1;
    }

    private void insertFacilities(PayerRule rule) {
        for (UUID facility : rule.facilities()) {
            jdbc.sql(
                            "insert into check_payer_facilities (org_id, payer_id, facility_id) values (:org, :payer, :facility)")
                    .param("org", org())
                    .param("payer", rule.id())
                    .param("facility", facility)
                    .update();
        }
    }

    private static PayerRule rule(java.sql.ResultSet row) throws java.sql.SQLException {
        return new PayerRule(
                row.getObject("id", UUID.class),
                row.getString("payer_pattern"),
                row.getBoolean("covers_all"),
                ids(row.getString("facilities")));
    }

    private static Set<UUID> ids(@Nullable String joined) {
        return joined == null
                ? Set.of()
                : Arrays.stream(joined.split(",")).map(UUID::fromString).collect(Collectors.toSet());
    }

    private static UUID org() {
        return CurrentOrganization.id().value();
    }

    private static @Nullable UUID by() {
        return CurrentUser.find().map(UserId::value).orElse(null);
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }
}
