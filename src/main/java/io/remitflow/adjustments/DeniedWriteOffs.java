package io.remitflow.adjustments;

import io.remitflow.claims.DenialWriteOffs;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Carries what denials give up through the approval that every write-off has. */
@Component
class DeniedWriteOffs implements DenialWriteOffs {

    private final Adjustments adjustments;

    DeniedWriteOffs(Adjustments adjustments) {
        this.adjustments = adjustments;
    }

    @Override
    public UUID request(DeniedAmount denied) {
        return adjustments.request(denied);
    }

    @Override
    public void withdraw(UUID writeOffId, String reason) {
        adjustments.withdraw(writeOffId, reason);
    }
}
