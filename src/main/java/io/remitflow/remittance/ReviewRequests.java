package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.UserId;
import io.remitflow.intake.IntakeFile;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.remittance.RemittanceRows.Movement;
import io.remitflow.remittance.RemittanceRows.Reopenable;
import io.remitflow.remittance.ReviewRows.Asked;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Decides whether a remittance waits for a person before it is posted, and asks for one. */
@Component
class ReviewRequests {

    static final String SAME_PAYMENT = "The same payment is posted with other content";

    private final ReviewPolicies policies;
    private final ReviewRows reviews;
    private final RemittanceRows rows;
    private final IntakeFiles files;
    private final HeldRemittances heldRemittances;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final Clock clock;

    ReviewRequests(
            ReviewPolicies policies,
            ReviewRows reviews,
            RemittanceRows rows,
            IntakeFiles files,
            HeldRemittances heldRemittances,
            ProcessMessages messages,
            Timeline timeline,
            Clock clock) {
        this.policies = policies;
        this.reviews = reviews;
        this.rows = rows;
        this.files = files;
        this.heldRemittances = heldRemittances;
        this.messages = messages;
        this.timeline = timeline;
        this.clock = clock;
    }

    /** Why it waits, in words; empty: it is posted at once. Its content must be written down. */
    @Transactional(propagation = Propagation.MANDATORY)
    public List<String> reasons(UUID remittanceId, UUID fileId, EraTransaction header) {
        var reasons = new ArrayList<String>();
        if (lookFirst(fileId)) {
            reasons.add("Whoever uploaded it asked to look before posting");
        }
        ReviewPolicy policy = policies.current();
        if (policy.equals(ReviewPolicy.OFF)) {
            return reasons;
        }
        Movement movement = rows.movement(remittanceId);
        Money above = policy.above();
        if (above != null && amount(header, movement).isGreaterThan(above)) {
            reasons.add("It moves more than " + Amounts.format(above));
        }
        if (policy.takebacks() && movement.reverses()) {
            reasons.add("It takes back earlier payments (reversals)");
        }
        if (policy.takebacks() && movement.takesOutside()) {
            reasons.add("It takes money back outside of claims");
        }
        rows.payer(remittanceId)
                .filter(policy.payers()::contains)
                .ifPresent(payer -> reasons.add("All remittances of this payer are reviewed"));
        return reasons;
    }

    /**
     * Keeps it in review and starts its process after the commit.
     *
     * @param policyReasons why it needs an approval; may be empty if there is a conflict
     * @param conflictWith the posted remittance with the same payment and other content, null if there is none
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void ask(
            UUID remittanceId,
            EraTransaction header,
            UUID fileId,
            List<String> policyReasons,
            @Nullable UUID conflictWith) {
        Movement movement = rows.movement(remittanceId);
        UserId uploader = files.deliveredBy(fileId).orElse(null);
        List<String> reasons = new ArrayList<>(policyReasons);
        if (conflictWith != null) {
            reasons.addFirst(SAME_PAYMENT);
        }
        rows.toReview(remittanceId);
        reviews.insert(
                remittanceId,
                reasons,
                amount(header, movement),
                movement.takesBack(),
                uploader,
                new Asked(!policyReasons.isEmpty(), conflictWith, null),
                clock.instant());
        timeline.add(
                "remittance",
                remittanceId,
                uploader,
                "Waits for review",
                "Nothing of it is posted yet: " + String.join("; ", reasons));
        messages.publish(
                RemittanceReviewSteps.REQUESTED,
                remittanceId.toString(),
                Map.of("remittanceId", remittanceId.toString()));
    }

    /** A rejected or held remittance waits once more; what was written down of it stays until it is posted. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void askAgain(UUID remittanceId, String why) {
        Reopenable remittance = rows.lockReopenable(remittanceId);
        UUID conflictWith = remittance.paidMinor() == 0
                ? null
                : rows.postedPayment(remittance.paymentKey()).orElse(null);
        Movement movement = rows.movement(remittanceId);
        List<String> reasons = new ArrayList<>();
        if (conflictWith != null) {
            reasons.add(SAME_PAYMENT);
        }
        reasons.add("Opened again: " + why);
        UserId person = CurrentUser.find().orElse(null);
        rows.waitAgain(remittanceId, conflictWith);
        reviews.insert(
                remittanceId,
                reasons,
                Amounts.ofMinor(
                        Math.max(Math.absExact(remittance.paidMinor()), Math.max(0, movement.takenBackMinor())),
                        remittance.currency()),
                movement.takesBack(),
                files.deliveredBy(remittance.fileId()).orElse(null),
                new Asked(true, conflictWith, person),
                clock.instant());
        heldRemittances.toReview(remittanceId);
        timeline.add("remittance", remittanceId, person, "Opened again", why);
        messages.publish(
                RemittanceReviewSteps.REQUESTED,
                reviews.get(remittanceId).processKey(),
                Map.of("remittanceId", remittanceId.toString()));
    }

    private boolean lookFirst(UUID fileId) {
        return files.find(fileId)
                .map(IntakeFile::source)
                .filter(source -> source.endsWith(Remittances.LOOK_FIRST))
                .isPresent();
    }

    private static Money amount(EraTransaction header, Movement movement) {
        return Amounts.ofMinor(
                Math.max(Math.absExact(header.paidMinor()), Math.max(0, movement.takenBackMinor())), header.currency());
    }
}
