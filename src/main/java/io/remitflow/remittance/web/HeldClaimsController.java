package io.remitflow.remittance.web;

import io.remitflow.remittance.HeldClaim;
import io.remitflow.remittance.HeldClaimFilter;
import io.remitflow.remittance.HeldClaims;
import io.remitflow.remittance.HeldReason;
import io.remitflow.workflow.Timeline;
import java.util.List;
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

/** Answers of posted remittances that wait in suspense, the oldest first. */
@Controller
@RequestMapping("/app/held-claims")
@PreAuthorize("hasAuthority('remittances.view')")
class HeldClaimsController {

    private static final int PAGE = 50;
    private static final List<Integer> AGES_DAYS = List.of(7, 30, 60, 90);

    private final HeldClaims held;
    private final Timeline timeline;

    HeldClaimsController(HeldClaims held, Timeline timeline) {
        this.held = held;
        this.timeline = timeline;
    }

    @GetMapping
    String list(
            @RequestParam(required = false) @Nullable String reason,
            @RequestParam(required = false) @Nullable String payer,
            @RequestParam(required = false) @Nullable Integer olderThan,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        var filter = new HeldClaimFilter(
                HeldClaimsResource.reason(reason),
                payer == null || payer.isBlank() ? null : payer.strip(),
                HeldClaimsResource.days(olderThan));
        List<HeldClaim> page = held.list(filter, after, PAGE + 1);
        boolean more = page.size() > PAGE;
        List<HeldClaim> shown = more ? page.subList(0, PAGE) : page;
        model.addAttribute("claims", shown);
        model.addAttribute("next", more ? shown.getLast().id() : null);
        model.addAttribute("totals", held.totals(HeldClaimFilter.ALL));
        model.addAttribute("filtered", held.totals(filter));
        model.addAttribute("filter", filter);
        model.addAttribute("reasons", HeldReason.values());
        model.addAttribute("ages", AGES_DAYS);
        return "remittance/held-claims";
    }

    @GetMapping("/{id}")
    String heldClaim(@PathVariable UUID id, @RequestParam(defaultValue = "") String search, Model model) {
        HeldClaim claim = held.get(id);
        model.addAttribute("claim", claim);
        model.addAttribute("search", search);
        model.addAttribute("together", claim.isWaiting() ? held.together(id) : 1);
        model.addAttribute("candidates", claim.isWaiting() ? held.candidates(id, search) : List.of());
        model.addAttribute("timeline", timeline.of("remittance", claim.remittanceId()));
        return "remittance/held-claim";
    }

    @PostMapping("/{id}/assignment")
    @PreAuthorize(HeldClaimsResource.MAY_ASSIGN)
    String assign(
            @PathVariable UUID id,
            @RequestParam String controlNumber,
            @RequestParam String reason,
            @RequestParam(defaultValue = "false") boolean despite,
            RedirectAttributes redirect) {
        HeldClaim after = held.assign(id, controlNumber, reason, despite);
        redirect.addFlashAttribute(
                "message",
                after.isWaiting()
                        ? "Assigned. It stays held: " + after.reason()
                        : "Posted to claim " + controlNumber.strip());
        return "redirect:/app/held-claims/" + id;
    }

    @PostMapping("/{id}/attempt")
    @PreAuthorize("hasAuthority('remittances.receive')")
    String tryAgain(@PathVariable UUID id, RedirectAttributes redirect) {
        HeldClaim after = held.tryAgain(id);
        redirect.addFlashAttribute("message", after.isWaiting() ? "Still held: " + after.reason() : "Posted");
        return "redirect:/app/held-claims/" + id;
    }

    @PostMapping("/{id}/note")
    @PreAuthorize("hasAuthority('remittances.receive')")
    String note(@PathVariable UUID id, @RequestParam String text, RedirectAttributes redirect) {
        held.note(id, text);
        redirect.addFlashAttribute("message", "Noted. Its money stays in suspense.");
        return "redirect:/app/held-claims/" + id;
    }
}
