package io.remitflow.claims.web;

import io.remitflow.claims.NewPayer;
import io.remitflow.claims.Payer;
import io.remitflow.claims.Payers;
import io.remitflow.claims.Submissions;
import java.util.List;
import java.util.Set;
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

/** The payers, what their contracts say, and how Claim.MD reaches them. */
@Controller
@RequestMapping("/app/payers")
class PayersController {

    private static final List<String> CLASSES =
            List.of("commercial", "medicare", "medicaid", "tricare", "workers_comp", "other");

    private final Payers payers;
    private final Submissions submissions;

    PayersController(Payers payers, Submissions submissions) {
        this.payers = payers;
        this.submissions = submissions;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('payers.view')")
    String list(Model model) {
        var routes = submissions.routes();
        model.addAttribute(
                "rows",
                payers.all().stream()
                        .map(payer -> new Row(
                                payer,
                                payers.terms(payer.id()),
                                routes.get(payer.id()),
                                payers.ownAcceptedAdjustments(payer.id())
                                        .map(codes -> String.join(", ", codes))
                                        .orElse("")))
                        .toList());
        model.addAttribute("accepted", String.join(", ", payers.acceptedAdjustments(null)));
        model.addAttribute("classes", CLASSES);
        return "claims/payers";
    }

    @PostMapping
    @PreAuthorize("hasAuthority('settings.manage')")
    String create(
            @RequestParam String name,
            @RequestParam String payerClass,
            @RequestParam String remitIdentifier,
            RedirectAttributes after) {
        payers.create(new NewPayer(name, payerClass, remitIdentifier));
        after.addFlashAttribute("message", "The payer is added.");
        return "redirect:/app/payers";
    }

    @PostMapping("/{id}/terms")
    @PreAuthorize("hasAuthority('settings.manage')")
    String changeTerms(
            @PathVariable UUID id,
            @RequestParam int appealDays,
            @RequestParam(defaultValue = "false") boolean patientBillingAllowed,
            @RequestParam(required = false) @Nullable String claimMdPayerId,
            @RequestParam(required = false) @Nullable String accepted,
            RedirectAttributes after) {
        payers.changeTerms(id, new Payers.Terms(appealDays, patientBillingAllowed));
        if (accepted != null) {
            payers.acceptAdjustments(id, codes(accepted));
        }
        if (claimMdPayerId != null) {
            submissions.setRoute(id, claimMdPayerId.isBlank() ? null : claimMdPayerId.strip());
        }
        after.addFlashAttribute("message", "The payer is saved.");
        return "redirect:/app/payers";
    }

    @PostMapping("/accepted-adjustments")
    @PreAuthorize("hasAuthority('settings.manage')")
    String accept(@RequestParam String accepted, RedirectAttributes after) {
        payers.acceptAdjustments(codes(accepted));
        after.addFlashAttribute("message", "The reasons are saved.");
        return "redirect:/app/payers";
    }

    /** Null if there are none: then the next wider list holds. */
    private static @Nullable Set<String> codes(String text) {
        return text.isBlank() ? null : Set.copyOf(List.of(text.strip().split("[\\s,;]+")));
    }

    /** @param accepted of its own, separated by commas; empty: the organization's hold */
    record Row(Payer payer, Payers.Terms terms, @Nullable String route, String accepted) {}
}
