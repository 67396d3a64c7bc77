package io.remitflow.remittance.web;

import io.remitflow.core.RuleViolation;
import io.remitflow.intake.IntakeFile;
import io.remitflow.remittance.PayeeIdentifiers;
import io.remitflow.remittance.Receipt;
import io.remitflow.remittance.RejectedFiles;
import io.remitflow.remittance.Remittances;
import java.util.UUID;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Files that could not be read as they came, and remittances that pay somebody else. */
@Controller
@PreAuthorize("hasAuthority('remittances.view')")
class RejectedFilesController {

    private static final int ROWS = 200;

    private final Remittances remittances;
    private final RejectedFiles rejected;
    private final PayeeIdentifiers payees;

    RejectedFilesController(Remittances remittances, RejectedFiles rejected, PayeeIdentifiers payees) {
        this.remittances = remittances;
        this.rejected = rejected;
        this.payees = payees;
    }

    @GetMapping("/app/remittances/rejected")
    String list(Model model) {
        model.addAttribute("files", rejected.list(ROWS));
        return "remittance/rejected";
    }

    @PostMapping("/app/remittances/rejected/{id}/confirmation")
    @PreAuthorize("hasAuthority('remittances.confirm')")
    String letIn(@PathVariable UUID id, @RequestParam String comment, RedirectAttributes redirect) {
        try {
            Receipt receipt = remittances.letIn(id, comment);
            redirect.addFlashAttribute(
                    "done",
                    receipt.file().state() == IntakeFile.State.REJECTED
                            ? "Still not readable: " + receipt.file().reason()
                            : "Let in: %d of its remittances recorded."
                                    .formatted(receipt.remittances().size()));
        } catch (RuleViolation e) {
            redirect.addFlashAttribute("refused", e.getMessage());
        }
        return "redirect:/app/remittances/rejected";
    }

    @GetMapping("/app/remittances/misrouted")
    String misrouted(Model model) {
        model.addAttribute("misrouted", payees.misrouted(ROWS));
        model.addAttribute("identifiers", payees.all());
        return "remittance/misrouted";
    }

    @PostMapping("/app/remittances/payee-identifiers")
    @PreAuthorize("hasAuthority('settings.manage')")
    String register(@RequestParam String identifier, RedirectAttributes redirect) {
        try {
            payees.register(identifier);
            redirect.addFlashAttribute("done", "Registered. Check waiting remittances again.");
        } catch (RuleViolation e) {
            redirect.addFlashAttribute("refused", e.getMessage());
        }
        return "redirect:/app/remittances/misrouted";
    }

    @PostMapping("/app/remittances/misrouted/{fileId}/check")
    @PreAuthorize("hasAuthority('remittances.confirm')")
    String checkAgain(@PathVariable UUID fileId, RedirectAttributes redirect) {
        try {
            Receipt receipt = remittances.checkPayeesAgain(fileId);
            redirect.addFlashAttribute(
                    "done",
                    "Checked again: %d of its remittances are ours."
                            .formatted(receipt.remittances().size()));
        } catch (RuleViolation e) {
            redirect.addFlashAttribute("refused", e.getMessage());
        }
        return "redirect:/app/remittances/misrouted";
    }
}
