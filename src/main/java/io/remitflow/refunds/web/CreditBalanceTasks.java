package io.remitflow.refunds.web;

import io.remitflow.refunds.CreditBalanceSteps;
import io.remitflow.workflow.CaseTasks;
import io.remitflow.workflow.HumanTask;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open task of a credit balance: a key that a page or client sends is believed only if it belongs to it. */
@Component
class CreditBalanceTasks {

    static final Set<String> OF_PEOPLE = Set.of(
            CreditBalanceSteps.CLASSIFY,
            CreditBalanceSteps.INVESTIGATE,
            CreditBalanceSteps.RESOLVE,
            CreditBalanceSteps.APPROVE,
            CreditBalanceSteps.PAY_BACK);

    private final CaseTasks tasks;

    CreditBalanceTasks(CaseTasks tasks) {
        this.tasks = tasks;
    }

    Optional<HumanTask> find(UUID credit, String element) {
        return tasks.find(CreditBalanceSteps.PROCESS, credit.toString(), element);
    }

    HumanTask require(UUID credit, String element, @Nullable Long key) {
        return tasks.require(CreditBalanceSteps.PROCESS, credit.toString(), element, key, "credit");
    }
}
