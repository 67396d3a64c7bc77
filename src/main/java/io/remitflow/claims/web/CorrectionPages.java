package io.remitflow.claims.web;

import io.remitflow.claims.ClaimCorrections;
import io.remitflow.claims.Claims;
import io.remitflow.claims.NewClaim;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Claims that the payer knows, corrected there: replaced or voided. */
@Controller
@PreAuthorize("hasAuthority('patient-accounts.manage')")
class CorrectionPages {

    private final ClaimCorrections corrections;
    private final Claims claims;

    CorrectionPages(ClaimCorrections corrections, Claims claims) {
        this.corrections = corrections;
        this.claims = claims;
    }

    @PostMapping("/app/claims/{id}/replacement")
    String replace(@PathVariable UUID id, @RequestParam MultiValueMap<String, String> form, RedirectAttributes after) {
        String currency = claims.get(id).charged().getCurrencyUnit().getCode();
        String reason = form.getFirst("reason");
        UUID replacement = corrections.replace(id, lines(form, currency), reason == null ? "" : reason);
        after.addFlashAttribute("message", "This claim takes the place of the other one.");
        return "redirect:/app/claims/" + replacement;
    }

    @PostMapping("/app/claims/{id}/void")
    String voidClaim(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason, RedirectAttributes after) {
        corrections.voidClaim(id, reason);
        after.addFlashAttribute("message", "The claim is voided.");
        return "redirect:/app/claims/" + id;
    }

    /** One line for each amount; a line whose amount is left empty is dropped. */
    private static List<NewClaim.Line> lines(MultiValueMap<String, String> form, String currency) {
        List<NewClaim.Line> lines = new ArrayList<>();
        int count = form.getOrDefault("charged", List.of()).size();
        for (int i = 0; i < count; i++) {
            String charged = text(form, "charged", i);
            if (charged != null) {
                String modifiers = text(form, "modifiers", i);
                lines.add(new NewClaim.Line(
                        null,
                        code(text(form, "procedureCode", i)),
                        modifiers == null
                                ? List.of()
                                : Arrays.stream(modifiers
                                                .toUpperCase(Locale.ROOT)
                                                .split("[,\\s]+"))
                                        .toList(),
                        code(text(form, "revenueCode", i)),
                        date(text(form, "serviceDate", i)),
                        units(text(form, "units", i)),
                        Amounts.parse(charged, currency)));
            }
        }
        return lines;
    }

    private static @Nullable String code(@Nullable String text) {
        if (text != null && !text.matches("[A-Za-z0-9]{2,8}")) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a code has 2 to 8 letters and digits");
        }
        return text == null ? null : text.toUpperCase(Locale.ROOT);
    }

    private static LocalDate date(@Nullable String text) {
        try {
            return LocalDate.parse(text == null ? "" : text);
        } catch (DateTimeException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "each service needs its date");
        }
    }

    private static BigDecimal units(@Nullable String text) {
        if (text == null || !text.matches("\\d{1,9}(\\.\\d{1,3})?")) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "units are a number above zero");
        }
        return new BigDecimal(text);
    }

    private static @Nullable String text(MultiValueMap<String, String> form, String name, int index) {
        List<String> values = form.getOrDefault(name, List.of());
        String text = index < values.size() ? values.get(index).strip() : "";
        return text.isEmpty() ? null : text;
    }
}
