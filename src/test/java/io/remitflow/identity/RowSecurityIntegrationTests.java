package io.remitflow.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.zaxxer.hikari.HikariDataSource;
import io.remitflow.core.Ids;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.ui.BusyHospital;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Cases E3 to E7: one organization's rows do not exist for another, whatever SQL is sent. */
@BooksTest
class RowSecurityIntegrationTests {

    /** Unique keys without org_id, each with its reason. */
    private static final Map<String, String> UNIQUE_ACROSS_ORGANIZATIONS = Map.of(
            "organizations_pkey", "its key is the org_id",
            "organizations_code_key", "the directory: codes must differ between organizations");

    @Autowired
    ApplicationContext context;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    TransactionTemplate transactions;

    TestHospital hospital;
    TestHospital other;
    JdbcClient superuser;

    @BeforeEach
    void openHospitals() {
        hospital = TestHospital.create(context);
        hospital.user(Role.BILLING_CLERK);
        other = TestHospital.create(context);
        superuser = JdbcClient.create(TestServices.postgres().superuser());
    }

    @Test
    void readsEveryTableAsAnotherOrganizationAndFindsNothing() {
        requireSomethingToFind();
        assertThat(tables())
                .contains("users", "audit_log")
                .allSatisfy(table -> other.run(() -> transactions.executeWithoutResult(transaction -> assertThat(
                                jdbc.sql("select count(*) from %s where org_id <> :own".formatted(table))
                                        .param("own", other.id().value())
                                        .query(Long.class)
                                        .single())
                        .as(table)
                        .isZero())));
    }

    @Test
    void e3_withoutOrganizationNoRowsAndNoInsert() {
        requireSomethingToFind();
        assertThat(tables()).allSatisfy(table -> {
            assertThat(count(table)).as(table + " in a transaction").isZero();
            assertThat(jdbc.sql("select count(*) from " + table)
                            .query(Long.class)
                            .single())
                    .as(table + " outside of any transaction")
                    .isZero();
        });
        assertThatExceptionOfType(DataAccessException.class)
                .isThrownBy(
                        () -> transactions.executeWithoutResult(transaction -> insertUser(hospital.id(), "intruder")))
                .havingRootCause()
                .withMessageContaining("row-level security");
    }

    @Test
    void e3_noInsertAndNoChangeInTheNameOfAnotherOrganization() {
        assertThatExceptionOfType(DataAccessException.class)
                .isThrownBy(() -> other.run(
                        () -> transactions.executeWithoutResult(transaction -> insertUser(hospital.id(), "intruder"))))
                .havingRootCause()
                .withMessageContaining("row-level security");
        other.run(() -> transactions.executeWithoutResult(
                transaction -> assertThat(jdbc.sql("update users set active = false where org_id = :id")
                                .param("id", hospital.id().value())
                                .update())
                        .isZero()));
        assertThatExceptionOfType(DataAccessException.class)
                .isThrownBy(() -> hospital.run(() ->
                        transactions.executeWithoutResult(transaction -> jdbc.sql("update users set org_id = :other")
                                .param("other", other.id().value())
                                .update())));
    }

    @Test
    void e4_aReusedConnectionCarriesNothingOver() {
        try (var one = new HikariDataSource()) {
            var postgres = TestServices.postgres().properties();
            one.setJdbcUrl(postgres.get("spring.datasource.url"));
            one.setUsername(postgres.get("spring.datasource.username"));
            one.setPassword(postgres.get("spring.datasource.password"));
            one.setMaximumPoolSize(1);
            var client = JdbcClient.create(one);
            var inTransaction = new TransactionTemplate(new OrganizationTransactionManager(one));

            for (int round = 0; round < 3; round++) {
                for (var turn : List.of(hospital, other)) {
                    List<UUID> seen = turn.call(() ->
                            Objects.requireNonNull(inTransaction.execute(transaction -> organizationsSeen(client))));
                    assertThat(seen)
                            .isEqualTo(turn == hospital ? List.of(hospital.id().value()) : List.of());
                }
                assertThat(inTransaction.<List<UUID>>execute(transaction -> organizationsSeen(client)))
                        .isEmpty();
                assertThat(organizationsSeen(client)).isEmpty();
            }
        }
    }

    @Test
    void e5_keysTellNothingAboutAnotherOrganization() {
        UUID foreign = hospital.user(Role.BILLING_CLERK).value();

        assertThatExceptionOfType(DataAccessException.class)
                .as("a foreign key to another organization's row")
                .isThrownBy(() -> other.run(() -> transactions.executeWithoutResult(transaction -> jdbc.sql(
                                "insert into user_roles (org_id, user_id, role) values (:org, :user, 'cfo')")
                        .param("org", other.id().value())
                        .param("user", foreign)
                        .update())))
                .havingRootCause()
                .withMessageContaining("foreign key");
        other.run(() -> transactions.executeWithoutResult(transaction -> insertUser(other.id(), "billing-clerk")));
    }

    @Test
    void e6_everyTableIsProtected() {
        assertThat(names("""
                select c.relname from pg_class c
                 where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
                   and c.relname <> 'flyway_schema_history'
                   and not (c.relrowsecurity and c.relforcerowsecurity
                            and exists (select from pg_policy p where p.polrelid = c.oid and p.polwithcheck is not null))
                """))
                .as("without enabled and forced row security and a policy with check")
                .isEmpty();
        assertThat(names("""
                select c.relname from pg_class c
                 where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
                   and c.relname <> 'flyway_schema_history'
                   and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id' and a.attnotnull)
                """)).as("without org_id").isEmpty();
        assertThat(names("""
                select c.relname || '.' || p.polname from pg_policy p join pg_class c on c.oid = p.polrelid
                 where pg_get_expr(p.polqual, p.polrelid) not like '%remitflow.org_id%' and c.relname <> 'organizations'
                """))
                .as("policies that do not ask for the organization")
                .isEmpty();
        assertThat(names("select relname from pg_class where relkind = 'v' and relnamespace = 'public'::regnamespace "
                        + "and not coalesce(reloptions::text, '') like '%security_invoker=true%'"))
                .as("views with the rights of their owner")
                .isEmpty();
    }

    @Test
    void e6_everyKeyContainsTheOrganization() {
        assertThat(names("""
                select i.relname from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
                 where x.indisunique and t.relnamespace = 'public'::regnamespace and t.relname <> 'flyway_schema_history'
                   and not exists (select from pg_attribute a
                                    where a.attrelid = t.oid and a.attnum = any (x.indkey::int2[]) and a.attname = 'org_id')
                """).stream().filter(index -> !UNIQUE_ACROSS_ORGANIZATIONS.containsKey(index)))
                .as("unique keys without org_id")
                .isEmpty();
        assertThat(names("""
                select f.conname from pg_constraint f
                 where f.contype = 'f' and f.connamespace = 'public'::regnamespace
                   and not (exists (select from pg_attribute a where a.attrelid = f.conrelid and a.attnum = any (f.conkey) and a.attname = 'org_id')
                        and exists (select from pg_attribute a where a.attrelid = f.confrelid and a.attnum = any (f.confkey) and a.attname = 'org_id'))
                """)).as("foreign keys without org_id").isEmpty();
    }

    @Test
    void e6_theApplicationMayNotGoAroundIt() {
        assertThat(names(
                        "select rolname from pg_roles where rolname = 'remitflow_app' and (rolsuper or rolbypassrls or "
                                + "rolcreatedb or rolcreaterole)"))
                .isEmpty();
        assertThat(names("select relname from pg_class where relowner = 'remitflow_app'::regrole"))
                .as("owned by the application")
                .isEmpty();
        assertThat(names("""
                select relname from pg_class
                 where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
                   and (has_table_privilege('remitflow_app', oid, 'TRUNCATE') or has_table_privilege('remitflow_app', oid, 'TRIGGER')
                        or has_table_privilege('remitflow_app', oid, 'REFERENCES'))
                """)).as("may be truncated by the application").isEmpty();
        assertThat(superuser.sql("""
                                select has_schema_privilege('remitflow_app', 'public', 'CREATE')
                                    or has_database_privilege('remitflow_app', current_database(), 'TEMPORARY')
                                """).query(Boolean.class).single())
                .as("may create objects")
                .isFalse();
        assertThat(names("""
                select p.proname from pg_proc p
                 where p.pronamespace = 'public'::regnamespace and p.prosecdef
                   and has_function_privilege('remitflow_app', p.oid, 'EXECUTE')
                """)).as("functions with the rights of their owner").isEmpty();
    }

    @Test
    void e7_threadsOfTwoOrganizationsDoNotMix() throws Exception {
        Users users = context.getBean(Users.class);
        other.user(Role.CFO);
        List<Callable<Boolean>> work = IntStream.range(0, 400)
                .<Callable<Boolean>>mapToObj(number -> () -> {
                    var turn = number % 2 == 0 ? hospital : other;
                    return turn.call(users::all).stream()
                            .allMatch(person -> person.organization().equals(turn.id()));
                })
                .toList();
        try (var pool = Executors.newFixedThreadPool(16)) {
            for (var answer : pool.invokeAll(work)) {
                assertThat(answer.get()).isTrue();
            }
        }
        assertThat(CurrentOrganization.find()).isEmpty();
    }

    @Test
    void e7_workWithoutAnOrganizationIsRefused() {
        assertThatIllegalStateException().isThrownBy(CurrentOrganization::id);
        assertThatIllegalStateException()
                .isThrownBy(() -> context.getBean(Organizations.class).current());
    }

    /** That no row is seen says nothing of a table without rows. */
    private void requireSomethingToFind() {
        UUID busy = BusyHospital.shared(context).value();
        List<String> all = tables();
        assertThat(all.stream()
                        .filter(table -> superuser
                                .sql("select exists (select from %s where org_id = :org)".formatted(table))
                                .param("org", busy)
                                .query(Boolean.class)
                                .single()))
                .as("tables with rows of a busy hospital, of all %d", all.size())
                .hasSizeGreaterThan(all.size() / 2)
                .contains(
                        "users",
                        "audit_log",
                        "accounting_journal_lines",
                        "accounting_bank_lines",
                        "billing_claims",
                        "billing_payments",
                        "intake_files",
                        "workflow_outbox");
    }

    private long count(String table) {
        return Objects.requireNonNull(transactions.execute(transaction ->
                jdbc.sql("select count(*) from " + table).query(Long.class).single()));
    }

    private void insertUser(OrganizationId organization, String username) {
        jdbc.sql("insert into users (org_id, id, username, display_name) values (:org, :id, :name, :name)")
                .param("org", organization.value())
                .param("id", Ids.next())
                .param("name", username)
                .update();
    }

    private static List<UUID> organizationsSeen(JdbcClient client) {
        return client.sql("select distinct org_id from users").query(UUID.class).list();
    }

    private List<String> tables() {
        return names("""
                select c.relname from pg_class c
                 where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
                   and c.relname not in ('flyway_schema_history', 'organizations')
                """);
    }

    private List<String> names(String sql) {
        return superuser.sql(sql).query(String.class).list();
    }
}
