package io.remitflow.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.local.KnownDifferences;
import io.remitflow.local.LocalPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/**
 * The reference for matching: two bare tables of four columns, no row security and no index, compared by one statement that
 * groups both sides, joins them and inserts what differs.
 */
public final class ReferenceMatching {

    private static final String COMPARE = """
            with internal as (
                select reference, count(*) as times, min(amount) as amount, min(currency) as currency, min(state) as state
                from bare_matching.internal group by reference
            ),
            provider as (
                select reference, count(*) as times, min(amount) as amount, min(currency) as currency, min(state) as state
                from bare_matching.provider group by reference
            ),
            compared as (
                select coalesce(i.reference, p.reference) as reference,
                       case when p.reference is null then 'MISSING_PROVIDER' when i.reference is null then 'MISSING_INTERNAL'
                            when i.times > 1 or p.times > 1 then 'DUPLICATE' when i.currency <> p.currency then 'CURRENCY'
                            when i.amount <> p.amount then 'AMOUNT' when i.state <> p.state then 'STATUS'
                            else 'MATCHED' end as result
                from internal i full join provider p on p.reference = i.reference
            )
            insert into bare_matching.exceptions select reference, result from compared where result <> 'MATCHED'
            """;

    private final LocalPostgres postgres;
    private final KnownDifferences known;

    public ReferenceMatching(LocalPostgres postgres, KnownDifferences known) throws SQLException {
        this.postgres = postgres;
        this.known = known;
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop schema if exists bare_matching cascade");
            statement.execute("create schema bare_matching");
            for (String table : new String[] {"internal", "provider"}) {
                statement.execute("""
                        create table bare_matching.%s (reference text not null, amount bigint not null,
                            currency text not null, state text not null)
                        """.formatted(table));
            }
            statement.execute(
                    "create table bare_matching.exceptions (reference text primary key, result text not null)");
            statement.execute("""
                    insert into bare_matching.internal
                    select 'pi_' || substr(md5(i::text), 1, 24), 1000 + mod(i, 100000), 'USD', 'succeeded'
                    from generate_series(0, %d - 1) i
                    """.formatted(known.records()));
            statement.execute("""
                    insert into bare_matching.provider
                    select reference, amount, currency, state from (
                        select 'pi_' || substr(md5(i::text), 1, 24) as reference,
                               1000 + mod(i, 100000) + case when kind = 'amount' then 1 else 0 end as amount,
                               case when kind = 'currency' then 'EUR' else 'USD' end as currency,
                               case when kind = 'state' then 'failed' else 'succeeded' end as state
                        from (select i, %1$s as kind from generate_series(0, %2$d - 1) i) k
                        cross join lateral generate_series(1, case when kind = 'doubled' then 2 else 1 end)
                        where kind <> 'missing'
                        union all
                        select 'pi_' || substr(md5(i::text), 1, 24), 1000, 'USD', 'succeeded'
                        from generate_series(%2$d, %2$d + %3$d - 1) i) p
                    order by md5(reference)
                    """.formatted(KnownDifferences.KIND, known.records(), known.missingHere()));
            statement.execute("analyze bare_matching.internal");
            statement.execute("analyze bare_matching.provider");
        }
    }

    /** One round. */
    public Spent run() throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set max_parallel_workers_per_gather = 0");
            statement.execute("set jit = off");
            statement.execute("set work_mem = '256MB'");
            statement.execute("truncate bare_matching.exceptions");
            Spent spent = Spent.on(postgres, () -> statement.executeUpdate(COMPARE));
            Map<String, Long> found = new HashMap<>();
            try (var rows =
                    statement.executeQuery("select result, count(*) from bare_matching.exceptions group by 1")) {
                while (rows.next()) {
                    found.put(rows.getString(1), rows.getLong(2));
                }
            }
            assertThat(found)
                    .isEqualTo(Map.of(
                            "AMOUNT", known.otherAmount(),
                            "CURRENCY", known.otherCurrency(),
                            "STATUS", known.otherState(),
                            "DUPLICATE", known.doubled(),
                            "MISSING_PROVIDER", known.missingThere(),
                            "MISSING_INTERNAL", known.missingHere()));
            return spent;
        }
    }

    public void drop() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop schema bare_matching cascade");
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(postgres.url(), "postgres", null);
    }
}
