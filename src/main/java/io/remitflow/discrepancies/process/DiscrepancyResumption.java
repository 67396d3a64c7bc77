package io.remitflow.discrepancies.process;

import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.DiscrepancySteps;
import io.remitflow.workflow.ResumableProcess;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** The deadline and the owner are in the books: a process that starts anew asks for the same task again. */
@Component
class DiscrepancyResumption implements ResumableProcess {

    private final Discrepancies discrepancies;

    DiscrepancyResumption(Discrepancies discrepancies) {
        this.discrepancies = discrepancies;
    }

    @Override
    public String processId() {
        return DiscrepancySteps.PROCESS;
    }

    /** An earlier round than the one under way is over. */
    @Override
    public boolean resumes(String businessKey) {
        var discrepancy = discrepancies.get(UUID.fromString(businessKey.split("\\.", 2)[0]));
        return !discrepancy.isResolved() && discrepancy.caseKey().equals(businessKey);
    }
}
