package io.remitflow.workflow;

import io.remitflow.identity.Permission;
import java.util.Optional;
import java.util.UUID;

/**
 * What is approved at a kind of human task.
 *
 * @param type of the case, as {@link ApprovableCases#type}
 * @param variable of the process that holds the id of the case
 * @param path of the page of a case, up to its id
 * @param permission that whoever decides needs; whoever has it may lend it
 * @param inBulk whether several small ones may be approved at once
 */
public record Approvable(String type, String variable, String path, Permission permission, boolean inBulk) {

    public Optional<UUID> caseOf(HumanTask task) {
        try {
            return Optional.of(UUID.fromString(String.valueOf(task.variables().get(variable))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
