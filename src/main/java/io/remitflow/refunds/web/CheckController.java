package io.remitflow.refunds.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Users;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.refunds.RefundCheck;
import io.remitflow.refunds.RefundChecks;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The check register, and the page of one check with what can become of it. */
@Controller
@RequestMapping("/app/refunds/checks")
class CheckController {

    private static final int PAGE_SIZE = 50;

    private final RefundChecks checks;
    private final PatientAccounts accounts;
    private final Organizations organizations;
    private final Users users;

    CheckController(RefundChecks checks, PatientAccounts accounts, Organizations organizations, Users users) {
        this.checks = checks;
        this.accounts = accounts;
        this.organizations = organizations;
        this.users = users;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('refunds.view')")
    String register(
            @RequestParam(defaultValue = "outstanding") String show,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        RefundCheck.State state = show.equals("outstanding") || show.equals("all") ? null : state(show);
        List<RefundCheck> rows = checks.list(state, show.equals("outstanding"), after, PAGE_SIZE);
        model.addAttribute("show", show);
        model.addAttribute("states", RefundCheck.State.values());
        model.addAttribute("totals", checks.totals());
        model.addAttribute("books", checks.books());
        model.addAttribute("rows", rows.stream().map(this::row).toList());
        model.addAttribute(
                "next", rows.size() < PAGE_SIZE ? null : rows.getLast().id());
        return "refunds/checks";
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('refunds.view')")
    String check(@PathVariable UUID id, Model model) {
        RefundCheck check = checks.get(id);
        UUID replaces = check.replacesId();
        model.addAttribute("row", row(check));
        model.addAttribute("replaces", replaces == null ? null : checks.get(replaces));
        model.addAttribute("replacedBy", checks.replacementOf(id).orElse(null));
        model.addAttribute("today", organizations.today());
        return "refunds/check";
    }

    @PostMapping("/{id}/print")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    ResponseEntity<byte[]> print(@PathVariable UUID id) {
        return AchController.download(
                "check-%s.pdf".formatted(checks.get(id).reference()), MediaType.APPLICATION_PDF, checks.print(id));
    }

    @PostMapping("/{id}/void")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    String voidCheck(@PathVariable UUID id, @RequestParam int version, @RequestParam String reason) {
        checks.voidCheck(id, version, reason);
        return "redirect:/app/refunds/checks/" + id;
    }

    @PostMapping("/{id}/stop")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    String stop(@PathVariable UUID id, @RequestParam int version, @RequestParam String reason) {
        checks.stop(id, version, reason);
        return "redirect:/app/refunds/checks/" + id;
    }

    @PostMapping("/{id}/reissue")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    String reissue(@PathVariable UUID id, @RequestParam int version, @RequestParam String reason) {
        return "redirect:/app/refunds/checks/" + checks.reissue(id, version, reason);
    }

    @PostMapping("/{id}/clearing")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    String cleared(@PathVariable UUID id, @RequestParam int version, @RequestParam LocalDate date) {
        checks.markCleared(id, version, date);
        return "redirect:/app/refunds/checks/" + id;
    }

    @PostMapping("/books/{id}")
    @PreAuthorize("hasAuthority('settings.manage')")
    String changeBook(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String name,
            @RequestParam(defaultValue = "0") long nextNumber,
            @RequestParam(defaultValue = "0") int staleDays,
            RedirectAttributes after) {
        checks.changeBook(id, name, nextNumber, staleDays);
        after.addFlashAttribute("message", "The check book was saved.");
        return "redirect:/app/refunds/checks";
    }

    private Row row(RefundCheck check) {
        return new Row(
                check,
                checks.payeeOf(check),
                accounts.get(check.accountId()).number(),
                users.find(check.issuedBy()).map(person -> person.displayName()).orElse("Unknown"));
    }

    static RefundCheck.State state(String key) {
        try {
            return RefundCheck.State.valueOf(key.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "unknown filter");
        }
    }

    record Row(RefundCheck check, RefundChecks.Payee payee, String accountNumber, String issuedBy) {}
}
