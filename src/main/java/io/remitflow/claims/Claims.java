package io.remitflow.claims;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The claims of the organization, from their charge to what the payers answered. */
@Service
@Transactional
public class Claims {

    /** Submits a claim: its lines, the charge on the patient account and the journal entry, all or nothing. */
    public UUID create(NewClaim claim) {
        throw new UnsupportedOperationException();
    }

    /** Adds a payer's answer to the claim; call it in the transaction that posts the money. */
    public void applyRemittance(UUID claimId, ClaimOutcome outcome) {
        throw new UnsupportedOperationException();
    }

    @Transactional(readOnly = true)
    public Optional<Claim> byControlNumber(String controlNumber) {
        throw new UnsupportedOperationException();
    }

    @Transactional(readOnly = true)
    public Claim get(UUID id) {
        throw new UnsupportedOperationException();
    }

    @Transactional(readOnly = true)
    public List<Claim> ofAccount(UUID accountId) {
        throw new UnsupportedOperationException();
    }
}
