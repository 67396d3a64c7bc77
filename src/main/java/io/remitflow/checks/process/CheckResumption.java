package io.remitflow.checks.process;

import io.remitflow.checks.CheckReviewSteps;
import io.remitflow.workflow.ResumableProcess;
import org.springframework.stereotype.Component;

/** Every worker of {@code bpmn/check-review.bpmn} asks the books what was decided. */
@Component
class CheckResumption implements ResumableProcess {

    @Override
    public String processId() {
        return CheckReviewSteps.PROCESS;
    }

    @Override
    public boolean resumes(String businessKey) {
        return true;
    }
}
