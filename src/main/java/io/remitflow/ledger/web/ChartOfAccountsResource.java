package io.remitflow.ledger.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.Account;
import io.remitflow.ledger.AccountChange;
import io.remitflow.ledger.AccountLedger;
import io.remitflow.ledger.AccountLedgers;
import io.remitflow.ledger.AccountType;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.NewAccount;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.joda.money.IllegalCurrencyException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/accounting/chart-of-accounts")
@PreAuthorize("hasAuthority('ledger.view')")
@Tag(name = "Chart of accounts")
class ChartOfAccountsResource {

    private final ChartOfAccounts chart;
    private final AccountLedgers ledgers;
    private final Organizations organizations;

    ChartOfAccountsResource(ChartOfAccounts chart, AccountLedgers ledgers, Organizations organizations) {
        this.chart = chart;
        this.ledgers = ledgers;
        this.organizations = organizations;
    }

    @GetMapping
    @Operation(summary = "All accounts by code; at most a few hundred, hence not paged")
    AccountsJson list() {
        return new AccountsJson(chart.all().stream().map(AccountJson::of).toList());
    }

    @PostMapping
    @PreAuthorize("hasAuthority('ledger.manage')")
    @Operation(summary = "Add an account; its code is unique in the organization")
    ResponseEntity<AccountJson> create(@RequestBody AccountRequest request) {
        var id = chart.create(request.toNewAccount());
        return ResponseEntity.created(URI.create("/accounting/chart-of-accounts/" + id))
                .body(AccountJson.of(chart.get(id)));
    }

    @GetMapping("/{accountId}")
    AccountJson get(@PathVariable UUID accountId) {
        return AccountJson.of(chart.get(accountId));
    }

    @PutMapping("/{accountId}")
    @PreAuthorize("hasAuthority('ledger.manage')")
    @Operation(summary = "Change name, subtype, parent, description or activity; never code, type or currency")
    AccountJson update(@PathVariable UUID accountId, @RequestBody AccountRequest request) {
        var before = chart.get(accountId);
        if ((request.code() != null && !request.code().equals(before.code()))
                || (request.type() != null
                        && !request.type().equals(before.type().key()))) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "code and type of an account never change");
        }
        chart.update(accountId, request.toChange(before));
        return AccountJson.of(chart.get(accountId));
    }

    @GetMapping("/{accountId}/ledger")
    @Operation(summary = "Lines of the account with running balance, oldest first")
    LedgerJson ledger(
            @PathVariable UUID accountId,
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate to,
            @RequestParam(required = false) @Nullable String after,
            @RequestParam(defaultValue = "100") int limit) {
        return LedgerJson.of(ledgers.of(
                accountId,
                from == null ? LocalDate.of(1900, 1, 1) : from,
                to == null ? LocalDate.of(9999, 1, 1) : to,
                after,
                limit));
    }

    @GetMapping("/{accountId}/balance")
    @Operation(summary = "Balance at the end of a day, added up from the lines; today if no day is given")
    BalanceJson balance(@PathVariable UUID accountId, @RequestParam(required = false) @Nullable LocalDate asOf) {
        var day = asOf == null ? organizations.today() : asOf;
        return new BalanceJson(day, Amount.of(ledgers.balance(accountId, day)));
    }

    record AccountsJson(List<AccountJson> items) {}

    record AccountJson(
            UUID id,
            String code,
            String name,
            String type,
            @Nullable String subtype,
            String normalBalance,
            @Nullable UUID parentId,
            boolean system,
            boolean active,
            @Nullable String description,
            Amount balance) {

        static AccountJson of(Account account) {
            return new AccountJson(
                    account.id(),
                    account.code(),
                    account.name(),
                    account.type().key(),
                    account.subtype(),
                    account.type().normallyDebit() ? "debit" : "credit",
                    account.parentId(),
                    account.system(),
                    account.active(),
                    account.description(),
                    Amount.of(account.balance()));
        }
    }

    record AccountRequest(
            @Nullable String code,
            @Nullable String name,
            @Nullable String type,
            @Nullable String subtype,
            @Nullable UUID parentId,
            @Nullable String description,
            @Nullable String currency,
            @Nullable Boolean active) {

        NewAccount toNewAccount() {
            return new NewAccount(
                    code == null ? "" : code,
                    name == null ? "" : name,
                    accountType(),
                    subtype,
                    parentId,
                    description,
                    currencyUnit());
        }

        AccountChange toChange(Account before) {
            return new AccountChange(
                    name == null ? before.name() : name,
                    subtype == null ? before.subtype() : subtype,
                    parentId == null ? before.parentId() : parentId,
                    description == null ? before.description() : description,
                    active == null ? before.active() : active);
        }

        private AccountType accountType() {
            try {
                return AccountType.ofKey(type == null ? "" : type);
            } catch (IllegalArgumentException e) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT, "an account needs a type such as asset or contra_revenue");
            }
        }

        private @Nullable CurrencyUnit currencyUnit() {
            try {
                return currency == null ? null : CurrencyUnit.of(currency);
            } catch (IllegalCurrencyException e) {
                throw new RuleViolation(Refusal.INVALID_INPUT, "there is no such currency");
            }
        }
    }

    record BalanceJson(LocalDate asOf, Amount balance) {}

    record LedgerJson(
            Amount opening,
            List<LedgerLineJson> items,
            Amount closing,
            @Nullable String next) {

        static LedgerJson of(AccountLedger ledger) {
            return new LedgerJson(
                    Amount.of(ledger.opening()),
                    ledger.lines().stream().map(LedgerLineJson::of).toList(),
                    Amount.of(ledger.closing()),
                    ledger.next());
        }
    }

    record LedgerLineJson(
            UUID entryId,
            String entryNumber,
            LocalDate date,
            String description,
            @Nullable ClearingReference clearing,
            Amount debit,
            Amount credit,
            Amount balance) {

        static LedgerLineJson of(AccountLedger.Line line) {
            return new LedgerLineJson(
                    line.entryId(),
                    line.entryNumber(),
                    line.date(),
                    line.description(),
                    line.clearing(),
                    Amount.of(line.debit()),
                    Amount.of(line.credit()),
                    Amount.of(line.balance()));
        }
    }
}
