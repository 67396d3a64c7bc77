package io.remitflow.identity;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Authority to approve that somebody absent lends to somebody else: recorded, limited in time, and never passed on. It lends
 * no permission to request, change or pay out, and who takes part in a case is judged without it.
 */
@Service
@Transactional
public class Delegations {

    /** Longer absences are decided again. */
    public static final Duration LONGEST = Duration.ofDays(31);

    private static final Set<Permission> LENDABLE = Set.of(
            Permission.REFUNDS_APPROVE,
            Permission.WRITE_OFFS_APPROVE,
            Permission.REMITTANCES_APPROVE,
            Permission.RULES_APPROVE);
    private static final int MAX_REASON = 200;

    private final JdbcClient jdbc;
    private final Users users;
    private final AuditLog audit;
    private final Clock clock;

    Delegations(JdbcClient jdbc, Users users, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.users = users;
        this.audit = audit;
        this.clock = clock;
    }

    /** As {@link #lend(UserId, UserId, Set, Instant, Instant, String)}, all roles of the person. */
    public UUID lend(UserId delegator, UserId delegate, Instant from, Instant until, String reason) {
        return lend(delegator, delegate, Set.of(), from, until, reason);
    }

    /**
     * In the name of the signed-in person, who lends their own authority, or administers users and lends that of somebody
     * absent to somebody other than themselves.
     *
     * @param roles none: all that the person has
     */
    public UUID lend(UserId delegator, UserId delegate, Set<Role> roles, Instant from, Instant until, String reason) {
        UserId me = CurrentUser.id();
        requirePeople(delegator, delegate, me);
        requireRoles(delegator, roles);
        if (!until.isAfter(from)
                || !until.isAfter(clock.instant())
                || Duration.between(from, until).compareTo(LONGEST) > 0) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "A delegation ends in the future, after it starts, and lasts at most %d days"
                            .formatted(LONGEST.toDays()));
        }
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "Say why, in at most 200 characters");
        }
        UUID id = Ids.next();
        jdbc.sql("""
                        insert into user_delegations (org_id, id, delegator_id, delegate_id, roles, starts_at, ends_at,
                            reason, created_by, created_at)
                        values (:org, :id, :delegator, :delegate, string_to_array(:roles, ','), :from, :until, :reason,
                            :me, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("delegator", delegator.value())
                .param("delegate", delegate.value())
                .param("roles", roles.stream().map(Role::key).sorted().collect(Collectors.joining(",")))
                .param("from", Timestamp.from(from))
                .param("until", Timestamp.from(until))
                .param("reason", reason.strip())
                .param("me", me.value())
                .param("now", Timestamp.from(clock.instant()))
                .update();
        audit.record(
                "delegation.lent",
                "delegation",
                id.toString(),
                Map.of(
                        "delegator", delegator.toString(),
                        "delegate", delegate.toString(),
                        "roles", roles.stream().map(Role::key).sorted().toList().toString(),
                        "from", from.toString(),
                        "until", until.toString()));
        return id;
    }

    /** Takes effect at once; whoever lent it, holds it or administers users may end it. Repeating it changes nothing. */
    public void end(UUID id) {
        Delegation delegation = all().stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow(() -> RuleViolation.notFound("delegation"));
        UserId me = CurrentUser.id();
        if (!me.equals(delegation.delegator()) && !me.equals(delegation.delegate()) && !administers(me)) {
            throw new RuleViolation(Refusal.NOT_PERMITTED, "Only whoever lent or holds a delegation may end it");
        }
        int ended = jdbc.sql("""
                        update user_delegations set ended_at = :now, ended_by = :me where id = :id and ended_at is null
                        """)
                .param("now", Timestamp.from(clock.instant()))
                .param("me", me.value())
                .param("id", id)
                .update();
        if (ended == 1) {
            audit.record("delegation.ended", "delegation", id.toString(), Map.of());
        }
    }

    /** Whether somebody has authority to approve that could be lent. */
    public static boolean mayLend(Person person) {
        return LENDABLE.stream().anyMatch(person::may);
    }

    /** Whether the role has any. */
    public static boolean isLent(Role role) {
        return LENDABLE.stream().anyMatch(role.permissions()::contains);
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public List<Delegation> all() {
        return jdbc.sql("select * from user_delegations order by id desc limit 500")
                .query(Delegations::delegation)
                .list();
    }

    /** That somebody gave or holds; those that were ended or have run out too. */
    @Transactional(readOnly = true)
    public List<Delegation> concerning(UserId person) {
        return all().stream()
                .filter(each ->
                        each.delegator().equals(person) || each.delegate().equals(person))
                .toList();
    }

    /** Who has lent their authority to this person at this moment and is still active, with those roles that are lent. */
    @Transactional(readOnly = true)
    public List<Person> delegatorsOf(UserId delegate) {
        return jdbc
                .sql("""
                        select * from user_delegations
                        where delegate_id = :delegate and ended_at is null and starts_at <= :now and ends_at > :now
                        order by id
                        """)
                .param("delegate", delegate.value())
                .param("now", Timestamp.from(clock.instant()))
                .query(Delegations::delegation)
                .list()
                .stream()
                .flatMap(delegation -> users.find(delegation.delegator()).stream()
                        .map(person -> withRoles(person, delegation.roles())))
                .filter(person -> person.active() && !person.roles().isEmpty())
                .toList();
    }

    private static Person withRoles(Person person, Set<Role> lent) {
        return lent.isEmpty()
                ? person
                : new Person(
                        person.id(),
                        person.organization(),
                        person.username(),
                        person.displayName(),
                        person.email(),
                        person.active(),
                        person.roles().stream().filter(lent::contains).collect(Collectors.toSet()));
    }

    /** What a person may approve by lent authority. */
    @Transactional(readOnly = true)
    public Set<Permission> lentTo(UserId delegate) {
        Set<Permission> lent = new HashSet<>();
        for (Person delegator : delegatorsOf(delegate)) {
            LENDABLE.stream().filter(delegator::may).forEach(lent::add);
        }
        return lent;
    }

    private void requirePeople(UserId delegator, UserId delegate, UserId me) {
        if (delegator.equals(delegate)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "Choose another person");
        }
        if (!me.equals(delegator) && (!administers(me) || me.equals(delegate))) {
            throw new RuleViolation(Refusal.NOT_PERMITTED, "Nobody lends themselves the authority of somebody else");
        }
        boolean lends = users.find(delegator).filter(Delegations::mayLend).isPresent();
        boolean takes = users.find(delegate).filter(Person::active).isPresent();
        if (!lends || !takes) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "Whoever lends must have authority to approve, and whoever takes be active");
        }
    }

    private void requireRoles(UserId delegator, Set<Role> roles) {
        boolean has = users.find(delegator)
                .filter(person -> person.roles().containsAll(roles))
                .isPresent();
        boolean approves = roles.isEmpty() || roles.stream().anyMatch(Delegations::isLent);
        if (!has || !approves) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "Only roles that the person has and that may approve something are lent");
        }
    }

    private boolean administers(UserId person) {
        return users.find(person)
                .filter(each -> each.may(Permission.USERS_MANAGE))
                .isPresent();
    }

    private static Delegation delegation(ResultSet row, int number) throws SQLException {
        Timestamp ended = row.getTimestamp("ended_at");
        return new Delegation(
                row.getObject("id", UUID.class),
                new UserId(row.getObject("delegator_id", UUID.class)),
                new UserId(row.getObject("delegate_id", UUID.class)),
                Arrays.stream((String[]) row.getArray("roles").getArray())
                        .flatMap(key -> Role.ofKey(key).stream())
                        .collect(Collectors.toSet()),
                row.getTimestamp("starts_at").toInstant(),
                row.getTimestamp("ends_at").toInstant(),
                row.getString("reason"),
                new UserId(row.getObject("created_by", UUID.class)),
                ended == null ? null : ended.toInstant());
    }
}
