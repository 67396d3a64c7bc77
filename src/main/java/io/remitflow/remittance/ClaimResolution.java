package io.remitflow.remittance;

import io.remitflow.claims.Claim;
import io.remitflow.claims.Claims;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.remittance.AdjustmentRules.ClaimAssessment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Finds our claims for claims of a remittance and decides whether they may be posted to their accounts. */
@Component
class ClaimResolution {

    private final Claims claims;
    private final PatientAccounts accounts;
    private final AdjustmentRules rules;

    ClaimResolution(Claims claims, PatientAccounts accounts, AdjustmentRules rules) {
        this.claims = claims;
        this.accounts = accounts;
        this.rules = rules;
    }

    /**
     * In the order of the answers.
     *
     * @param accepted reasons that the contract with the payer explains
     */
    List<ResolvedClaim> resolve(List<EraClaim> answers, String currency, Set<String> accepted) {
        Map<String, Claim> known = claims.byControlNumbers(
                answers.stream().map(EraClaim::controlNumber).toList());
        Map<UUID, PatientAccount> owners = accounts.all(
                known.values().stream().map(Claim::accountId).distinct().toList());
        return answers.stream()
                .map(answer -> resolve(
                        rules.assess(answer, accepted),
                        Optional.ofNullable(known.get(answer.controlNumber())),
                        owners,
                        currency))
                .toList();
    }

    private static ResolvedClaim resolve(
            ClaimAssessment assessment, Optional<Claim> known, Map<UUID, PatientAccount> owners, String currency) {
        if (known.isEmpty()) {
            return ResolvedClaim.unidentified(assessment);
        }
        Claim claim = known.get();
        PatientAccount owner = owners.get(claim.accountId());
        if (owner == null) {
            throw new IllegalStateException("claim %s has no account".formatted(claim.id()));
        }
        return resolve(assessment, claim, owner, currency);
    }

    static ResolvedClaim resolve(ClaimAssessment assessment, Claim claim, PatientAccount owner, String currency) {
        EraClaim answered = assessment.claim();
        List<Optional<LineMatch>> lines = answered.lines().stream()
                .map(line -> LineMatch.of(line, claim.lines()))
                .toList();
        Decision decision = decide(answered, claim, owner, lines, currency, false);
        return ResolvedClaim.of(assessment, claim, lines, decision.treatment, decision.reason);
    }

    /** As a person said it: that claim is meant, even if another patient or charge is named. */
    ResolvedClaim assigned(
            EraClaim answered, Claim claim, PatientAccount owner, String currency, Set<String> accepted) {
        List<Optional<LineMatch>> lines = answered.lines().stream()
                .map(line -> LineMatch.of(line, claim.lines()))
                .toList();
        Decision decision = decide(answered, claim, owner, lines, currency, true);
        return ResolvedClaim.of(rules.assess(answered, accepted), claim, lines, decision.treatment, decision.reason);
    }

    /** As it came: whether it may be posted to this claim. */
    ResolvedClaim resolve(EraClaim answered, Claim claim, PatientAccount owner, String currency, Set<String> accepted) {
        return resolve(rules.assess(answered, accepted), claim, owner, currency);
    }

    private static Decision decide(
            EraClaim answered,
            Claim claim,
            PatientAccount owner,
            List<Optional<LineMatch>> lines,
            String currency,
            boolean saidByPerson) {
        if (answered.isPredetermination()) {
            return unpaid(
                    answered, "a prediction of what would be paid", "a prediction must not pay, but this one does");
        }
        if (answered.isPended()) {
            return unpaid(answered, "the payer has not decided yet", "the payer has not decided yet, but it pays");
        }
        if (answered.isNotOfThisPayer()) {
            return unpaid(
                    answered,
                    "not a claim of this payer, which sent it on to another",
                    "the payer says the claim is not its own, but it pays");
        }
        if (!answered.hasPostableStatus()) {
            return Decision.hold("the status of the claim (CLP02) is not known, so nobody can say what it means");
        }
        if (!claim.charged().getCurrencyUnit().getCode().equals(currency)) {
            return Decision.hold("the claim was billed in another currency than it is paid");
        }
        if (saidByPerson) {
            return new Decision(ClaimTreatment.POSTED, null);
        }
        return WrongAccountGuard.objection(answered, claim, owner, lines)
                .map(Decision::hold)
                .orElse(new Decision(ClaimTreatment.POSTED, null));
    }

    private static Decision unpaid(EraClaim answered, String reason, String reasonIfPaid) {
        return answered.paidMinor() == 0
                ? new Decision(ClaimTreatment.NOT_POSTED, reason)
                : Decision.hold(reasonIfPaid);
    }

    private record Decision(
            ClaimTreatment treatment, @Nullable String reason) {

        private static Decision hold(String reason) {
            return new Decision(ClaimTreatment.HELD, reason);
        }
    }
}
