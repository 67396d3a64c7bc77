package io.remitflow.claims;

import io.remitflow.claims.NextPayer.State;
import io.remitflow.claims.SecondaryClaimRows.Facts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Claims that go on to the patient's next payer, with what the payers before decided.
 *
 * <p>Whether one goes is decided anew whenever somebody asks and once more when the file is made, so an answer that is taken
 * back or passed on in between stops it.
 */
@Service
@Transactional
public class SecondaryClaims {

    /** A claim names three payers: primary, secondary, tertiary. */
    private static final int MOST_PAYERS = 3;

    private final SecondaryClaimRows rows;
    private final SubmissionRows submissions;
    private final Adjudications adjudications;
    private final Crossovers crossovers;

    SecondaryClaims(
            SecondaryClaimRows rows, SubmissionRows submissions, Adjudications adjudications, Crossovers crossovers) {
        this.rows = rows;
        this.submissions = submissions;
        this.adjudications = adjudications;
        this.crossovers = crossovers;
    }

    @Transactional(readOnly = true)
    public NextPayer next(UUID claimId) {
        return Optional.ofNullable(next(List.of(claimId)).get(claimId))
                .orElseThrow(() -> RuleViolation.notFound("this claim"));
    }

    /** Those nobody knows are missing. */
    @Transactional(readOnly = true)
    public Map<UUID, NextPayer> next(Collection<UUID> claimIds) {
        Map<UUID, NextPayer> found = new LinkedHashMap<>();
        if (claimIds.isEmpty()) {
            return found;
        }
        Map<UUID, List<Adjudication>> decided = adjudications.of(claimIds);
        Map<UUID, List<SecondaryClaimRows.Covered>> covered = rows.coverages(claimIds);
        for (Facts facts : rows.facts(claimIds)) {
            found.put(
                    facts.claimId(),
                    next(
                            facts,
                            decided.getOrDefault(facts.claimId(), List.of()),
                            covered.getOrDefault(facts.accountId(), List.of())));
        }
        return found;
    }

    /** What the payers before the next one decided, in their order. */
    @Transactional(readOnly = true)
    public List<Adjudication> decided(UUID claimId) {
        return adjudications.of(List.of(claimId)).getOrDefault(claimId, List.of());
    }

    /**
     * Makes every one of these ready that the next payer owes now and that was prepared for an earlier payer; call it when
     * answers were posted. Calling it again changes nothing.
     */
    public void answered(Collection<UUID> claimIds) {
        for (NextPayer next : next(rows.withFurtherInsurance(claimIds)).values()) {
            if (next.state() == State.DUE) {
                makeReady(next, null);
            }
        }
    }

    /**
     * Makes a claim ready for its next payer.
     *
     * @throws RuleViolation {@link Refusal#CLAIM_FORWARDED} if the payer before sent it on itself, or that the next payer
     *     does not owe it
     */
    void prepare(NextPayer next, SubmissionDetails details) {
        if (next.sequence() == 2 || next.state() == State.FORWARDED) {
            crossovers.requireNotForwarded(next.claimId());
        }
        if (!next.isOwed()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, next.reason());
        }
        makeReady(next, details);
    }

    private void makeReady(NextPayer next, @Nullable SubmissionDetails details) {
        UUID payerId = java.util.Objects.requireNonNull(next.payerId());
        boolean ready = details == null
                ? submissions.passOn(next.claimId(), payerId, next.sequence())
                : submissions.prepare(next.claimId(), details, payerId, next.sequence());
        if (!ready && details != null) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "the claim is on its way");
        }
        if (ready) {
            submissions.insertEvent(
                    next.claimId(),
                    "p:" + Ids.next(),
                    "prepared",
                    null,
                    null,
                    null,
                    "For %s, the %s payer".formatted(next.payerName(), next.rank()),
                    null);
        }
    }

    private NextPayer next(Facts facts, List<Adjudication> decided, List<SecondaryClaimRows.Covered> covered) {
        List<SecondaryClaimRows.Covered> chain = new ArrayList<>();
        chain.add(new SecondaryClaimRows.Covered(facts.payerId(), facts.payerName()));
        covered.stream().filter(each -> !each.payerId().equals(facts.payerId())).forEach(chain::add);
        int answered = decided.isEmpty() ? 0 : decided.getLast().sequence();
        if (answered == 0) {
            return new NextPayer(
                    facts.claimId(),
                    1,
                    facts.payerId(),
                    facts.payerName(),
                    facts.forwarded() ? State.FORWARDED : State.WAITING,
                    facts.forwarded()
                            ? forwarded(facts.payerName(), facts.forwardedTo())
                            : "%s has not answered yet.".formatted(facts.payerName()));
        }
        String before = answered <= chain.size() ? chain.get(answered - 1).payerName() : "The payer before";
        if (answered >= MOST_PAYERS || answered >= chain.size()) {
            return new NextPayer(
                    facts.claimId(),
                    answered + 1,
                    null,
                    null,
                    State.NONE,
                    answered == 1
                            ? "No further insurance of the patient is recorded."
                            : "Every insurance of the patient has answered.");
        }
        var payer = chain.get(answered);
        var standing = standing(facts, decided, covered, before, payer.payerName(), answered + 1);
        return new NextPayer(
                facts.claimId(),
                answered + 1,
                payer.payerId(),
                payer.payerName(),
                standing.getKey(),
                standing.getValue());
    }

    private static Map.Entry<State, String> standing(
            Facts facts,
            List<Adjudication> decided,
            List<SecondaryClaimRows.Covered> covered,
            String before,
            String payer,
            int sequence) {
        Adjudication last = decided.getLast();
        // A note of an answer without a standing decision counts for the first payer only: of whom else would it be.
        if (last.forwarded() || sequence == 2 && facts.forwarded()) {
            return Map.entry(
                    State.FORWARDED,
                    forwarded(before, last.forwardedTo() == null ? facts.forwardedTo() : last.forwardedTo()));
        }
        if (facts.denial() != null) {
            return Map.entry(
                    State.DENIED, "%s denied; the denial %s is worked first.".formatted(before, facts.denial()));
        }
        if (facts.patientMinor() <= 0 && facts.insuranceMinor() <= 0) {
            return Map.entry(State.SETTLED, "%s left nothing for %s to pay.".formatted(before, payer));
        }
        for (Adjudication each : decided) {
            if (each.obstacle() != null) {
                return Map.entry(State.UNCLEAR, each.obstacle());
            }
            if (!each.isBalanced() || each.charged().getAmountMinorLong() != facts.chargedMinor()) {
                return Map.entry(
                        State.UNCLEAR,
                        "What %s decided does not explain the charge, so %s cannot be told what is left."
                                .formatted(before, payer));
            }
        }
        if (!covered.stream()
                .map(SecondaryClaimRows.Covered::payerId)
                .toList()
                .containsAll(decided.stream().map(Adjudication::payerId).toList())) {
            return Map.entry(
                    State.UNCLEAR,
                    "%s has to be told how %s insures the patient: record that insurance.".formatted(payer, before));
        }
        if (decided.size() != sequence - 1) {
            return Map.entry(State.UNCLEAR, "The answer of a payer before %s is not posted.".formatted(payer));
        }
        return underWay(facts, before, payer, sequence);
    }

    private static Map.Entry<State, String> underWay(Facts facts, String before, String payer, int sequence) {
        String state = facts.submissionState();
        if (state == null) {
            return Map.entry(
                    State.DETAILS_MISSING,
                    "%s owes what %s left. The claim was not sent from here yet, so add its diagnoses."
                            .formatted(payer, before));
        }
        if (facts.submissionSequence() >= sequence) {
            return Map.entry(
                    State.UNDER_WAY,
                    "%s owes what %s left; the claim is %s."
                            .formatted(
                                    payer,
                                    before,
                                    switch (state) {
                                        case "ready" -> "ready to be sent";
                                        case "batched" -> "in a file that is being sent";
                                        case "sent" -> "sent";
                                        case "accepted" -> "accepted";
                                        default -> "rejected: correct it and send it again";
                                    }));
        }
        return state.equals("batched")
                ? Map.entry(State.WAITING, "The claim to %s is being sent.".formatted(before))
                : Map.entry(State.DUE, "%s owes what %s left.".formatted(payer, before));
    }

    private static String forwarded(String by, @Nullable String to) {
        return "%s sent the claim on%s itself, so no claim of ours is sent."
                .formatted(by, to == null ? "" : " to " + to);
    }

    /** For the file: what each earlier payer decided, and who insured the patient there. */
    List<ClaimFile.OtherPayer> others(Claim claim, InsuranceRows insurances, Payers payers) {
        List<ClaimFile.OtherPayer> others = new ArrayList<>();
        for (Adjudication adjudication : decided(claim.id())) {
            Payer payer = payers.get(adjudication.payerId());
            others.add(new ClaimFile.OtherPayer(
                    adjudication,
                    insurances.subscriber(claim.accountId(), payer.id()).orElseThrow(),
                    payer.name(),
                    payer.payerClass(),
                    submissions.route(payer.id()).orElse(payer.remitIdentifier())));
        }
        return others;
    }
}
