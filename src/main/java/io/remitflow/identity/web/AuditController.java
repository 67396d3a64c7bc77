package io.remitflow.identity.web;

import io.remitflow.identity.AuditLog;
import io.remitflow.identity.AuditVerification;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Who did what, for those who examine it. */
@Controller
@PreAuthorize("hasAuthority('audit.view')")
class AuditController {

    private static final int PAGE_SIZE = 50;

    private final AuditLog audit;
    private final AuditVerification verification;

    AuditController(AuditLog audit, AuditVerification verification) {
        this.audit = audit;
        this.verification = verification;
    }

    @GetMapping("/app/audit")
    String page(
            @RequestParam(required = false) @Nullable String action,
            @RequestParam(required = false) @Nullable String actor,
            @RequestParam(required = false) @Nullable String subject,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        var filter = new AuditLog.Filter(given(action), given(actor), given(subject));
        var entries = audit.entries(filter, after, PAGE_SIZE + 1);
        boolean more = entries.size() > PAGE_SIZE;
        var shown = more ? entries.subList(0, PAGE_SIZE) : entries;
        model.addAttribute("entries", shown);
        model.addAttribute("filter", filter);
        model.addAttribute("actions", audit.actions());
        model.addAttribute("next", more ? shown.getLast().id() : null);
        return "identity/audit";
    }

    @PostMapping("/app/audit/verification")
    String verify(RedirectAttributes after) {
        verification
                .ofCurrentOrganization()
                .ifPresentOrElse(
                        fault -> after.addFlashAttribute(
                                "refusal",
                                "The log is not intact from number %d on: %s.".formatted(fault.seq(), fault.what())),
                        () -> after.addFlashAttribute(
                                "message", "The log is intact: every entry is as it was written."));
        return "redirect:/app/audit";
    }

    private static @Nullable String given(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
