package io.remitflow.local;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A new organization for one test, with someone for each role as soon as the test asks for them. */
public final class TestHospital {

    public static final String PASSWORD = "correct horse battery";

    private static final ZoneId ZONE = ZoneId.of("America/New_York");

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Users users;
    private final OrganizationId id;
    private final String code;
    private final Map<Role, UserId> people = new EnumMap<>(Role.class);

    private TestHospital(Users users, OrganizationId id, String code) {
        this.users = users;
        this.id = id;
        this.code = code;
    }

    /** The day where the hospitals of tests are, which is not that of UTC in the evening. */
    public static LocalDate today() {
        return LocalDate.now(ZONE);
    }

    public static TestHospital create(ApplicationContext context) {
        return create(context, CurrencyUnit.USD);
    }

    public static TestHospital create(ApplicationContext context, CurrencyUnit currency) {
        String code = "test-%d-%d".formatted(ProcessHandle.current().pid(), NUMBER.incrementAndGet());
        var id = context.getBean(Organizations.class).create(code, "Hospital " + code, ZONE, currency);
        return new TestHospital(context.getBean(Users.class), id, code);
    }

    /** For tests whose configuration names an organization: the same one for all of their methods. */
    public static TestHospital named(ApplicationContext context, String code) {
        var organizations = context.getBean(Organizations.class);
        var id = organizations
                .byCode(code)
                .map(Organization::id)
                .orElseGet(() -> organizations.create(code, "Hospital " + code, ZONE, CurrencyUnit.USD));
        var hospital = new TestHospital(context.getBean(Users.class), id, code);
        hospital.run(() -> hospital.users
                .all()
                .forEach(person ->
                        Role.ofKey(person.username()).ifPresent(role -> hospital.people.put(role, person.id()))));
        return hospital;
    }

    /** One that was opened in another way. */
    public static TestHospital of(ApplicationContext context, OrganizationId id) {
        return CurrentOrganization.call(
                id,
                () -> named(
                        context, context.getBean(Organizations.class).current().code()));
    }

    /** For tests that damage their books on purpose: takes the hospital away, so that invariants are about the others. */
    public void forget() {
        var superuser = TestServices.postgres().superuser();
        var database = JdbcClient.create(superuser);
        List<String> tables = database.sql("""
                        select c.oid::regclass::text from pg_class c join pg_attribute a on a.attrelid = c.oid
                        where a.attname = 'org_id' and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
                        """).query(String.class).list();
        new TransactionTemplate(new JdbcTransactionManager(superuser)).executeWithoutResult(transaction -> {
            // As a replica no trigger and no foreign key is asked.
            database.sql("set local session_replication_role = replica").update();
            tables.forEach(table -> database.sql("delete from %s where org_id = :org".formatted(table))
                    .param("org", id.value())
                    .update());
        });
    }

    public OrganizationId id() {
        return id;
    }

    public String code() {
        return code;
    }

    public synchronized UserId user(Role role) {
        var known = people.get(role);
        if (known != null) {
            return known;
        }
        var created = call(() -> users.create(role.key(), role.title(), PASSWORD, Set.of(role)));
        people.put(role, created);
        return created;
    }

    /** With {@link #PASSWORD} what HTTP Basic and the sign-in page take. */
    public String signInName(Role role) {
        user(role);
        return role.key() + "@" + code;
    }

    public <T extends @Nullable Object> T call(Supplier<T> work) {
        return CurrentOrganization.call(id, work);
    }

    public void run(Runnable work) {
        CurrentOrganization.run(id, work);
    }

    /** As if someone of that role were signed in. */
    public void runAs(Role role, Runnable work) {
        var user = user(role);
        run(() -> CurrentUser.run(user, work));
    }
}
