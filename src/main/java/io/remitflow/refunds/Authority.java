package io.remitflow.refunds;

import io.remitflow.core.Refusal;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.workflow.Approval;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who may act on a refund after its approval: whoever requested, changed or approved it does not pay it out. */
final class Authority {

    /**
     * Money leaves to a bank account that somebody typed: whoever had a part in the refund or typed the account never sends
     * it, whatever its rule asked for.
     */
    static Optional<Refused> toSendByAch(
            Refund refund, AchDestination destination, List<Approval> approvals, @Nullable Person person) {
        if (person != null
                && (isInvolved(refund, approvals, person)
                        || destination.enteredBy().equals(person.id()))) {
            return refused(
                    Refusal.SELF_APPROVAL,
                    "Whoever requested, changed or approved a refund, or entered its bank account, cannot send it");
        }
        return toPayOut(refund, approvals, person);
    }

    static Optional<Refused> toPayOut(Refund refund, List<Approval> approvals, @Nullable Person person) {
        if (person == null || !person.may(Permission.REFUNDS_PAY_OUT)) {
            return refused(Refusal.NOT_PERMITTED, "Whoever pays out needs the permission to");
        }
        if (refund.neededApproval() && isInvolved(refund, approvals, person)) {
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

    private static boolean isInvolved(Refund refund, List<Approval> approvals, Person person) {
        return person.id().equals(refund.requestedBy())
                || person.id().equals(refund.preparedBy())
                || refund.preparers().contains(person.id())
                || contains(approvals, person.id());
    }

    private static boolean contains(Collection<Approval> approvals, UserId person) {
        return approvals.stream().anyMatch(approval -> approval.involves(person));
    }

    private static Optional<Refused> refused(Refusal refusal, String reason) {
        return Optional.of(new Refused(refusal, reason));
    }

    record Refused(Refusal refusal, String reason) {}

    private Authority() {}
}
