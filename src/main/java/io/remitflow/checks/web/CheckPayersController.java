package io.remitflow.checks.web;

import io.remitflow.checks.CheckPayers;
import io.remitflow.checks.CheckSettings;
import io.remitflow.checks.PayerMatch;
import io.remitflow.checks.PayerRule;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** For whom the payers named on checks pay, and a box to try a name. */
@Controller
@RequestMapping("/app/checks/payers")
class CheckPayersController {

    private final CheckPayers payers;
    private final CheckSettings settings;
    private final PatientAccounts accounts;

    CheckPayersController(CheckPayers payers, CheckSettings settings, PatientAccounts accounts) {
        this.payers = payers;
        this.settings = settings;
        this.accounts = accounts;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('checks.view')")
    String payers(@RequestParam(defaultValue = "") String name, Model model) {
        List<PayerRule> rules = payers.rules();
        PayerMatch match = name.isBlank() ? null : payers.match(name);
        Set<UUID> ids = new HashSet<>();
        rules.forEach(rule -> ids.addAll(rule.facilities()));
        model.addAttribute("rules", rules);
        Map<UUID, PatientAccount> known = accounts.all(ids);
        model.addAttribute("accounts", known);
        model.addAttribute(
                "numbers",
                rules.stream()
                        .collect(Collectors.toMap(
                                PayerRule::id,
                                rule -> rule.facilities().stream()
                                        .map(known::get)
                                        .filter(Objects::nonNull)
                                        .map(PatientAccount::number)
                                        .sorted()
                                        .collect(Collectors.joining(", ")))));
        model.addAttribute("name", name);
        model.addAttribute("match", match);
        model.addAttribute("proposals", payers.proposals());
        model.addAttribute("windowDays", settings.windowDays());
        model.addAttribute("staleMonths", settings.staleMonths());
        return "checks/payers";
    }

    @PostMapping
    @PreAuthorize("hasAuthority('checks.confirm')")
    String add(
            @RequestParam(defaultValue = "") String pattern,
            @RequestParam(defaultValue = "false") boolean coversAll,
            @RequestParam(defaultValue = "") String facilities,
            RedirectAttributes after) {
        payers.add(pattern, coversAll, numbered(facilities));
        after.addFlashAttribute("message", "Saved. It holds for all checks that are not confirmed yet.");
        return "redirect:/app/checks/payers";
    }

    @PostMapping("/{id}")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String change(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "false") boolean coversAll,
            @RequestParam(defaultValue = "") String facilities) {
        requireKnown(id);
        payers.change(id, coversAll, numbered(facilities));
        return "redirect:/app/checks/payers";
    }

    @PostMapping("/{id}/removal")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String remove(@PathVariable UUID id) {
        payers.remove(id);
        return "redirect:/app/checks/payers";
    }

    @PostMapping("/proposals/{id}/acceptance")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String accept(@PathVariable UUID id, RedirectAttributes after) {
        payers.accept(id);
        after.addFlashAttribute("message", "It is a rule now.");
        return "redirect:/app/checks/payers";
    }

    @PostMapping("/proposals/{id}/dismissal")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String dismiss(@PathVariable UUID id) {
        payers.dismiss(id);
        return "redirect:/app/checks/payers";
    }

    @PostMapping("/window")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String changeWindow(@RequestParam(defaultValue = "10") int days, RedirectAttributes after) {
        settings.changeWindow(days);
        after.addFlashAttribute("message", "Saved.");
        return "redirect:/app/checks/payers";
    }

    @PostMapping("/stale-months")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String changeStaleMonths(@RequestParam(defaultValue = "6") int months, RedirectAttributes after) {
        settings.changeStaleMonths(months);
        after.addFlashAttribute("message", "Saved.");
        return "redirect:/app/checks/payers";
    }

    private void requireKnown(UUID id) {
        if (payers.rules().stream().noneMatch(rule -> rule.id().equals(id))) {
            throw RuleViolation.notFound("the payer");
        }
    }

    private Set<UUID> numbered(String numbers) {
        Set<UUID> ids = new LinkedHashSet<>();
        for (String number : numbers.strip().split("[\\s,;]+")) {
            if (!number.isEmpty()) {
                ids.add(accounts.byNumber(number)
                        .orElseThrow(() -> new RuleViolation(
                                Refusal.INVALID_INPUT, "no account has the number '%s'".formatted(number)))
                        .id());
            }
        }
        return ids;
    }
}
