package io.remitflow.workflow;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Person;
import io.remitflow.identity.Role;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * In which role somebody may decide, and whose authority that is.
 *
 * @param delegator null: their own
 */
record Authority(Person person, Role role, @Nullable Person delegator) {

    /** The roles that are enough for a level, the level's own first. */
    static Set<Role> rolesFor(String level) {
        Role role = Role.ofKey(level).orElseThrow(() -> new IllegalStateException("no role is called " + level));
        return role == Role.CFO ? Set.of(Role.CFO) : Set.of(role, Role.CFO);
    }

    /**
     * The person's own authority if it is enough, else one that somebody absent has lent. Lent authority never gets around
     * the separation of people: neither the person nor whoever lent it may have requested, prepared or approved the case.
     *
     * @param delegators who has lent their authority to the person at this moment
     * @throws RuleViolation why the person may not decide
     */
    static Authority toApprove(
            ApprovalSubject subject,
            List<Approval> earlier,
            @Nullable Person person,
            List<Person> delegators,
            String level) {
        if (person == null || !person.active()) {
            throw new RuleViolation(
                    Refusal.APPROVER_LACKS_AUTHORITY, "The decision came from nobody who is active here");
        }
        if (subject.isInvolved(person.id())) {
            throw new RuleViolation(
                    Refusal.SELF_APPROVAL,
                    "Whoever requested or changed a %s cannot approve it".formatted(subject.type()));
        }
        if (earlier.stream().anyMatch(approval -> approval.involves(person.id()))) {
            throw new RuleViolation(
                    Refusal.APPROVER_USED_BEFORE,
                    "Each level is decided by another person: this one needs somebody else who may decide as %s, or to whom such a person lends their authority"
                            .formatted(title(level)));
        }
        return roleOf(person, subject, level)
                .map(role -> new Authority(person, role, null))
                .or(() -> lent(subject, earlier, person, delegators, level))
                .orElseThrow(() -> new RuleViolation(
                        Refusal.APPROVER_LACKS_AUTHORITY, "This amount needs the approval of a " + title(level)));
    }

    static String title(String level) {
        return Role.ofKey(level).map(Role::title).orElse(level);
    }

    private static Optional<Authority> lent(
            ApprovalSubject subject, List<Approval> earlier, Person person, List<Person> delegators, String level) {
        return delegators.stream()
                .filter(delegator -> !subject.isInvolved(delegator.id()))
                .filter(delegator -> earlier.stream().noneMatch(approval -> approval.involves(delegator.id())))
                .flatMap(delegator ->
                        roleOf(delegator, subject, level).map(role -> new Authority(person, role, delegator)).stream())
                .findFirst();
    }

    private static Optional<Role> roleOf(Person person, ApprovalSubject subject, String level) {
        return person.may(subject.permission())
                ? rolesFor(level).stream()
                        .filter(person.roles()::contains)
                        .min(Comparator.comparing(role -> role.key().equals(level) ? 0 : 1))
                : Optional.empty();
    }
}
