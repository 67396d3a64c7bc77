package io.remitflow.reconciliation.process;

import io.remitflow.reconciliation.BankReconciliation;
import io.remitflow.reconciliation.BankReconciliationSteps;
import io.remitflow.reconciliation.BankReconciliations;
import io.remitflow.workflow.ResumableProcess;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** A period that is still worked on asks for the same task again. One that waits for its approval would be worked on first. */
@Component
class BankReconciliationResumption implements ResumableProcess {

    private final BankReconciliations reconciliations;

    BankReconciliationResumption(BankReconciliations reconciliations) {
        this.reconciliations = reconciliations;
    }

    @Override
    public String processId() {
        return BankReconciliationSteps.PROCESS;
    }

    /** An earlier round than the one under way is over. */
    @Override
    public boolean resumes(String businessKey) {
        BankReconciliation found =
                reconciliations.get(UUID.fromString(businessKey.split("\\.", 2)[0]));
        return found.open() && found.processKey().equals(businessKey);
    }
}
