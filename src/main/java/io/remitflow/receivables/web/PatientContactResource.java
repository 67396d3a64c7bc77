package io.remitflow.receivables.web;

import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.PatientContacts;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing/patient-accounts/{id}/contact")
class PatientContactResource {

    private final PatientContacts contacts;
    private final PatientAccounts accounts;

    PatientContactResource(PatientContacts contacts, PatientAccounts accounts) {
        this.contacts = contacts;
        this.accounts = accounts;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    ContactView get(@PathVariable UUID id) {
        accounts.get(id);
        return new ContactView(contacts.emailOf(id).orElse(null));
    }

    @PutMapping
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    ContactView change(@PathVariable UUID id, @RequestBody @Valid ContactView body) {
        contacts.change(id, body.email() == null ? "" : body.email());
        return new ContactView(contacts.emailOf(id).orElse(null));
    }

    record ContactView(@Nullable @Size(max = 254) String email) {}
}
