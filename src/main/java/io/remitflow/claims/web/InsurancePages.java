package io.remitflow.claims.web;

import io.remitflow.claims.Insurances;
import io.remitflow.claims.Subscriber;
import java.time.LocalDate;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Changes to the insurances of a patient; they are shown on the page of the account. */
@Controller
@RequestMapping("/app/patient-accounts/{id}/insurances")
@PreAuthorize("hasAuthority('patient-accounts.manage')")
class InsurancePages {

    private final Insurances insurances;

    InsurancePages(Insurances insurances) {
        this.insurances = insurances;
    }

    @PostMapping
    String record(
            @PathVariable UUID id,
            @RequestParam UUID payerId,
            @RequestParam(required = false) @Nullable Integer position,
            @RequestParam String memberId,
            @RequestParam(required = false) @Nullable String groupNumber,
            @RequestParam String familyName,
            @RequestParam String givenName,
            @RequestParam LocalDate birthDate,
            @RequestParam String sex,
            @RequestParam String street,
            @RequestParam String city,
            @RequestParam String state,
            @RequestParam String postalCode,
            RedirectAttributes after) {
        insurances.record(
                id,
                payerId,
                position,
                new Subscriber(
                        memberId,
                        groupNumber == null || groupNumber.isBlank() ? null : groupNumber.strip(),
                        familyName,
                        givenName,
                        birthDate,
                        sex,
                        street,
                        city,
                        state,
                        postalCode));
        after.addFlashAttribute("message", "The insurance is saved.");
        return "redirect:/app/patient-accounts/" + id;
    }

    @PostMapping("/{payerId}/removal")
    String remove(@PathVariable UUID id, @PathVariable UUID payerId, RedirectAttributes after) {
        insurances.remove(id, payerId);
        after.addFlashAttribute("message", "The insurance is removed.");
        return "redirect:/app/patient-accounts/" + id;
    }
}
