package io.remitflow.checks.web;

import io.remitflow.checks.CheckMail;
import io.remitflow.checks.CheckMailSettings;
import io.remitflow.checks.CheckMails;
import io.remitflow.identity.Organizations;
import java.util.List;
import java.util.UUID;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Scans that came by mail: what waits in quarantine, and whose are taken without asking. */
@Controller
@RequestMapping("/app/checks/mail")
class CheckMailController {

    private static final int MOST = 100;
    private static final int RECENT = 50;

    private final CheckMails mails;
    private final CheckMailSettings settings;
    private final Organizations organizations;

    CheckMailController(CheckMails mails, CheckMailSettings settings, Organizations organizations) {
        this.mails = mails;
        this.settings = settings;
        this.organizations = organizations;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('checks.view')")
    String list(Model model) {
        String code = organizations.current().code();
        model.addAttribute("quarantined", mails.list(CheckMail.State.QUARANTINED, MOST));
        model.addAttribute(
                "recent",
                mails.list(null, RECENT).stream()
                        .filter(mail -> mail.state() != CheckMail.State.QUARANTINED)
                        .map(mail -> new Decided(mail, mails.attached(mail.id())))
                        .toList());
        model.addAttribute("senders", mails.senders());
        model.addAttribute(
                "fetched",
                settings.mailboxes().stream()
                        .anyMatch(mailbox -> mailbox.organization().equals(code)));
        return "checks/mail";
    }

    @PostMapping("/{id}/acceptance")
    @PreAuthorize("hasAuthority('checks.receive')")
    String accept(@PathVariable UUID id, RedirectAttributes after) {
        mails.accept(id, false);
        after.addFlashAttribute("message", "Accepted. Its attachments are being read.");
        return "redirect:/app/checks/mail";
    }

    @PostMapping("/{id}/trust")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String trust(@PathVariable UUID id, RedirectAttributes after) {
        mails.accept(id, true);
        after.addFlashAttribute("message", "Accepted, and its sender is known from now on.");
        return "redirect:/app/checks/mail";
    }

    @PostMapping("/{id}/discarding")
    @PreAuthorize("hasAuthority('checks.receive')")
    String discard(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason, RedirectAttributes after) {
        mails.discard(id, reason);
        after.addFlashAttribute("message", "Discarded.");
        return "redirect:/app/checks/mail";
    }

    @PostMapping("/senders")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String addSender(@RequestParam(defaultValue = "") String sender, RedirectAttributes after) {
        mails.addSender(sender);
        after.addFlashAttribute("message", "Its scans are taken from now on.");
        return "redirect:/app/checks/mail";
    }

    @PostMapping("/senders/{id}/removal")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String removeSender(@PathVariable UUID id, RedirectAttributes after) {
        mails.removeSender(id);
        after.addFlashAttribute("message", "Removed.");
        return "redirect:/app/checks/mail";
    }

    /** Accepted or discarded. */
    public record Decided(CheckMail mail, List<CheckMails.Attached> attached) {}
}
