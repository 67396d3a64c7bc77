package io.remitflow.workflow;

import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decision as pages show it.
 *
 * @param onBehalfOf who had lent the authority; null: it was the person's own
 */
public record NamedApproval(
        Approval approval, String by, @Nullable String onBehalfOf) {

    public static List<NamedApproval> of(List<Approval> approvals, Users users) {
        return approvals.stream()
                .map(approval -> {
                    UserId lender = approval.onBehalfOf();
                    return new NamedApproval(
                            approval, name(approval.decidedBy(), users), lender == null ? null : name(lender, users));
                })
                .toList();
    }

    private static String name(UserId id, Users users) {
        return users.find(id).map(Person::displayName).orElse("Unknown");
    }
}
