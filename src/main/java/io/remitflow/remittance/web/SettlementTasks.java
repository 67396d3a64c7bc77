package io.remitflow.remittance.web;

import io.remitflow.remittance.Settlement;
import io.remitflow.remittance.SettlementSteps;
import io.remitflow.workflow.CaseTasks;
import io.remitflow.workflow.HumanTask;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The engine's open task of a settlement: a key that a page or client sends is believed only if it belongs to it. */
@Component
class SettlementTasks {

    private final CaseTasks tasks;

    SettlementTasks(CaseTasks tasks) {
        this.tasks = tasks;
    }

    Optional<HumanTask> find(Settlement settlement, String element) {
        return tasks.find(SettlementSteps.PROCESS, settlement.processKey(), element);
    }

    HumanTask require(Settlement settlement, String element, @Nullable Long key) {
        return tasks.require(SettlementSteps.PROCESS, settlement.processKey(), element, key, "settlement");
    }
}
