package io.remitflow.refunds.process;

import io.remitflow.refunds.RefundMethod;
import io.remitflow.refunds.RefundSteps;
import io.remitflow.refunds.Refunds;
import io.remitflow.workflow.ResumableProcess;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Every worker of {@code bpmn/refund.bpmn} asks the books what is still to do. */
@Component
class RefundResumption implements ResumableProcess {

    private final Refunds refunds;

    RefundResumption(Refunds refunds) {
        this.refunds = refunds;
    }

    @Override
    public String processId() {
        return RefundSteps.PROCESS;
    }

    /** Whoever paid out by hand would be asked to do so once more. */
    @Override
    public boolean resumes(String businessKey) {
        var refund = refunds.get(UUID.fromString(businessKey));
        return refund.method() == RefundMethod.CREDIT_CARD_REVERSAL || refund.processedBy() == null;
    }
}
