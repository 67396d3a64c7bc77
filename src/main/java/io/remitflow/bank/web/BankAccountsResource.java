package io.remitflow.bank.web;

import io.remitflow.bank.BankAccount;
import io.remitflow.bank.BankAccounts;
import io.remitflow.bank.BankAccounts.NewBankAccount;
import io.remitflow.bank.CsvProfile;
import io.swagger.v3.oas.annotations.Operation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/accounting/bank-accounts")
@PreAuthorize("hasAuthority('bank.reconcile')")
class BankAccountsResource {

    private final BankAccounts accounts;

    BankAccountsResource(BankAccounts accounts) {
        this.accounts = accounts;
    }

    @GetMapping
    @Operation(summary = "Our accounts at banks")
    Items list() {
        return new Items(accounts.list().stream().map(View::of).toList());
    }

    @PostMapping
    @Operation(summary = "Add a bank account; its number is encrypted and never shown again")
    ResponseEntity<View> open(@RequestBody @Valid Body body) {
        UUID id = accounts.open(
                new NewBankAccount(body.name(), body.bankName(), body.number(), body.type(), body.accountCode()));
        return ResponseEntity.created(URI.create("/accounting/bank-accounts/" + id))
                .body(View.of(accounts.get(id)));
    }

    @GetMapping("/{id}")
    View get(@PathVariable UUID id) {
        return View.of(accounts.get(id));
    }

    @PostMapping("/{id}/default")
    @Operation(
            summary =
                    "Let money go to this account unless somebody says otherwise; the default before it is none any more")
    View makeDefault(@PathVariable UUID id) {
        accounts.makeDefault(id);
        return get(id);
    }

    @GetMapping("/{id}/csv-profiles")
    Profiles profiles(@PathVariable UUID id) {
        accounts.get(id);
        return new Profiles(accounts.profiles(id));
    }

    @PostMapping("/{id}/csv-profiles")
    @Operation(summary = "Save how the bank lays out its CSV files; the same name replaces the layout")
    Profiles saveProfile(@PathVariable UUID id, @RequestBody @Valid ProfileBody body) {
        accounts.saveProfile(body.form().of(accounts.get(id)));
        return profiles(id);
    }

    record Items(List<View> items) {}

    record Profiles(List<CsvProfile> items) {}

    record Body(
            @NotBlank @Size(max = 100) String name,
            @NotBlank @Size(max = 100) String bankName,
            @NotBlank @Size(max = 50) String number,
            @NotBlank @Size(max = 20) String type,
            @NotBlank @Size(max = 20) String accountCode) {}

    /** Lists of columns are written with commas in between. */
    record ProfileBody(
            @Nullable @Size(max = 100) String name,
            @Nullable @Size(max = 3) String delimiter,
            @Nullable @Size(max = 4000) String columns,
            @Nullable @Size(max = 30) String dateFormat,
            boolean decimalComma,
            boolean headerless,
            @Nullable @Size(max = 100) String dateColumn,
            @Nullable @Size(max = 100) String amountColumn,
            @Nullable @Size(max = 100) String directionColumn,
            @Nullable @Size(max = 30) String debitWord,
            @Nullable @Size(max = 30) String creditWord,
            @Nullable @Size(max = 100) String debitColumn,
            @Nullable @Size(max = 100) String creditColumn,
            @Nullable @Size(max = 100) String balanceColumn,
            @Nullable @Size(max = 100) String referenceColumn,
            @Nullable @Size(max = 100) String checkNumberColumn,
            @Nullable @Size(max = 100) String counterpartyColumn,
            @Nullable @Size(max = 1000) String descriptionColumns) {

        ProfileForm form() {
            return new ProfileForm(
                    Objects.requireNonNullElse(name, ""),
                    delimiter,
                    Objects.requireNonNullElse(columns, ""),
                    dateFormat,
                    decimalComma,
                    headerless,
                    Objects.requireNonNullElse(dateColumn, ""),
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
        }
    }

    record View(
            UUID id,
            String name,
            String bankName,
            String last4,
            String type,
            String currency,
            String accountCode,
            boolean active,
            boolean isDefault,
            @Nullable LocalDate lastReconciledDate,
            @Nullable String lastReconciledBalance) {

        static View of(BankAccount account) {
            BankAccount.Reconciled reconciled = account.reconciled();
            return new View(
                    account.id(),
                    account.name(),
                    account.bankName(),
                    account.last4(),
                    account.type().key(),
                    account.currency(),
                    account.accountCode(),
                    account.active(),
                    account.byDefault(),
                    reconciled == null ? null : reconciled.on(),
                    reconciled == null ? null : reconciled.balance().getAmount().toPlainString());
        }
    }
}
