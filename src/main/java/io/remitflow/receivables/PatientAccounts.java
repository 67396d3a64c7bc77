package io.remitflow.receivables;

import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The patient accounts of the organization; the balances of an account always agree with its transactions. */
@Service
@Transactional
public class PatientAccounts {

    public UUID open(NewPatientAccount account) {
        throw new UnsupportedOperationException();
    }

    public PatientAccount change(UUID id, AccountChange change) {
        throw new UnsupportedOperationException();
    }

    /** Records one posting; the same source key again changes nothing, with other content it is refused. */
    public void record(AccountPosting posting) {
        throw new UnsupportedOperationException();
    }

    /**
     * Locks accounts until the transaction ends, in one fixed order. Whoever records on several accounts in one
     * transaction calls this first, so that two of them never wait for each other.
     */
    public void lock(Collection<UUID> ids) {
        throw new UnsupportedOperationException();
    }

    @Transactional(readOnly = true)
    public PatientAccount get(UUID id) {
        throw new UnsupportedOperationException();
    }

    @Transactional(readOnly = true)
    public Optional<PatientAccount> byNumber(String number) {
        throw new UnsupportedOperationException();
    }

    @Transactional(readOnly = true)
    public List<PatientAccount> list(AccountFilter filter) {
        throw new UnsupportedOperationException();
    }

    /** All transactions, oldest first. */
    @Transactional(readOnly = true)
    public List<AccountTransaction> transactions(UUID accountId) {
        throw new UnsupportedOperationException();
    }

    @Transactional(readOnly = true)
    public Aging aging(UUID accountId, LocalDate asOf) {
        throw new UnsupportedOperationException();
    }

    /** What the patient owes for a claim; negative: the patient has a credit. */
    @Transactional(readOnly = true)
    public Money patientBalanceOfClaim(UUID claimId) {
        throw new UnsupportedOperationException();
    }

    @Transactional(readOnly = true)
    public Money insuranceBalanceOfClaim(UUID claimId) {
        throw new UnsupportedOperationException();
    }
}
