package io.remitflow.discrepancies.web;

import io.remitflow.discrepancies.DiscrepancySteps;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.TaskPage;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The human task of a discrepancy is done on its page. */
@Component
class DiscrepancyTaskPage implements TaskPage {

    @Override
    public String processId() {
        return DiscrepancySteps.PROCESS;
    }

    @Override
    public String elementId() {
        return DiscrepancySteps.WORK;
    }

    @Override
    public Set<String> variables() {
        return Set.of("discrepancyId", "discrepancyNumber", "amountText");
    }

    @Override
    public String href(HumanTask task) {
        return "/app/reconciliation/discrepancies/" + task.variables().get("discrepancyId");
    }

    @Override
    public String title(HumanTask task) {
        return "Work on discrepancy %s of %s"
                .formatted(
                        task.variables().getOrDefault("discrepancyNumber", ""),
                        task.variables().getOrDefault("amountText", ""));
    }
}
