package io.remitflow.claims;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.Journal;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Claims that the payer already knows and that are corrected there: replaced by another claim (CLM05-3 of 7) or voided (8).
 *
 * <p>Only while no answer with money stands: what a payer paid is taken back by its own reversal first, never by us.
 */
@Service
@Transactional
public class ClaimCorrections {

    private static final int MAX_REASON = 300;

    private final Claims claims;
    private final ClaimRows rows;
    private final SubmissionRows submissions;
    private final Denials denials;
    private final PatientAccounts accounts;
    private final Journal journal;
    private final Organizations organizations;
    private final AuditLog audit;

    ClaimCorrections(
            Claims claims,
            ClaimRows rows,
            SubmissionRows submissions,
            Denials denials,
            PatientAccounts accounts,
            Journal journal,
            Organizations organizations,
            AuditLog audit) {
        this.claims = claims;
        this.rows = rows;
        this.submissions = submissions;
        this.denials = denials;
        this.accounts = accounts;
        this.journal = journal;
        this.organizations = organizations;
        this.audit = audit;
    }

    /** Why the claim can be neither replaced nor voided now; empty if it can. */
    @Transactional(readOnly = true)
    public Optional<String> obstacle(UUID claimId) {
        return obstacle(claims.get(claimId));
    }

    /**
     * Charges a corrected claim in the place of this one, whose charge is taken back and whose denials end. It is ready to be
     * sent if the replaced one was ever prepared.
     *
     * @param lines null: as they were, for a correction that is not in its services
     * @param reason without names or ids of patients
     * @return the id of the new claim
     * @throws RuleViolation {@link Refusal#CLAIM_NOT_CORRECTABLE} if {@link #obstacle} says so
     */
    public UUID replace(UUID claimId, @Nullable List<NewClaim.Line> lines, String reason) {
        String why = reason(reason);
        Claim original = lock(claimId);
        LocalDate today = organizations.today();
        String number = nextNumber(original);
        takeBackCharge(original, "Claim %s replaced by %s".formatted(original.controlNumber(), number));
        rows.setStatus(claimId, ClaimStatus.REPLACED);
        UUID id = claims.create(new NewClaim(
                original.accountId(),
                original.payerId(),
                number,
                rows.charged(claimId).setting(),
                today,
                lines == null
                        ? original.lines().stream().map(ClaimCorrections::same).toList()
                        : lines));
        rows.setReplaces(id, claimId, Objects.requireNonNull(original.payerClaimNumber()));
        denials.withdrawn(claimId, DenialClosing.REPLACED, "Claim %s replaces it".formatted(number));
        submissions.find(claimId).ifPresent(prepared -> {
            submissions.prepare(id, submissions.details(claimId), null, 1);
            note(id, "prepared", "Replaces claim %s".formatted(original.controlNumber()));
        });
        note(claimId, "message", "Replaced by claim %s: %s".formatted(number, why));
        audit.record(
                "claim-replaced",
                "claim",
                claimId.toString(),
                Map.of(
                        "controlNumber", original.controlNumber(),
                        "replacement", number,
                        "charged", original.charged().toString(),
                        "chargedNow", claims.get(id).charged().toString(),
                        "reason", why));
        return id;
    }

    /**
     * Withdraws the claim: its charge is taken back, its denials end, and the payer is told with the next file if the claim
     * was ever prepared.
     *
     * @param reason without names or ids of patients
     * @throws RuleViolation {@link Refusal#CLAIM_NOT_CORRECTABLE} if {@link #obstacle} says so
     */
    public void voidClaim(UUID claimId, String reason) {
        String why = reason(reason);
        Claim claim = lock(claimId);
        takeBackCharge(claim, "Claim %s voided".formatted(claim.controlNumber()));
        rows.setStatus(claimId, ClaimStatus.VOIDED);
        denials.withdrawn(claimId, DenialClosing.VOIDED, "The claim was voided");
        boolean ready = submissions.again(claimId);
        note(claimId, ready ? "prepared" : "message", "Voided: " + why);
        audit.record(
                "claim-voided",
                "claim",
                claimId.toString(),
                Map.of(
                        "controlNumber", claim.controlNumber(),
                        "charged", claim.charged().toString(),
                        "reason", why));
    }

    private Claim lock(UUID claimId) {
        accounts.lock(List.of(claims.get(claimId).accountId()));
        Claim claim = rows.lock(claimId).orElseThrow(() -> RuleViolation.notFound("this claim"));
        obstacle(claim).ifPresent(obstacle -> {
            throw new RuleViolation(Refusal.CLAIM_NOT_CORRECTABLE, obstacle);
        });
        return claim;
    }

    private Optional<String> obstacle(Claim claim) {
        if (claim.status() == ClaimStatus.REPLACED) {
            return Optional.of("Another claim has replaced it");
        }
        if (claim.status() == ClaimStatus.VOIDED) {
            return Optional.of("It is voided");
        }
        if (claim.payerClaimNumber() == null) {
            return Optional.of("The payer has not told its number of the claim: correct it and send it again as it is");
        }
        if (submissions
                .find(claim.id())
                .filter(submission -> List.of("ready", "batched").contains(submission.state()))
                .isPresent()) {
            return Optional.of("It is on its way to a payer");
        }
        if (!claim.open().isEqual(claim.charged())) {
            return Optional.of("An answer of the payer stands with %s %s: the payer takes that back first"
                    .formatted(
                            Amounts.format(claim.charged().minus(claim.open())),
                            claim.charged().getCurrencyUnit()));
        }
        Money owed = accounts.insuranceBalanceOfClaim(claim.id());
        return owed.isEqual(claim.charged())
                ? Optional.empty()
                : Optional.of("%s of %s %s were written off or moved: take that back first"
                        .formatted(
                                Amounts.format(claim.charged().minus(owed)),
                                Amounts.format(claim.charged()),
                                claim.charged().getCurrencyUnit()));
    }

    /** C1, C1R1, C1R2: as short as payers return it, and told apart by a person. */
    private String nextNumber(Claim original) {
        int generation = 1;
        Claim first = original;
        for (Claim.Replaced before = first.replaces(); before != null; before = first.replaces()) {
            first = claims.get(before.claimId());
            generation++;
        }
        return "%sR%d".formatted(first.controlNumber(), generation);
    }

    /** The entry itself is reversed, so that no revenue account is guessed again. */
    private void takeBackCharge(Claim claim, String text) {
        UUID charged = rows.charged(claim.id()).entryId();
        LocalDate entered = journal.find(charged).orElseThrow().date();
        LocalDate today = organizations.today();
        LocalDate date = entered.isAfter(today) ? entered : today;
        String key = "claim-charge-back:" + claim.id();
        UUID entry = journal.takeBack(charged, text, key).id();
        accounts.record(new AccountPosting(
                claim.accountId(),
                date,
                TransactionType.CHARGE,
                Responsibility.INSURANCE,
                claim.charged().negated(),
                claim.id(),
                null,
                claim.payerId(),
                entry,
                text,
                key));
    }

    private void note(UUID claimId, String kind, String text) {
        submissions.insertEvent(claimId, "c:" + Ids.next(), kind, null, null, null, text, null);
    }

    private static NewClaim.Line same(ClaimLine line) {
        return new NewClaim.Line(
                line.controlNumber(),
                line.procedureCode(),
                line.modifiers(),
                line.revenueCode(),
                line.serviceDate(),
                line.units(),
                line.charged());
    }

    private static String reason(String text) {
        String reason = text.strip();
        if (reason.isEmpty() || reason.length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 300 characters why");
        }
        return reason;
    }
}
