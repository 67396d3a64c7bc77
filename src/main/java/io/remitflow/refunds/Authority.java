package io.remitflow.refunds;

import io.remitflow.core.Refusal;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may act on a refund: requester, approver and processor are different people where amounts need approval. */
final class Authority {

    /** The roles that are enough for a level, the level's own first. */
    static Set<Role> rolesFor(String level) {
        Role role = Role.ofKey(level).orElseThrow(() -> new IllegalStateException("no role is called " + level));
        return role == Role.CFO ? Set.of(Role.CFO) : Set.of(role, Role.CFO);
    }

    /** The role in which the person may decide at this level; empty if none is enough. */
    static Optional<Role> roleOf(Person person, String level) {
        return rolesFor(level).stream()
                .filter(person.roles()::contains)
                .min(java.util.Comparator.comparing(role -> role.key().equals(level) ? 0 : 1));
    }

    /** Why the person may not decide, or empty. */
    static Optional<Refused> toApprove(Refund refund, List<Approval> earlier, @Nullable Person person, String level) {
        if (person == null || !person.active()) {
            return refused(Refusal.APPROVER_LACKS_AUTHORITY, "The decision came from nobody who is active here");
        }
        if (person.id().equals(refund.requestedBy()) || person.id().equals(refund.preparedBy())) {
            return refused(Refusal.SELF_APPROVAL, "Whoever requested or changed a refund cannot approve it");
        }
        if (contains(earlier, person.id())) {
            return refused(Refusal.APPROVER_USED_BEFORE, "Each level is decided by another person");
        }
        if (!person.may(Permission.REFUNDS_APPROVE) || roleOf(person, level).isEmpty()) {
            return refused(
                    Refusal.APPROVER_LACKS_AUTHORITY,
                    "This amount needs the approval of a "
                            + Role.ofKey(level).map(Role::title).orElse(level));
        }
        return Optional.empty();
    }

    static Optional<Refused> toPayOut(Refund refund, List<Approval> approvals, @Nullable Person person) {
        if (person == null || !person.may(Permission.REFUNDS_PAY_OUT)) {
            return refused(Refusal.NOT_PERMITTED, "Whoever pays out needs the permission to");
        }
        boolean involved = person.id().equals(refund.requestedBy())
                || person.id().equals(refund.preparedBy())
                || contains(approvals, person.id());
        if (refund.neededApproval() && involved) {
            return refused(
                    Refusal.SELF_APPROVAL, "Whoever requested, changed or approved a refund cannot pay it out as well");
        }
        return Optional.empty();
    }

    static Optional<Refused> toChooseMethod(@Nullable Person person) {
        return person == null || !person.may(Permission.REFUNDS_REQUEST)
                ? refused(
                        Refusal.NOT_PERMITTED, "Whoever chooses another method needs the permission to request refunds")
                : Optional.empty();
    }

    private static boolean contains(Collection<Approval> approvals, UserId person) {
        return approvals.stream().anyMatch(approval -> approval.decidedBy().equals(person));
    }

    private static Optional<Refused> refused(Refusal refusal, String reason) {
        return Optional.of(new Refused(refusal, reason));
    }

    record Refused(Refusal refusal, String reason) {}

    private Authority() {}
}
