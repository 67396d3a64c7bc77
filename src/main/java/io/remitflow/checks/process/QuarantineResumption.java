package io.remitflow.checks.process;

import io.remitflow.checks.CheckReviewSteps;
import io.remitflow.workflow.ResumableProcess;
import org.springframework.stereotype.Component;

/** The worker of {@code bpmn/mail-quarantine.bpmn} counts anew whenever it is asked. */
@Component
class QuarantineResumption implements ResumableProcess {

    @Override
    public String processId() {
        return CheckReviewSteps.QUARANTINE_PROCESS;
    }

    @Override
    public boolean resumes(String businessKey) {
        return true;
    }
}
