package io.remitflow.receivables.web;

import io.remitflow.core.Amounts;
import io.remitflow.identity.Organizations;
import io.remitflow.receivables.AccountChange;
import io.remitflow.receivables.AccountFilter;
import io.remitflow.receivables.AccountPanel;
import io.remitflow.receivables.AccountStatus;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Patient accounts for people. */
@Controller
@RequestMapping("/app/patient-accounts")
@PreAuthorize("hasAuthority('patient-accounts.view')")
class PatientAccountPages {

    private static final int ACCOUNTS_PER_PAGE = 50;
    private static final int TRANSACTIONS_PER_PAGE = 100;

    private final PatientAccounts accounts;
    private final Organizations organizations;
    private final ObjectProvider<AccountPanel> panels;

    PatientAccountPages(PatientAccounts accounts, Organizations organizations, ObjectProvider<AccountPanel> panels) {
        this.accounts = accounts;
        this.organizations = organizations;
        this.panels = panels;
    }

    @GetMapping
    String list(
            @RequestParam(required = false) @Nullable String q,
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable String balance,
            @RequestParam(required = false) @Nullable String after,
            Model model) {
        AccountFilter filter = PatientAccountResource.filter(q, status, balance, after, ACCOUNTS_PER_PAGE);
        var found = accounts.list(filter);
        model.addAttribute("accounts", found);
        model.addAttribute("totals", accounts.totals(filter));
        model.addAttribute(
                "next",
                found.size() < ACCOUNTS_PER_PAGE ? null : found.getLast().number());
        model.addAttribute("q", q);
        model.addAttribute("status", status);
        model.addAttribute("balance", balance);
        model.addAttribute("statuses", AccountStatus.values());
        return "receivables/accounts";
    }

    @GetMapping("/{id}")
    String account(
            @PathVariable UUID id,
            @RequestParam(required = false) @Nullable LocalDate asOf,
            @RequestParam(required = false) @Nullable UUID before,
            Model model) {
        var account = accounts.get(id);
        var aging = accounts.aging(id, asOf == null ? organizations.today() : asOf);
        var transactions = accounts.transactions(id, before, TRANSACTIONS_PER_PAGE);
        model.addAttribute("account", account);
        model.addAttribute("aging", aging);
        model.addAttribute(
                "rows",
                List.of(
                        new AgingRow("Insurance", aging.insurance()),
                        new AgingRow("Patient", aging.patient()),
                        new AgingRow("Total", aging.total())));
        model.addAttribute("bar", AgingBar.of(aging.total()));
        model.addAttribute("transactions", transactions);
        model.addAttribute(
                "next",
                transactions.size() < TRANSACTIONS_PER_PAGE
                        ? null
                        : transactions.getLast().id());
        model.addAttribute("statuses", AccountStatus.values());
        model.addAttribute(
                "panels",
                panels.stream()
                        .sorted(Comparator.comparingInt(AccountPanel::order))
                        .map(panel -> new Panel(panel.fragment(), panel.model(id)))
                        .toList());
        return "receivables/account";
    }

    @PostMapping
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    String open(
            @RequestParam String patientId,
            @RequestParam(required = false) @Nullable String familyName,
            @RequestParam(required = false) @Nullable String givenName,
            RedirectAttributes after) {
        UUID id = accounts.open(
                new NewPatientAccount(patientId, null, blankToNull(familyName), blankToNull(givenName), null, null));
        after.addFlashAttribute("message", "The account is open.");
        return "redirect:/app/patient-accounts/" + id;
    }

    @PostMapping("/{id}")
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    String change(
            @PathVariable UUID id,
            @RequestParam long version,
            @RequestParam String status,
            @RequestParam String creditLimit,
            @RequestParam(required = false) @Nullable String guarantorRelationship,
            @RequestParam(required = false) @Nullable String notes,
            RedirectAttributes after) {
        String currency = accounts.get(id).balance().getCurrencyUnit().getCode();
        accounts.change(
                id,
                new AccountChange(
                        version,
                        AccountStatus.ofKey(status),
                        Amounts.parse(creditLimit.replace(",", ""), currency),
                        null,
                        null,
                        null,
                        guarantorRelationship,
                        notes));
        after.addFlashAttribute("message", "The account was changed.");
        return "redirect:/app/patient-accounts/" + id;
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }

    record AgingRow(String title, io.remitflow.receivables.Aging.Buckets buckets) {}

    record Panel(String fragment, Object model) {}
}
