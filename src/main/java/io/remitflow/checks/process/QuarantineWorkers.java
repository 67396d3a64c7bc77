package io.remitflow.checks.process;

import io.camunda.client.annotation.JobWorker;
import io.camunda.client.annotation.ProcessInstanceKey;
import io.camunda.client.annotation.Variable;
import io.remitflow.checks.CheckMails;
import io.remitflow.checks.CheckReviewSteps;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.workflow.ProcessInstances;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Job worker of {@code bpmn/mail-quarantine.bpmn}. */
@Component
public class QuarantineWorkers {

    private final CheckMails mails;
    private final ProcessInstances instances;

    QuarantineWorkers(CheckMails mails, ProcessInstances instances) {
        this.mails = mails;
        this.instances = instances;
    }

    /** Before the task and after it: what counts is whether a mail still waits, not what somebody says. */
    @JobWorker(type = "checks.count-mails")
    public Map<String, Object> countMails(
            @Variable String orgId,
            @Variable String mailId,
            @Variable @Nullable String looked,
            @ProcessInstanceKey Long instance) {
        return CurrentOrganization.call(OrganizationId.of(orgId), () -> {
            instances.started(CheckReviewSteps.QUARANTINE_PROCESS, mailId, instance);
            long waiting = mails.quarantined();
            if (waiting == 0) {
                instances.ended(CheckReviewSteps.QUARANTINE_PROCESS, mailId, instance);
            }
            String text = waiting == 1 ? "1 mail" : waiting + " mails";
            boolean claimed = "done".equals(looked);
            return Map.of(
                    "mailsWait",
                    waiting > 0,
                    "mailsText",
                    text,
                    "refusalReason",
                    claimed && waiting > 0 ? text + " still in quarantine" : "");
        });
    }
}
