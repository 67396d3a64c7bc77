package io.remitflow.claims;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The claims of the organization, from their charge to what the payers answered. */
@Service
@Transactional
public class Claims {

    private static final int MAX_LINES = 999;

    private final ClaimRows claims;
    private final Payers payers;
    private final PatientAccounts accounts;
    private final Journal journal;

    Claims(ClaimRows claims, Payers payers, PatientAccounts accounts, Journal journal) {
        this.claims = claims;
        this.payers = payers;
        this.accounts = accounts;
        this.journal = journal;
    }

    /** Submits a claim: its lines, the charge on the patient account and the journal entry, all or nothing. */
    public UUID create(NewClaim claim) {
        check(claim);
        var payer = payers.get(claim.payerId());
        accounts.lock(List.of(claim.accountId()));
        var account = accounts.get(claim.accountId());
        Money charged = claim.charged();
        if (!charged.isPositive() || !charged.isSameCurrency(account.balance())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a claim is charged with more than zero, in the account's currency");
        }
        UUID id = Ids.next();
        if (!claims.insert(id, claim)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "there is a claim with control number " + claim.controlNumber());
        }
        var entry = journal.post(NewEntry.on(
                        claim.submittedOn(),
                        "claims",
                        "claim-charge:" + id,
                        "Charges of claim " + claim.controlNumber())
                .debit(StandardAccount.AR_INSURANCE, charged)
                .credit(revenue(claim.setting()), charged)
                .reference("claim", id)
                .referenceNumber(claim.controlNumber())
                .inOpenPeriod()
                .build());
        claims.setJournalEntry(id, entry.id());
        accounts.record(new AccountPosting(
                claim.accountId(),
                claim.submittedOn(),
                TransactionType.CHARGE,
                Responsibility.INSURANCE,
                charged,
                id,
                null,
                payer.id(),
                entry.id(),
                "Charges of claim " + claim.controlNumber(),
                "claim-charge:" + id,
                claim.serviceTo()));
        return id;
    }

    /**
     * Adds a payer's answer to the claim; call it in the transaction that posts the money. An answer whose source key is
     * already there changes nothing.
     */
    public void applyRemittance(UUID claimId, ClaimOutcome outcome) {
        applyRemittance(List.of(new ClaimAnswer(claimId, outcome)));
    }

    /** As {@link #applyRemittance(UUID, ClaimOutcome)} for each of them in this order, but with a few statements for all. */
    public void applyRemittance(List<ClaimAnswer> answers) {
        var running = claims.lockAll(
                answers.stream().map(ClaimAnswer::claimId).distinct().toList());
        var recorded = claims.recordedResponses(
                answers.stream().map(answer -> answer.outcome().sourceKey()).toList());
        List<ClaimRows.NewResponse> added = new ArrayList<>(answers.size());
        for (ClaimAnswer answer : answers) {
            var claim = running.get(answer.claimId());
            if (claim == null) {
                throw unknown();
            }
            var outcome = answer.outcome();
            if (!claim.charged().isSameCurrency(outcome.paid())) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT,
                        "claim %s is kept in %s"
                                .formatted(
                                        claim.controlNumber(), claim.charged().getCurrencyUnit()));
            }
            if (recorded.add(outcome.sourceKey())) {
                var after = claim.after(outcome);
                running.put(claim.id(), after);
                added.add(new ClaimRows.NewResponse(claim.id(), outcome, after.status()));
            }
        }
        if (!added.isEmpty()) {
            claims.insertResponses(added);
            claims.apply(added);
        }
    }

    /** The clearinghouse or the payer took the claim in. */
    public void accepted(UUID claimId) {
        var claim = claims.lock(claimId).orElseThrow(Claims::unknown);
        if (claim.status() == ClaimStatus.SUBMITTED) {
            claims.setStatus(claimId, ClaimStatus.ACCEPTED);
        }
    }

    @Transactional(readOnly = true)
    public Optional<Claim> byControlNumber(String controlNumber) {
        return claims.byControlNumber(controlNumber.strip());
    }

    /** By control number; those nobody knows are missing. */
    @Transactional(readOnly = true)
    public Map<String, Claim> byControlNumbers(Collection<String> controlNumbers) {
        return claims.byControlNumbers(
                controlNumbers.stream().map(String::strip).distinct().toList());
    }

    @Transactional(readOnly = true)
    public Claim get(UUID id) {
        return claims.find(id).orElseThrow(Claims::unknown);
    }

    /** Newest service first. */
    @Transactional(readOnly = true)
    public List<Claim> ofAccount(UUID accountId) {
        return claims.ofAccount(accountId);
    }

    /** What the payer answered, oldest first. */
    @Transactional(readOnly = true)
    public List<ClaimResponse> responses(UUID claimId) {
        return claims.responses(claimId);
    }

    /** The claim that took the place of this one at the payer. */
    @Transactional(readOnly = true)
    public Optional<Claim> replacementOf(UUID id) {
        return claims.replacementOf(id);
    }

    private static void check(NewClaim claim) {
        if (claim.controlNumber().isBlank() || claim.controlNumber().length() > NewClaim.MAX_CONTROL_NUMBER) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "a claim needs a control number of at most %d characters".formatted(NewClaim.MAX_CONTROL_NUMBER));
        }
        if (claim.lines().isEmpty() || claim.lines().size() > MAX_LINES) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a claim has between 1 and %d service lines".formatted(MAX_LINES));
        }
        LocalDate latest = claim.serviceTo();
        if (latest.isAfter(claim.submittedOn())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a claim is submitted after its services");
        }
        for (var line : claim.lines()) {
            if (line.charged().isNegative() || line.units().signum() <= 0) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT, "a service line has units above zero and no negative charge");
            }
            if (line.procedureCode() == null && line.revenueCode() == null) {
                throw new RuleViolation(Refusal.INVALID_INPUT, "a service line needs a procedure or revenue code");
            }
        }
    }

    private static StandardAccount revenue(CareSetting setting) {
        return switch (setting) {
            case INPATIENT -> StandardAccount.REVENUE_INPATIENT;
            case OUTPATIENT -> StandardAccount.REVENUE_OUTPATIENT;
            case EMERGENCY -> StandardAccount.REVENUE_EMERGENCY;
        };
    }

    private static RuleViolation unknown() {
        return RuleViolation.notFound("this claim");
    }
}
