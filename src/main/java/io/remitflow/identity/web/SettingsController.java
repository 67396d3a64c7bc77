package io.remitflow.identity.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Settings;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The page of the billing settings. */
@Controller
@PreAuthorize("hasAuthority('settings.manage')")
class SettingsController {

    private final Settings settings;
    private final Organizations organizations;

    SettingsController(Settings settings, Organizations organizations) {
        this.settings = settings;
        this.organizations = organizations;
    }

    @GetMapping("/app/settings")
    String page(Model model) {
        model.addAttribute("settings", settings.billing());
        model.addAttribute("body", SettingsBody.of(settings.billing()));
        model.addAttribute("organization", organizations.current());
        return "identity/settings";
    }

    @PostMapping("/app/settings")
    String save(
            @RequestParam String paymentTermsDays,
            @RequestParam String lateFeePercent,
            @RequestParam String minimumInvoice,
            @RequestParam(defaultValue = "false") boolean autoGenerate,
            @RequestParam(defaultValue = "") List<String> delivery,
            @RequestParam String frequency,
            @RequestParam String statementDay,
            @RequestParam int collectionsThresholdDays,
            @RequestParam String smallBalance,
            @RequestParam(required = false) @Nullable String bulkApproval,
            @RequestParam(required = false) @Nullable Integer bankSuspenseDays,
            RedirectAttributes after) {
        var body = new SettingsBody(
                "Net " + paymentTermsDays.strip(),
                number(lateFeePercent),
                number(minimumInvoice),
                autoGenerate,
                delivery,
                frequency,
                statementDay.strip(),
                collectionsThresholdDays,
                number(smallBalance),
                bulkApproval == null ? null : number(bulkApproval),
                bankSuspenseDays);
        settings.changeBilling(body.settings(settings.billing()));
        after.addFlashAttribute("message", "The settings are saved.");
        return "redirect:/app/settings";
    }

    private static BigDecimal number(String text) {
        String plain = text.strip();
        if (!Amounts.isPlain(plain)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "A field that holds a number does not");
        }
        return new BigDecimal(plain);
    }
}
