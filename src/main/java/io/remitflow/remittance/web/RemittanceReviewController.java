package io.remitflow.remittance.web;

import io.remitflow.claims.Payers;
import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.remittance.ConflictChoice;
import io.remitflow.remittance.RemittanceComparisons;
import io.remitflow.remittance.RemittanceConflicts;
import io.remitflow.remittance.RemittancePreviews;
import io.remitflow.remittance.RemittanceRegister;
import io.remitflow.remittance.RemittanceReview;
import io.remitflow.remittance.RemittanceReviews;
import io.remitflow.remittance.RemittanceState;
import io.remitflow.remittance.ReviewPolicies;
import io.remitflow.remittance.ReviewPolicy;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.EngineUnavailable;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.NamedApproval;
import io.remitflow.workflow.Timeline;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** What a remittance would do, the decision about it, and which remittances wait for one. */
@Controller
@RequestMapping("/app/remittances")
class RemittanceReviewController {

    private final RemittanceReviews reviews;
    private final RemittancePreviews previews;
    private final RemittanceRegister register;
    private final ReviewPolicies policies;
    private final RemittanceReviewTasks tasks;
    private final ConflictTasks conflictTasks;
    private final RemittanceConflicts conflicts;
    private final RemittanceComparisons comparisons;
    private final Payers payers;
    private final Organizations organizations;
    private final Timeline timeline;
    private final Decisions decisions;
    private final Users users;

    RemittanceReviewController(
            RemittanceReviews reviews,
            RemittancePreviews previews,
            RemittanceRegister register,
            ReviewPolicies policies,
            RemittanceReviewTasks tasks,
            ConflictTasks conflictTasks,
            RemittanceConflicts conflicts,
            RemittanceComparisons comparisons,
            Payers payers,
            Organizations organizations,
            Timeline timeline,
            Decisions decisions,
            Users users) {
        this.reviews = reviews;
        this.previews = previews;
        this.register = register;
        this.policies = policies;
        this.tasks = tasks;
        this.conflictTasks = conflictTasks;
        this.conflicts = conflicts;
        this.comparisons = comparisons;
        this.payers = payers;
        this.organizations = organizations;
        this.timeline = timeline;
        this.decisions = decisions;
        this.users = users;
    }

    @GetMapping("/{id}/preview")
    @PreAuthorize("hasAuthority('remittances.view')")
    String preview(@PathVariable UUID id, Model model) {
        Optional<RemittanceReview> found = reviews.find(id);
        if (found.isEmpty()) {
            return "redirect:/app/remittances/" + register.get(id).summary().id();
        }
        RemittanceReview review = found.get();
        UserId requestedBy = review.requestedBy();
        model.addAttribute("review", review);
        model.addAttribute("remittance", register.get(id).summary());
        model.addAttribute("preview", review.state() == RemittanceState.REVIEW ? previews.of(id) : null);
        model.addAttribute("requestedBy", requestedBy == null ? null : name(requestedBy));
        model.addAttribute("mine", CurrentUser.id().equals(requestedBy));
        UUID posted = review.conflictWith();
        RemittanceReview.ConflictDecision conflict = review.conflict();
        model.addAttribute("comparison", posted == null ? null : comparisons.of(id, posted));
        model.addAttribute("conflictBy", conflict == null ? null : name(conflict.by()));
        model.addAttribute("choices", ConflictChoice.values());
        model.addAttribute("version", review.round());
        model.addAttribute("approvals", NamedApproval.of(reviews.approvalsOf(id), users));
        model.addAttribute("decisions", decisions.of(RemittanceReviews.SUBJECT, id));
        model.addAttribute("waiting", waiting(review));
        model.addAttribute("timeline", timeline.of(RemittanceReviews.SUBJECT, id));
        model.addAttribute("active", List.of(review.step()));
        return "remittance/preview";
    }

    @PostMapping("/{id}/approval")
    @PreAuthorize("hasAuthority('remittances.approve')")
    String approve(
            @PathVariable UUID id,
            @RequestParam long task,
            @RequestParam int version,
            @RequestParam String decision,
            @RequestParam(defaultValue = "") String comment) {
        tasks.require(reviews.get(id), task);
        reviews.decide(id, ApprovalDecision.ofForm(task, version, decision, comment));
        return "redirect:/app/remittances/" + id + "/preview";
    }

    @PostMapping("/{id}/conflict-decision")
    @PreAuthorize("hasAuthority('remittances.approve')")
    String decideConflict(
            @PathVariable UUID id, @RequestParam long task, @RequestParam String choice, @RequestParam String reason) {
        conflictTasks.require(reviews.get(id), task);
        conflicts.decide(id, task, ConflictChoice.ofKey(choice), reason);
        return "redirect:/app/remittances/" + id + "/preview";
    }

    /** Has a rejected or held remittance looked at once more. */
    @PostMapping("/{id}/review")
    @PreAuthorize("hasAuthority('remittances.receive')")
    String reopen(@PathVariable UUID id, @RequestParam String reason) {
        reviews.reopen(id, reason);
        return "redirect:/app/remittances/" + id + "/preview";
    }

    @GetMapping("/review-policy")
    @PreAuthorize("hasAuthority('settings.manage')")
    String policy(Model model) {
        ReviewPolicy policy = policies.current();
        model.addAttribute("policy", policy);
        model.addAttribute("above", policy.above() == null ? "" : Amounts.format(policy.above()));
        model.addAttribute("payers", payers.all());
        model.addAttribute("currency", organizations.current().currency());
        return "remittance/review-policy";
    }

    @PostMapping("/review-policy")
    @PreAuthorize("hasAuthority('settings.manage')")
    String savePolicy(
            @RequestParam(defaultValue = "") String above,
            @RequestParam(defaultValue = "false") boolean takebacks,
            @RequestParam(defaultValue = "") List<UUID> payer,
            RedirectAttributes after) {
        policies.change(new ReviewPolicy(
                above.isBlank()
                        ? null
                        : Amounts.parse(
                                above, organizations.current().currency().getCode()),
                takebacks,
                new HashSet<>(payer)));
        after.addFlashAttribute("message", "Saved. It holds for remittances that come from now on.");
        return "redirect:/app/remittances/review-policy";
    }

    private Waiting waiting(RemittanceReview review) {
        if (review.approved() != null || review.state() != RemittanceState.REVIEW) {
            return new Waiting(false, null, true);
        }
        try {
            return new Waiting(
                    true,
                    (review.conflictOpen() ? conflictTasks.find(review) : tasks.find(review))
                            .map(HumanTask::key)
                            .orElse(null),
                    true);
        } catch (EngineUnavailable e) {
            return new Waiting(true, null, false);
        }
    }

    private String name(UserId id) {
        return users.find(id).map(Person::displayName).orElse("Unknown");
    }

    /** Without a task, the engine has not created or shown it yet. */
    record Waiting(boolean decision, @Nullable Long task, boolean engineAvailable) {}
}
