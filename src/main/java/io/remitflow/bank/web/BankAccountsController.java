package io.remitflow.bank.web;

import io.remitflow.bank.BankAccount;
import io.remitflow.bank.BankAccounts;
import io.remitflow.bank.BankAccounts.NewBankAccount;
import io.remitflow.bank.CsvProfile;
import io.remitflow.ledger.AccountType;
import io.remitflow.ledger.ChartOfAccounts;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Our accounts at banks, and the page of one with the CSV layouts of its bank. */
@Controller
@PreAuthorize("hasAuthority('bank.reconcile')")
class BankAccountsController {

    private final BankAccounts accounts;
    private final ChartOfAccounts chart;

    BankAccountsController(BankAccounts accounts, ChartOfAccounts chart) {
        this.accounts = accounts;
        this.chart = chart;
    }

    @GetMapping("/app/bank/accounts")
    String list(Model model) {
        model.addAttribute("rows", accounts.list());
        model.addAttribute("types", BankAccount.Type.values());
        model.addAttribute(
                "glAccounts",
                chart.all().stream()
                        .filter(account -> account.type() == AccountType.ASSET
                                && account.active()
                                && "cash".equals(account.subtype()))
                        .toList());
        return "bank/accounts";
    }

    @PostMapping("/app/bank/accounts")
    String open(
            @RequestParam(defaultValue = "") String name,
            @RequestParam(defaultValue = "") String bankName,
            @RequestParam(defaultValue = "") String number,
            @RequestParam(defaultValue = "") String type,
            @RequestParam(defaultValue = "") String accountCode) {
        return "redirect:/app/bank/accounts/"
                + accounts.open(new NewBankAccount(name, bankName, number, type, accountCode));
    }

    @GetMapping("/app/bank/accounts/{id}")
    String account(@PathVariable UUID id, Model model) {
        model.addAttribute("account", accounts.get(id));
        model.addAttribute("profiles", accounts.profiles(id));
        return "bank/account";
    }

    @PostMapping("/app/bank/accounts/{id}")
    String change(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String name,
            @RequestParam(defaultValue = "") String bankName,
            @RequestParam(defaultValue = "false") boolean active,
            RedirectAttributes after) {
        accounts.change(id, name, bankName, active);
        after.addFlashAttribute("message", "The bank account was saved.");
        return "redirect:/app/bank/accounts/" + id;
    }

    @PostMapping("/app/bank/accounts/{id}/default")
    String makeDefault(@PathVariable UUID id, RedirectAttributes after) {
        accounts.makeDefault(id);
        after.addFlashAttribute("message", "Money goes to this account unless somebody says otherwise.");
        return "redirect:/app/bank/accounts/" + id;
    }

    @PostMapping("/app/bank/accounts/{id}/profiles")
    String saveProfile(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "") String name,
            @RequestParam(defaultValue = ",") String delimiter,
            @RequestParam(defaultValue = "") String columns,
            @RequestParam(defaultValue = "MM/dd/yyyy") String dateFormat,
            @RequestParam(defaultValue = "false") boolean decimalComma,
            @RequestParam(defaultValue = "false") boolean headerless,
            @RequestParam(defaultValue = "") String dateColumn,
            @RequestParam(required = false) @Nullable String amountColumn,
            @RequestParam(required = false) @Nullable String directionColumn,
            @RequestParam(required = false) @Nullable String debitWord,
            @RequestParam(required = false) @Nullable String creditWord,
            @RequestParam(required = false) @Nullable String debitColumn,
            @RequestParam(required = false) @Nullable String creditColumn,
            @RequestParam(required = false) @Nullable String balanceColumn,
            @RequestParam(required = false) @Nullable String referenceColumn,
            @RequestParam(required = false) @Nullable String checkNumberColumn,
            @RequestParam(required = false) @Nullable String counterpartyColumn,
            @RequestParam(defaultValue = "") String descriptionColumns,
            RedirectAttributes after) {
        BankAccount account = accounts.get(id);
        var words = new ProfileForm(
                name,
                delimiter,
                columns,
                dateFormat,
                decimalComma,
                headerless,
                dateColumn,
                amountColumn,
                directionColumn,
                debitWord,
                creditWord,
                debitColumn,
                creditColumn,
                balanceColumn,
                referenceColumn,
                checkNumberColumn,
                counterpartyColumn,
                descriptionColumns);
        CsvProfile profile = words.of(account);
        accounts.saveProfile(profile);
        after.addFlashAttribute("message", "The CSV profile %s was saved.".formatted(profile.name()));
        return "redirect:/app/bank/accounts/" + id;
    }
}
