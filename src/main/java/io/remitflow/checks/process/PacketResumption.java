package io.remitflow.checks.process;

import io.remitflow.checks.CheckReviewSteps;
import io.remitflow.workflow.ResumableProcess;
import org.springframework.stereotype.Component;

/** A packet that was read is not read again. */
@Component
class PacketResumption implements ResumableProcess {

    @Override
    public String processId() {
        return CheckReviewSteps.PACKET_PROCESS;
    }

    @Override
    public boolean resumes(String businessKey) {
        return true;
    }
}
