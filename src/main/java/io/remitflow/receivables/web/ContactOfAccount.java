package io.remitflow.receivables.web;

import io.remitflow.receivables.AccountPanel;
import io.remitflow.receivables.PatientContacts;
import java.util.UUID;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The mail address of the patient, on the account's page. */
@Controller
class ContactOfAccount implements AccountPanel {

    private final PatientContacts contacts;

    ContactOfAccount(PatientContacts contacts) {
        this.contacts = contacts;
    }

    @Override
    public int order() {
        return 70;
    }

    @Override
    public String fragment() {
        return "receivables/contact :: panel";
    }

    @Override
    public Object model(UUID accountId) {
        return new Contact(accountId, contacts.emailOf(accountId).orElse(""));
    }

    @PostMapping("/app/patient-accounts/{id}/contact")
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    String change(@PathVariable UUID id, @RequestParam(defaultValue = "") String email, RedirectAttributes after) {
        contacts.change(id, email);
        after.addFlashAttribute("message", "The mail address was saved.");
        return "redirect:/app/patient-accounts/" + id;
    }

    record Contact(UUID accountId, String email) {}
}
