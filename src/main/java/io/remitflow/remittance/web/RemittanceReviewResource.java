package io.remitflow.remittance.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import io.remitflow.remittance.ConflictChoice;
import io.remitflow.remittance.RemittanceConflicts;
import io.remitflow.remittance.RemittanceDetail;
import io.remitflow.remittance.RemittancePreview;
import io.remitflow.remittance.RemittancePreviews;
import io.remitflow.remittance.RemittanceReversals;
import io.remitflow.remittance.RemittanceReview;
import io.remitflow.remittance.RemittanceReviews;
import io.remitflow.remittance.ReviewPolicies;
import io.remitflow.remittance.ReviewPolicy;
import io.remitflow.remittance.TakebackStep;
import io.remitflow.remittance.web.RemittancesResource.AmountJson;
import io.remitflow.workflow.ApprovalDecision;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing")
@Tag(name = "Remittances")
class RemittanceReviewResource {

    private final RemittanceReviews reviews;
    private final RemittancePreviews previews;
    private final ReviewPolicies policies;
    private final RemittanceReviewTasks tasks;
    private final ConflictTasks conflictTasks;
    private final RemittanceConflicts conflicts;
    private final RemittanceReversals reversals;
    private final Organizations organizations;

    RemittanceReviewResource(
            RemittanceReviews reviews,
            RemittancePreviews previews,
            ReviewPolicies policies,
            RemittanceReviewTasks tasks,
            ConflictTasks conflictTasks,
            RemittanceConflicts conflicts,
            RemittanceReversals reversals,
            Organizations organizations) {
        this.reviews = reviews;
        this.previews = previews;
        this.policies = policies;
        this.tasks = tasks;
        this.conflictTasks = conflictTasks;
        this.conflicts = conflicts;
        this.reversals = reversals;
        this.organizations = organizations;
    }

    @GetMapping("/remittances/{id}/preview")
    @PreAuthorize("hasAuthority('remittances.view')")
    @Operation(summary = "What posting a remittance in review would do; nothing is kept")
    PreviewJson preview(@PathVariable UUID id) {
        reviews.get(id);
        return PreviewJson.of(previews.of(id));
    }

    @GetMapping("/remittances/{id}/approval")
    @PreAuthorize("hasAuthority('remittances.view')")
    @Operation(summary = "Why a remittance waits for a review, and what was decided")
    ReviewJson review(@PathVariable UUID id) {
        return ReviewJson.of(reviews.get(id));
    }

    @PostMapping("/remittances/{id}/approval")
    @PreAuthorize("hasAuthority('remittances.approve')")
    @Operation(summary = "Approve or reject a remittance in review; a rejection needs a comment")
    ReviewJson approve(@PathVariable UUID id, @RequestBody @Valid ApprovalBody body) {
        RemittanceReview review = reviews.get(id);
        long task = tasks.require(review, null).key();
        reviews.decide(
                id, new ApprovalDecision(task, review.round(), body.decision().equals("approve"), body.comment()));
        return ReviewJson.of(reviews.get(id));
    }

    @PostMapping("/remittances/{id}/conflict-decision")
    @PreAuthorize("hasAuthority('remittances.approve')")
    @Operation(
            summary = "Say what a remittance is that reports a posted payment with other content",
            description =
                    "resend: the posted payment sent again, not posted; another-payment: posted, after the approval that the "
                            + "review policy may want; reject: not posted")
    ReviewJson decideConflict(@PathVariable UUID id, @RequestBody @Valid ConflictBody body) {
        long task = conflictTasks.require(reviews.get(id), null).key();
        conflicts.decide(id, task, ConflictChoice.ofKey(body.choice()), body.reason());
        return ReviewJson.of(reviews.get(id));
    }

    @PostMapping("/remittances/{id}/review")
    @PreAuthorize("hasAuthority('remittances.receive')")
    @Operation(summary = "Have a rejected or held remittance looked at once more; nothing is posted before its review")
    ReviewJson reopen(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        reviews.reopen(id, body.reason());
        return ReviewJson.of(reviews.get(id));
    }

    @PostMapping("/remittances/{id}/reversal")
    @PreAuthorize("hasAuthority('remittances.approve')")
    @Operation(
            summary = "Take a posted remittance back as a whole",
            description =
                    "Its journal entry, the patient accounts, the answers of its claims, denials, takebacks, credit cases and "
                            + "its settlement, together. What came later goes first. A repeat is refused and changes nothing.")
    ReversalJson reverse(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        reversals.reverse(id, body.reason());
        return reversal(id);
    }

    @GetMapping("/remittances/{id}/reversal")
    @PreAuthorize("hasAuthority('remittances.view')")
    @Operation(summary = "That a remittance was taken back, why, and as what it was posted again")
    ReversalJson reversal(@PathVariable UUID id) {
        return reversals
                .of(id)
                .map(ReversalJson::of)
                .orElseThrow(() -> RuleViolation.notFound("the reversal of this remittance"));
    }

    @PostMapping("/remittances/{id}/reposting")
    @PreAuthorize("hasAuthority('remittances.approve')")
    @Operation(
            summary =
                    "Read the file of a remittance that was taken back once more; it passes every check like a new one")
    ReversalJson postAgain(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        reversals.postAgain(id, body.reason());
        return reversal(id);
    }

    @GetMapping("/settings/remittance-review")
    @PreAuthorize("hasAuthority('settings.manage')")
    @Operation(summary = "Which remittances wait for a review")
    PolicyJson policy() {
        return PolicyJson.of(policies.current());
    }

    @PutMapping("/settings/remittance-review")
    @PreAuthorize("hasAuthority('settings.manage')")
    @Operation(summary = "Change which remittances wait for a review; 'above' null holds none for its amount")
    PolicyJson change(@RequestBody @Valid PolicyJson body) {
        policies.change(body.policy(organizations.current().currency().getCode()));
        return PolicyJson.of(policies.current());
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    record ApprovalBody(
            @NotBlank @Pattern(regexp = "approve|reject") String decision,
            @Nullable @Size(max = 500) String comment) {}

    record ConflictBody(
            @Schema(allowableValues = {"resend", "another-payment", "reject"}) @NotBlank @Size(max = 30) String choice,

            @NotBlank @Size(max = 500) String reason) {}

    record ReasonBody(@NotBlank @Size(max = 300) String reason) {}

    record ReversalJson(
            String reason,
            @Nullable UUID by,
            Instant at,
            @Nullable UUID journalEntryId,
            @Nullable UUID postedAgainAs) {

        static ReversalJson of(RemittanceReversals.Reversal reversal) {
            UserId by = reversal.by();
            return new ReversalJson(
                    reversal.reason(),
                    by == null ? null : by.value(),
                    reversal.at(),
                    reversal.entryId(),
                    reversal.postedAgainAs());
        }
    }

    record PolicyJson(
            @Nullable @Size(max = 30) String above,
            boolean takebacks,
            @Nullable Set<UUID> payers) {

        static PolicyJson of(ReviewPolicy policy) {
            Money above = policy.above();
            return new PolicyJson(
                    above == null ? null : above.getAmount().toPlainString(), policy.takebacks(), policy.payers());
        }

        ReviewPolicy policy(String currency) {
            return new ReviewPolicy(
                    above == null || above.isBlank() ? null : Amounts.parse(above, currency),
                    takebacks,
                    payers == null ? Set.of() : payers);
        }
    }

    record ReviewJson(
            UUID remittanceId,
            String state,
            List<String> reasons,
            AmountJson amount,
            boolean takesBack,
            Instant requestedAt,
            @Nullable List<String> approvalLevels,
            @Nullable String approvalReason,
            @Nullable String refusalReason,
            @Nullable String decision,
            @Nullable String comment,
            int round,
            @Nullable UUID conflictWith,
            @Nullable String conflictChoice,
            @Nullable String conflictReason,
            @Nullable UUID conflictDecidedBy) {

        static ReviewJson of(RemittanceReview review) {
            Boolean approved = review.approved();
            RemittanceReview.ConflictDecision conflict = review.conflict();
            return new ReviewJson(
                    review.remittanceId(),
                    word(review.state()),
                    review.reasons(),
                    AmountJson.of(review.amount()),
                    review.takesBack(),
                    review.requestedAt(),
                    review.levels(),
                    review.approvalReason(),
                    review.refusalReason(),
                    approved == null ? null : approved ? "approved" : "rejected",
                    review.comment(),
                    review.round(),
                    review.conflictWith(),
                    conflict == null ? null : conflict.choice().key(),
                    conflict == null ? null : conflict.reason(),
                    conflict == null ? null : conflict.by().value());
        }
    }

    record PreviewJson(
            String outcome,
            List<RemittanceDetail.Finding> findings,
            List<LedgerJson> ledger,
            List<EntryJson> entries,
            int patientAccountCount,
            List<PatientJson> patientAccounts,
            List<CreditJson> credits,
            List<TakebackJson> takebacks,
            int deniedClaimCount,
            List<ClaimJson> deniedClaims,
            int heldClaimCount,
            List<ClaimJson> heldClaims) {

        static PreviewJson of(RemittancePreview preview) {
            return new PreviewJson(
                    word(preview.outcome()),
                    preview.findings(),
                    preview.ledger().stream()
                            .map(each -> new LedgerJson(
                                    each.code(),
                                    each.name(),
                                    AmountJson.of(each.before()),
                                    AmountJson.of(each.change()),
                                    AmountJson.of(each.after())))
                            .toList(),
                    preview.entries().stream().map(EntryJson::of).toList(),
                    preview.patientAccounts(),
                    preview.patients().stream()
                            .map(each -> new PatientJson(
                                    each.accountId(),
                                    each.number(),
                                    AmountJson.of(each.insuranceBefore()),
                                    AmountJson.of(each.insuranceAfter()),
                                    AmountJson.of(each.patientBefore()),
                                    AmountJson.of(each.patientAfter())))
                            .toList(),
                    preview.credits().stream()
                            .map(each -> new CreditJson(
                                    each.accountId(),
                                    each.claimId(),
                                    each.owner().key(),
                                    each.kind().key(),
                                    AmountJson.of(each.before()),
                                    AmountJson.of(each.after()),
                                    each.cause()))
                            .toList(),
                    preview.takebacks().stream().map(TakebackJson::of).toList(),
                    preview.deniedClaims(),
                    preview.denials().stream()
                            .map(claim ->
                                    new ClaimJson(claim.controlNumber(), AmountJson.of(claim.denied()), claim.reason()))
                            .toList(),
                    preview.heldClaims(),
                    preview.held().stream()
                            .map(claim ->
                                    new ClaimJson(claim.controlNumber(), AmountJson.of(claim.paid()), claim.reason()))
                            .toList());
        }
    }

    /** Debits minus credits. */
    record LedgerJson(String code, String name, AmountJson before, AmountJson change, AmountJson after) {}

    record EntryJson(LocalDate date, String description, AmountJson total, List<LineJson> lines) {

        static EntryJson of(RemittancePreview.Entry entry) {
            return new EntryJson(
                    entry.date(),
                    entry.description(),
                    AmountJson.of(entry.total()),
                    entry.lines().stream()
                            .map(line -> new LineJson(
                                    line.accountCode(),
                                    line.text(),
                                    line.clearing(),
                                    AmountJson.of(line.debit()),
                                    AmountJson.of(line.credit())))
                            .toList());
        }
    }

    record LineJson(
            String account, @Nullable String text, @Nullable String clearing, AmountJson debit, AmountJson credit) {}

    record PatientJson(
            UUID accountId,
            String number,
            AmountJson insuranceBefore,
            AmountJson insuranceAfter,
            AmountJson patientBefore,
            AmountJson patientAfter) {}

    record CreditJson(
            UUID accountId,
            UUID claimId,
            String owner,
            String kind,
            AmountJson before,
            AmountJson after,
            String cause) {}

    record TakebackJson(
            String kind, String code, String reference, AmountJson amount, AmountJson openAfter, String text) {

        static TakebackJson of(TakebackStep step) {
            return new TakebackJson(
                    word(step.kind()),
                    step.code(),
                    step.reference(),
                    AmountJson.of(step.amount()),
                    AmountJson.of(step.openAfter()),
                    step.sentence());
        }
    }

    record ClaimJson(
            String controlNumber,
            AmountJson amount,
            @Nullable String reason) {}
}
