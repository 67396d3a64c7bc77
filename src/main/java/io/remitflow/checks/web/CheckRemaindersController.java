package io.remitflow.checks.web;

import io.remitflow.checks.CheckRemainder;
import io.remitflow.checks.CheckRemainders;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
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

/** What of confirmed checks is unapplied, and what it may pay. */
@Controller
@RequestMapping("/app/checks/remainders")
class CheckRemaindersController {

    private static final int MOST = 200;

    private final CheckRemainders remainders;

    CheckRemaindersController(CheckRemainders remainders) {
        this.remainders = remainders;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('checks.view')")
    String list(Model model) {
        model.addAttribute("remainders", remainders.open(MOST));
        model.addAttribute("count", remainders.count());
        model.addAttribute("total", remainders.total().orElse(null));
        return "checks/remainders";
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('checks.view')")
    String remainder(@PathVariable UUID id, @RequestParam(defaultValue = "") String text, Model model) {
        CheckRemainders.Choices choices = remainders.choices(id, text);
        model.addAttribute("remainder", choices.remainder());
        model.addAttribute("invoices", choices.invoices());
        model.addAttribute("fitting", choices.fitting());
        model.addAttribute("accounts", choices.accounts());
        model.addAttribute("nobody", choices.forNobody());
        model.addAttribute("text", text);
        return "checks/remainder";
    }

    @PostMapping("/{id}/assignment")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String assign(
            @PathVariable UUID id,
            @RequestParam(required = false) @Nullable UUID invoice,
            @RequestParam(defaultValue = "") String amount,
            @RequestParam(defaultValue = "") String seen,
            RedirectAttributes after) {
        CheckRemainder remainder = remainders.get(id);
        if (invoice == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say which invoice it pays");
        }
        String currency = remainder.remaining().getCurrencyUnit().getCode();
        remainders.assign(id, invoice, Amounts.parse(amount.replace(",", ""), currency), Amounts.parse(seen, currency));
        after.addFlashAttribute("message", "Assigned.");
        return "redirect:/app/checks/remainders";
    }

    /** It pays no invoice: it is a credit of the account, and goes back from there if it has to. */
    @PostMapping("/{id}/account-credit")
    @PreAuthorize("hasAuthority('checks.confirm')")
    String putOnAccount(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String account,
            @RequestParam(defaultValue = "") String amount,
            @RequestParam(defaultValue = "") String seen,
            RedirectAttributes after) {
        String currency = remainders.get(id).remaining().getCurrencyUnit().getCode();
        remainders.putOnAccount(
                id, account, Amounts.parse(amount.replace(",", ""), currency), Amounts.parse(seen, currency));
        after.addFlashAttribute("message", "On the account as a credit; request a refund there if it goes back.");
        return "redirect:/app/checks/remainders";
    }
}
