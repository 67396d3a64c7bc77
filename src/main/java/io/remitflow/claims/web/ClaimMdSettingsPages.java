package io.remitflow.claims.web;

import io.remitflow.claims.BillingProvider;
import io.remitflow.claims.ClaimMdConnections;
import io.remitflow.claims.ClaimMdFeeds;
import io.remitflow.claims.Submissions;
import io.remitflow.identity.Organizations;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** How claims leave the house: the account at Claim.MD and the provider that bills. */
@Controller
@RequestMapping("/app/claims/settings")
@PreAuthorize("hasAuthority('settings.manage')")
class ClaimMdSettingsPages {

    private final ClaimMdConnections connections;
    private final ClaimMdFeeds feeds;
    private final Submissions submissions;
    private final Organizations organizations;

    ClaimMdSettingsPages(
            ClaimMdConnections connections, ClaimMdFeeds feeds, Submissions submissions, Organizations organizations) {
        this.connections = connections;
        this.feeds = feeds;
        this.submissions = submissions;
        this.organizations = organizations;
    }

    @GetMapping
    String show(Model model) {
        model.addAttribute("connection", connections.connection().orElse(null));
        model.addAttribute("feeds", feeds.states());
        model.addAttribute("provider", submissions.provider().orElse(null));
        model.addAttribute("organization", organizations.current());
        return "claims/settings";
    }

    @PostMapping("/connection")
    String connect(
            @RequestParam String accountKey,
            @RequestParam(required = false) @Nullable String webhookKey,
            RedirectAttributes after) {
        connections.connect(accountKey, webhookKey == null || webhookKey.isBlank() ? null : webhookKey.strip());
        after.addFlashAttribute("message", "Connected. Reading begins within a minute.");
        return "redirect:/app/claims/settings";
    }

    @PostMapping("/disconnection")
    String disconnect(RedirectAttributes after) {
        connections.disconnect();
        after.addFlashAttribute("message", "Nothing is sent and read any more until a key is set again.");
        return "redirect:/app/claims/settings";
    }

    @PostMapping("/billing-provider")
    String provider(
            @RequestParam String name,
            @RequestParam String npi,
            @RequestParam String taxId,
            @RequestParam String taxonomy,
            @RequestParam String street,
            @RequestParam String city,
            @RequestParam String state,
            @RequestParam String postalCode,
            @RequestParam String contactName,
            @RequestParam String contactPhone,
            RedirectAttributes after) {
        submissions.setProvider(new BillingProvider(
                name, npi, taxId, taxonomy, street, city, state, postalCode, contactName, contactPhone));
        after.addFlashAttribute("message", "The billing provider is saved.");
        return "redirect:/app/claims/settings";
    }
}
