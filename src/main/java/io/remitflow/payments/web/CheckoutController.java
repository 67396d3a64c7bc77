package io.remitflow.payments.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.payments.Checkout;
import io.remitflow.payments.CheckoutStatus;
import io.remitflow.payments.Checkouts;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.Timeline;
import java.util.List;
import java.util.Map;
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

/** Payments that patients make at the gateway, with those that were refused. */
@Controller
@RequestMapping("/app/payments/checkouts")
@PreAuthorize("hasAuthority('patient-accounts.view')")
class CheckoutController {

    private static final int PAGE_SIZE = 50;

    private final Checkouts checkouts;
    private final PatientAccounts accounts;
    private final Timeline timeline;

    CheckoutController(Checkouts checkouts, PatientAccounts accounts, Timeline timeline) {
        this.checkouts = checkouts;
        this.accounts = accounts;
        this.timeline = timeline;
    }

    @GetMapping
    String list(
            @RequestParam(defaultValue = "all") String show,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        List<Checkout> found = checkouts.list(show.equals("all") ? null : status(show), null, after, PAGE_SIZE);
        Map<UUID, PatientAccount> known =
                accounts.all(found.stream().map(Checkout::accountId).toList());
        model.addAttribute("show", show);
        model.addAttribute(
                "states",
                List.of(
                        CheckoutStatus.OPEN,
                        CheckoutStatus.PROCESSING,
                        CheckoutStatus.UNKNOWN,
                        CheckoutStatus.REFUSED,
                        CheckoutStatus.SUCCEEDED,
                        CheckoutStatus.CANCELLED,
                        CheckoutStatus.DECLINED));
        model.addAttribute(
                "rows",
                found.stream()
                        .map(checkout -> Row.of(checkout, known.get(checkout.accountId())))
                        .toList());
        model.addAttribute(
                "next", found.size() < PAGE_SIZE ? null : found.getLast().id());
        return "payments/checkouts";
    }

    @GetMapping("/{id}")
    String checkout(@PathVariable UUID id, Model model) {
        Checkout checkout = checkouts.get(id);
        model.addAttribute("row", Row.of(checkout, accounts.get(checkout.accountId())));
        model.addAttribute("timeline", timeline.of(Checkouts.SUBJECT, id));
        return "payments/checkout";
    }

    @PostMapping("/{id}/question")
    @PreAuthorize("hasAuthority('payments.post')")
    String ask(@PathVariable UUID id, RedirectAttributes after) {
        after.addFlashAttribute(
                "message",
                checkouts.ask(id)
                        ? "It is settled."
                        : "The gateway was asked; the payment has not come to an end yet.");
        return "redirect:/app/payments/checkouts/" + id;
    }

    @PostMapping("/{id}/cancellation")
    @PreAuthorize("hasAuthority('payments.post')")
    String cancel(@PathVariable UUID id, RedirectAttributes after) {
        checkouts.cancel(id);
        after.addFlashAttribute("message", "The gateway was told.");
        return "redirect:/app/payments/checkouts/" + id;
    }

    private static CheckoutStatus status(String key) {
        try {
            return CheckoutStatus.ofKey(key);
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "unknown filter");
        }
    }

    record Row(Checkout checkout, String accountNumber, String patient) {
        static Row of(Checkout checkout, @Nullable PatientAccount account) {
            return new Row(
                    checkout, account == null ? "" : account.number(), account == null ? "" : account.patientName());
        }
    }
}
