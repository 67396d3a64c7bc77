package io.remitflow.payments.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.CardGateway.GatewayOutcomeUnknown;
import io.remitflow.payments.CardGateway.GatewayUnavailable;
import io.remitflow.payments.Payout;
import io.remitflow.payments.PayoutFilter;
import io.remitflow.payments.PayoutLine;
import io.remitflow.payments.PayoutStanding;
import io.remitflow.payments.Payouts;
import io.remitflow.workflow.Timeline;
import java.util.List;
import java.util.Locale;
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

/** What gateways pay out to the bank, and what each payout is made of. */
@Controller
@RequestMapping("/app/payments/payouts")
@PreAuthorize("hasAuthority('patient-accounts.view')")
class PayoutController {

    private static final int PAGE = 50;
    private static final int LINES = 200;

    private final Payouts payouts;
    private final Organizations organizations;
    private final Timeline timeline;

    PayoutController(Payouts payouts, Organizations organizations, Timeline timeline) {
        this.payouts = payouts;
        this.organizations = organizations;
        this.timeline = timeline;
    }

    @GetMapping
    String list(
            @RequestParam(defaultValue = "open") String show,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        List<Payout> found = payouts.list(new PayoutFilter(filter(show), after, PAGE + 1));
        List<Payout> page = found.subList(0, Math.min(found.size(), PAGE));
        model.addAttribute("show", show);
        model.addAttribute("shows", PayoutFilter.Show.values());
        model.addAttribute("next", found.size() > PAGE ? page.getLast().id() : null);
        model.addAttribute("rows", page.stream().map(this::row).toList());
        return "payments/payouts";
    }

    @GetMapping("/{id}")
    String payout(@PathVariable UUID id, @RequestParam(required = false) @Nullable UUID after, Model model) {
        Payout payout = payouts.get(id);
        List<PayoutLine> found = payouts.lines(id, after, LINES + 1);
        List<PayoutLine> page = found.subList(0, Math.min(found.size(), LINES));
        model.addAttribute("row", row(payout));
        model.addAttribute("lines", page);
        model.addAttribute("next", found.size() > LINES ? page.getLast().id() : null);
        model.addAttribute("timeline", timeline.of(Payouts.SUBJECT, id));
        return "payments/payout";
    }

    @PostMapping("/{id}/question")
    @PreAuthorize("hasAuthority('payments.post')")
    String ask(@PathVariable UUID id, RedirectAttributes after) {
        after.addFlashAttribute("message", answer(id));
        return "redirect:/app/payments/payouts/" + id;
    }

    private String answer(UUID id) {
        try {
            return payouts.ask(id)
                    ? "The gateway answered: it is paid, and all of it is known."
                    : "The gateway was asked; not all of it is settled yet.";
        } catch (GatewayUnavailable | GatewayOutcomeUnknown e) {
            return "The gateway does not answer; try again in a few minutes.";
        }
    }

    private Row row(Payout payout) {
        return new Row(payout, payout.standing(organizations.today()));
    }

    private static PayoutFilter.Show filter(String key) {
        try {
            return PayoutFilter.Show.valueOf(key.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "unknown filter");
        }
    }

    record Row(Payout payout, PayoutStanding standing) {}
}
