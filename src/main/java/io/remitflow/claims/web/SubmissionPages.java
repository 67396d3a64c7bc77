package io.remitflow.claims.web;

import io.remitflow.claims.ClaimCorrections;
import io.remitflow.claims.ClaimMdConnections;
import io.remitflow.claims.Claims;
import io.remitflow.claims.EligibilityChecks;
import io.remitflow.claims.Payers;
import io.remitflow.claims.SecondaryClaims;
import io.remitflow.claims.Submission;
import io.remitflow.claims.SubmissionDetails.Attending;
import io.remitflow.claims.Submissions;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Claims to be sent, the files they went in, and the queue of rejected ones. */
@Controller
class SubmissionPages {

    private final Submissions submissions;
    private final Claims claims;
    private final ClaimCorrections corrections;
    private final Payers payers;
    private final EligibilityChecks eligibility;
    private final SecondaryClaims secondaries;
    private final ClaimMdConnections connections;
    private final Organizations organizations;

    SubmissionPages(
            Submissions submissions,
            Claims claims,
            ClaimCorrections corrections,
            Payers payers,
            EligibilityChecks eligibility,
            SecondaryClaims secondaries,
            ClaimMdConnections connections,
            Organizations organizations) {
        this.submissions = submissions;
        this.secondaries = secondaries;
        this.connections = connections;
        this.organizations = organizations;
        this.claims = claims;
        this.corrections = corrections;
        this.payers = payers;
        this.eligibility = eligibility;
    }

    /** The states that one tab shows. */
    private static final Map<String, List<String>> TABS =
            Map.of("ready", List.of("ready"), "sent", List.of("batched", "sent"), "accepted", List.of("accepted"));

    @GetMapping("/app/claims")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    String list(
            @RequestParam(defaultValue = "ready") String state,
            @RequestParam(required = false) @Nullable UUID payer,
            Model model) {
        List<String> states = TABS.get(state);
        if (states == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "unknown state");
        }
        var rows = submissions.list(states, payer);
        model.addAttribute("rows", rows);
        model.addAttribute(
                "sum",
                rows.stream()
                        .map(Submission::charged)
                        .reduce(Money.zero(organizations.current().currency()), Money::plus));
        model.addAttribute(
                "sendable", rows.stream().filter(row -> row.missing() == null).count());
        model.addAttribute("state", state);
        model.addAttribute("payer", payer);
        model.addAttribute("payers", payers.all());
        model.addAttribute("ready", submissions.count("ready"));
        model.addAttribute("rejected", submissions.count("rejected"));
        model.addAttribute("sent", submissions.count("sent") + submissions.count("batched"));
        model.addAttribute("accepted", submissions.count("accepted"));
        model.addAttribute("batches", submissions.batches());
        model.addAttribute("connected", connections.connected());
        model.addAttribute("providerKnown", submissions.provider().isPresent());
        return "claims/list";
    }

    @GetMapping("/app/claims/rejected")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    String rejected(Model model) {
        model.addAttribute("rows", submissions.inState("rejected"));
        return "claims/rejected";
    }

    @GetMapping("/app/claims/{id}")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    String claim(@PathVariable UUID id, Model model) {
        var claim = claims.get(id);
        model.addAttribute("claim", claim);
        model.addAttribute("payer", payers.get(claim.payerId()));
        model.addAttribute("answers", claims.responses(id));
        model.addAttribute("next", secondaries.next(id));
        model.addAttribute("submission", submissions.find(id).orElse(null));
        model.addAttribute("details", submissions.details(id).orElse(null));
        model.addAttribute("history", submissions.history(id));
        var replaced = claim.replaces();
        model.addAttribute("replaced", replaced == null ? null : claims.get(replaced.claimId()));
        model.addAttribute("replacement", claims.replacementOf(id).orElse(null));
        model.addAttribute("correctionObstacle", corrections.obstacle(id).orElse(null));
        return "claims/claim";
    }

    @PostMapping("/app/claims/batches")
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    String send(RedirectAttributes after) {
        int files = submissions.createBatches().size();
        after.addFlashAttribute(
                "message", files == 0 ? "No claim can be sent now." : "The claims are on their way to Claim.MD.");
        return "redirect:/app/claims";
    }

    @PostMapping("/app/claims/{id}/submission")
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    String prepare(
            @PathVariable UUID id,
            @RequestParam String form,
            @RequestParam String diagnoses,
            @RequestParam(required = false) @Nullable String placeOfService,
            @RequestParam(required = false) @Nullable String typeOfBill,
            @RequestParam(required = false) @Nullable LocalDate admittedOn,
            @RequestParam(required = false) @Nullable String patientStatus,
            @RequestParam(required = false) @Nullable String attendingNpi,
            @RequestParam(required = false) @Nullable String attendingFamilyName,
            @RequestParam(required = false) @Nullable String attendingGivenName,
            RedirectAttributes after) {
        submissions.prepare(
                id,
                SubmissionForm.details(
                        form,
                        List.of(diagnoses.split("[,\\s]+")),
                        placeOfService,
                        typeOfBill,
                        admittedOn,
                        patientStatus,
                        attendingNpi == null || attendingNpi.isBlank()
                                ? null
                                : new Attending(
                                        attendingNpi,
                                        attendingFamilyName == null ? "" : attendingFamilyName,
                                        attendingGivenName == null ? "" : attendingGivenName)));
        after.addFlashAttribute("message", "The claim is ready to be sent.");
        return "redirect:/app/claims/" + id;
    }

    @PostMapping("/app/patient-accounts/{id}/eligibility-checks")
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    String check(
            @PathVariable UUID id,
            @RequestParam UUID payerId,
            @RequestParam(defaultValue = "FORM") EligibilityChecks.Form asked,
            RedirectAttributes after) {
        var check = eligibility.ask(id, payerId, asked);
        after.addFlashAttribute("message", "Eligibility: " + check.summary());
        return "redirect:/app/patient-accounts/" + id;
    }
}
