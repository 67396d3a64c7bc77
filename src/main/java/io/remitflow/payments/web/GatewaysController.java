package io.remitflow.payments.web;

import io.remitflow.identity.Organizations;
import io.remitflow.payments.CardGateways;
import io.remitflow.payments.Gateways;
import java.util.List;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The payment gateways of the organization: what was entered can be replaced but never read again. */
@Controller
@RequestMapping("/app/settings/gateways")
@PreAuthorize("hasAuthority('settings.manage')")
class GatewaysController {

    private static final String BACK = "redirect:/app/settings/gateways";

    private final Gateways gateways;
    private final CardGateways cardGateways;
    private final Organizations organizations;

    GatewaysController(Gateways gateways, CardGateways cardGateways, Organizations organizations) {
        this.gateways = gateways;
        this.cardGateways = cardGateways;
        this.organizations = organizations;
    }

    @GetMapping
    String page(Model model) {
        var rows = gateways.registered().stream()
                .map(gateway -> new Row(
                        gateway,
                        "/billing/payments/webhooks/%s/%s"
                                .formatted(
                                        gateway.provider(),
                                        organizations.current().code()),
                        cardGateways.leftAlone(gateway.provider())))
                .toList();
        model.addAttribute("rows", rows);
        model.addAttribute("stripeIsNew", isNew(rows, Gateways.STRIPE));
        model.addAttribute(
                "sepayIsNew",
                isNew(rows, Gateways.SEPAY)
                        && organizations.current().currency().getCode().equals("VND"));
        return "payments/gateways";
    }

    @PostMapping
    String connect(
            @RequestParam String provider,
            @RequestParam String apiKey,
            @RequestParam String webhookSecret,
            @RequestParam(defaultValue = "false") boolean live,
            RedirectAttributes after) {
        gateways.connect(provider, apiKey, webhookSecret, !live);
        after.addFlashAttribute("message", "The gateway is connected. Enter its webhook address at the gateway.");
        return BACK;
    }

    @PostMapping("/{provider}/webhook-secret")
    String rotate(@PathVariable String provider, @RequestParam String webhookSecret, RedirectAttributes after) {
        gateways.rotateWebhookSecret(provider, webhookSecret);
        after.addFlashAttribute("message", "Both secrets are accepted until you end the rotation.");
        return BACK;
    }

    @PostMapping("/{provider}/rotation-end")
    String endRotation(@PathVariable String provider, RedirectAttributes after) {
        gateways.forgetPreviousSecret(provider);
        after.addFlashAttribute("message", "Only the new secret is accepted from now on.");
        return BACK;
    }

    @PostMapping("/{provider}/api-key")
    String changeKey(@PathVariable String provider, @RequestParam String apiKey, RedirectAttributes after) {
        gateways.changeApiKey(provider, apiKey);
        after.addFlashAttribute("message", "The new API key is used from now on.");
        return BACK;
    }

    @PostMapping("/{provider}/deactivation")
    String deactivate(@PathVariable String provider, RedirectAttributes after) {
        gateways.setActive(provider, false);
        after.addFlashAttribute("message", "The gateway is not called any more.");
        return BACK;
    }

    @PostMapping("/{provider}/activation")
    String activate(@PathVariable String provider, RedirectAttributes after) {
        gateways.setActive(provider, true);
        after.addFlashAttribute("message", "The gateway is active again.");
        return BACK;
    }

    private static boolean isNew(List<Row> rows, String provider) {
        return rows.stream().noneMatch(row -> row.gateway().provider().equals(provider));
    }

    record Row(Gateways.Registered gateway, String webhookPath, boolean leftAlone) {}
}
