package io.remitflow.local;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;

/** A new organization for one test, with someone for each role as soon as the test asks for them. */
public final class TestHospital {

    public static final String PASSWORD = "correct horse battery";

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

    public static TestHospital create(ApplicationContext context) {
        String code = "test-%d-%d".formatted(ProcessHandle.current().pid(), NUMBER.incrementAndGet());
        var id = context.getBean(Organizations.class)
                .create(code, "Hospital " + code, ZoneId.of("America/New_York"), CurrencyUnit.USD);
        return new TestHospital(context.getBean(Users.class), id, code);
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
