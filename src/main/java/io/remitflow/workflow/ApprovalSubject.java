package io.remitflow.workflow;

import io.remitflow.identity.Permission;
import io.remitflow.identity.UserId;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;

/**
 * One version of a case that people must approve.
 *
 * @param type of the case, such as {@code refund}: subject of its timeline, its decisions and its audit entries
 * @param words what people call the case, such as "refund RF-2026-000007"
 * @param version counts what an approval holds for: whoever had approved an earlier one approves again
 * @param levels roles that must approve, in order; empty while the rule was not asked
 * @param waiting whether the case stands where people decide
 * @param contributors all others who had a part in preparing it; none of them can approve it either
 * @param element id of the human task at which they do
 * @param permission what every approver needs besides the role of the level
 */
public record ApprovalSubject(
        String type,
        UUID id,
        String words,
        int version,
        Money amount,
        List<String> levels,
        boolean waiting,
        UserId requestedBy,
        UserId preparedBy,
        Set<UserId> contributors,
        String element,
        Permission permission) {

    public ApprovalSubject {
        levels = List.copyOf(levels);
        contributors = Set.copyOf(contributors);
    }

    /** Prepared by one person alone. */
    public ApprovalSubject(
            String type,
            UUID id,
            String words,
            int version,
            Money amount,
            List<String> levels,
            boolean waiting,
            UserId requestedBy,
            UserId preparedBy,
            String element,
            Permission permission) {
        this(type, id, words, version, amount, levels, waiting, requestedBy, preparedBy, Set.of(), element, permission);
    }

    boolean isInvolved(UserId person) {
        return person.equals(requestedBy) || person.equals(preparedBy) || contributors.contains(person);
    }
}
