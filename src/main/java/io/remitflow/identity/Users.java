package io.remitflow.identity;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The people of the current organization.
 *
 * <p>A sign-in name is {@code clerk} for someone of the default organization and {@code clerk@code} for someone of another.
 */
@Service
public class Users {

    private static final Pattern USERNAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern EMAIL = Pattern.compile("[^\\s@<>\"',;:]+@[^\\s@<>\"',;:]+\\.[^\\s@<>\"',;:]+");
    private static final String SELECT = """
            select u.org_id, u.id, u.username, u.display_name, u.email, u.active, u.password_hash, u.session_epoch,
                   array(select role from user_roles r where r.org_id = u.org_id and r.user_id = u.id) as roles
              from users u
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final TransactionTemplate ownTransactions;
    private final Organizations organizations;
    private final PasswordEncoder passwords;
    private final AuditLog audit;
    private final String defaultOrganization;

    Users(
            JdbcClient jdbc,
            TransactionTemplate transactions,
            Organizations organizations,
            PasswordEncoder passwords,
            AuditLog audit,
            @Value("${remitflow.default-organization:mercy}") String defaultOrganization) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.ownTransactions = new TransactionTemplate(
                Objects.requireNonNull(transactions.getTransactionManager()),
                new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_REQUIRES_NEW));
        this.organizations = organizations;
        this.passwords = passwords;
        this.audit = audit;
        this.defaultOrganization = defaultOrganization;
    }

    @Transactional(readOnly = true)
    public Optional<Person> find(UserId id) {
        return byId(id).map(Account::person);
    }

    /** Across organizations: the name itself says which one. */
    public Optional<Person> bySignInName(String signInName) {
        return account(signInName).map(Account::person);
    }

    public String signInName(UserId id) {
        var person = in(CurrentOrganization.id(), () -> byId(id))
                .map(Account::person)
                .orElseThrow(() -> RuleViolation.notFound("user"));
        var organization = organizations.current();
        return organization.code().equals(defaultOrganization)
                ? person.username()
                : person.username() + "@" + organization.code();
    }

    @Transactional(readOnly = true)
    public List<Person> all() {
        return jdbc.sql(SELECT + "order by u.active desc, u.username").query(Users::read).list().stream()
                .map(Account::person)
                .toList();
    }

    @Transactional
    public UserId create(String username, String displayName, @Nullable String rawPassword, Set<Role> roles) {
        if (!USERNAME.matcher(username).matches()) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "A user name is made of lower-case letters, digits, dots and dashes, and starts with a letter or digit");
        }
        if (displayName.isBlank() || displayName.length() > 120) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "A user needs a name of at most 120 characters");
        }
        var id = UserId.next();
        int inserted = jdbc.sql("""
                        insert into users (org_id, id, username, display_name, password_hash)
                        values (:org, :id, :username, :name, :hash) on conflict do nothing
                        """)
                .param("org", organization())
                .param("id", id.value())
                .param("username", username)
                .param("name", displayName.strip())
                .param("hash", rawPassword == null ? null : encoded(rawPassword))
                .update();
        if (inserted == 0) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "The user name %s is taken".formatted(username));
        }
        insertRoles(id, roles);
        audit.record("user.created", "user", id.toString(), Map.of("username", username, "roles", keys(roles)));
        return id;
    }

    /** Without a password, for somebody who signs in by an identity provider alone. */
    @Transactional
    public UserId create(
            String username,
            String displayName,
            @Nullable String email,
            @Nullable String rawPassword,
            Set<Role> roles) {
        var id = create(username, displayName, rawPassword, roles);
        setEmail(id, email);
        return id;
    }

    /** Takes effect with the person's next request. */
    @Transactional
    public void setRoles(UserId id, Set<Role> roles) {
        var before = locked(id).roles();
        jdbc.sql("delete from user_roles where org_id = :org and user_id = :id")
                .param("org", organization())
                .param("id", id.value())
                .update();
        insertRoles(id, roles);
        audit.record("user.roles-changed", "user", id.toString(), Map.of("before", keys(before), "after", keys(roles)));
    }

    /** Ends the person's sessions at their next request. */
    @Transactional
    public void deactivate(UserId id) {
        if (locked(id).active()) {
            update(id, "active = false, session_epoch = session_epoch + 1", null);
            audit.record("user.deactivated", "user", id.toString(), Map.of());
        }
    }

    @Transactional
    public void activate(UserId id) {
        if (!locked(id).active()) {
            update(id, "active = true", null);
            audit.record("user.activated", "user", id.toString(), Map.of());
        }
    }

    /** Ends every session of the person; whoever changed their own password signs in again. */
    @Transactional
    public void changePassword(UserId id, String rawPassword) {
        locked(id);
        update(id, "password_hash = :hash, session_epoch = session_epoch + 1", encoded(rawPassword));
        audit.record("user.password-changed", "user", id.toString(), Map.of());
    }

    /** By it an identity provider's people are known, so it is unique in the organization; nothing or blank takes it away. */
    @Transactional
    public void setEmail(UserId id, @Nullable String email) {
        String address = email == null || email.isBlank() ? null : email.strip().toLowerCase(Locale.ROOT);
        if (address != null
                && (address.length() > 254 || !EMAIL.matcher(address).matches())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "This is not an e-mail address, such as jane@hospital.org");
        }
        if (Objects.equals(locked(id).email(), address)) {
            return;
        }
        try {
            jdbc.sql("update users set email = :email where org_id = :org and id = :id")
                    .param("email", address)
                    .param("org", organization())
                    .param("id", id.value())
                    .update();
        } catch (DuplicateKeyException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "Somebody else has this e-mail address");
        }
        audit.record("user.email-changed", "user", id.toString(), Map.of());
    }

    /** {@code name@code}, whether the organization was named or not. */
    String fullName(String signInName) {
        return signInName.indexOf('@') < 0 ? signInName + "@" + defaultOrganization : signInName;
    }

    /** For sign-in: with the password hash, which no record of this module's face carries. */
    Optional<Account> account(String signInName) {
        String name = fullName(signInName);
        int at = name.indexOf('@');
        return account(name.substring(at + 1), "username", name.substring(0, at));
    }

    /** The one active person of these organizations; none if several are meant. */
    Optional<Account> onlyAccount(Set<String> organizationCodes, String column, String value) {
        var found = organizationCodes.stream()
                .flatMap(code -> account(code, column, value.strip().toLowerCase(Locale.ROOT)).stream())
                .filter(account -> account.person().active())
                .toList();
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    private Optional<Account> account(String organizationCode, String column, String value) {
        return organizations
                .byCode(organizationCode)
                .flatMap(organization -> in(
                        organization.id(),
                        () -> jdbc.sql(SELECT + "where u." + column + " = :value")
                                .param("value", value)
                                .query(Users::read)
                                .optional()));
    }

    Optional<Account> account(OrganizationId organization, UserId id) {
        return in(organization, () -> byId(id));
    }

    /** A running transaction belongs to its organization; to look into another one takes a transaction of its own. */
    private <T> T in(OrganizationId organization, Supplier<T> query) {
        boolean another = !CurrentOrganization.find().equals(Optional.of(organization));
        return CurrentOrganization.call(
                organization,
                () -> Objects.requireNonNull(
                        (another ? ownTransactions : transactions).execute(transaction -> query.get())));
    }

    private Optional<Account> byId(UserId id) {
        return jdbc.sql(SELECT + "where u.id = :id")
                .param("id", id.value())
                .query(Users::read)
                .optional();
    }

    private Person locked(UserId id) {
        var row = jdbc.sql("select id from users where org_id = :org and id = :id for no key update")
                .param("org", organization())
                .param("id", id.value())
                .query(UUID.class)
                .optional();
        return row.flatMap(ignored -> byId(id)).map(Account::person).orElseThrow(() -> RuleViolation.notFound("user"));
    }

    private void update(UserId id, String assignments, @Nullable String hash) {
        jdbc.sql("update users set " + assignments + " where org_id = :org and id = :id")
                .param("hash", hash)
                .param("org", organization())
                .param("id", id.value())
                .update();
    }

    private void insertRoles(UserId id, Set<Role> roles) {
        for (var role : roles) {
            jdbc.sql("insert into user_roles (org_id, user_id, role) values (:org, :id, :role)")
                    .param("org", organization())
                    .param("id", id.value())
                    .param("role", role.key())
                    .update();
        }
    }

    private String encoded(String rawPassword) {
        if (rawPassword.isBlank() || rawPassword.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > 72) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "A password has at most 72 characters and is not blank");
        }
        return passwords.encode(rawPassword);
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    private static String keys(Set<Role> roles) {
        return roles.stream().map(Role::key).sorted().collect(Collectors.joining(","));
    }

    private static Account read(ResultSet row, int number) throws SQLException {
        var roles = Arrays.stream((String[]) row.getArray("roles").getArray())
                .flatMap(key -> Role.ofKey(key).stream())
                .collect(Collectors.toSet());
        var person = new Person(
                new UserId(row.getObject("id", UUID.class)),
                new OrganizationId(row.getObject("org_id", UUID.class)),
                row.getString("username"),
                row.getString("display_name"),
                row.getString("email"),
                row.getBoolean("active"),
                roles);
        return new Account(person, row.getString("password_hash"), row.getInt("session_epoch"));
    }

    record Account(Person person, @Nullable String passwordHash, int sessionEpoch) {}
}
