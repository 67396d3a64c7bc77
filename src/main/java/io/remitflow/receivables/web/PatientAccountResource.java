package io.remitflow.receivables.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.receivables.AccountChange;
import io.remitflow.receivables.AccountFilter;
import io.remitflow.receivables.AccountStatus;
import io.remitflow.receivables.AccountTransaction;
import io.remitflow.receivables.Aging;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
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
@RequestMapping("/billing/patient-accounts")
class PatientAccountResource {

    private final PatientAccounts accounts;
    private final Organizations organizations;

    PatientAccountResource(PatientAccounts accounts, Organizations organizations) {
        this.accounts = accounts;
        this.organizations = organizations;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    AccountPage list(
            @RequestParam(required = false) @Nullable String q,
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable String balance,
            @RequestParam(required = false) @Nullable String after,
            @RequestParam(defaultValue = "50") int limit) {
        var filter = filter(q, status, balance, after, limit);
        var items = accounts.list(filter).stream().map(AccountView::of).toList();
        return new AccountPage(
                items, items.size() < limit ? null : items.getLast().accountNumber());
    }

    @PostMapping
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    ResponseEntity<AccountView> open(@RequestBody @Valid NewAccountBody body) {
        UUID id = accounts.open(new NewPatientAccount(
                body.patientId(),
                body.accountNumber(),
                body.familyName(),
                body.givenName(),
                body.guarantorId(),
                body.guarantorRelationship()));
        return ResponseEntity.created(URI.create("/billing/patient-accounts/" + id))
                .body(AccountView.of(accounts.get(id)));
    }

    @GetMapping("/{accountId}")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    AccountView get(@PathVariable UUID accountId) {
        return AccountView.of(accounts.get(accountId));
    }

    @PutMapping("/{accountId}")
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    AccountView change(@PathVariable UUID accountId, @RequestBody @Valid ChangeBody body) {
        return AccountView.of(accounts.change(
                accountId,
                new AccountChange(
                        body.version(),
                        body.status() == null ? null : AccountStatus.ofKey(body.status()),
                        body.creditLimit() == null ? null : Amounts.parse(body.creditLimit(), currency(accountId)),
                        body.familyName(),
                        body.givenName(),
                        body.guarantorId(),
                        body.guarantorRelationship(),
                        body.notes())));
    }

    /** Newest first; {@code after} is the id of the last transaction already seen. */
    @GetMapping("/{accountId}/transactions")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    TransactionPage transactions(
            @PathVariable UUID accountId,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        if (limit < 1 || limit > AccountFilter.MAX_LIMIT) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a page has between 1 and %d items".formatted(200));
        }
        var items = accounts.transactions(accountId, after, limit).stream()
                .map(TransactionView::of)
                .toList();
        return new TransactionPage(
                items, items.size() < limit ? null : items.getLast().id());
    }

    @GetMapping("/{accountId}/aging")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    AgingView aging(@PathVariable UUID accountId, @RequestParam(required = false) @Nullable LocalDate asOf) {
        return AgingView.of(accounts.aging(accountId, asOf == null ? organizations.today() : asOf));
    }

    static AccountFilter filter(
            @Nullable String text,
            @Nullable String status,
            @Nullable String balance,
            @Nullable String after,
            int limit) {
        return new AccountFilter(
                text,
                status == null || status.isBlank() ? null : AccountStatus.ofKey(status),
                balance(balance),
                after == null || after.isBlank() ? null : after,
                limit);
    }

    private static AccountFilter.Balance balance(@Nullable String key) {
        if (key == null || key.isBlank()) {
            return AccountFilter.Balance.ANY;
        }
        return Arrays.stream(AccountFilter.Balance.values())
                .filter(balance -> balance.name().toLowerCase(Locale.ROOT).equals(key))
                .findFirst()
                .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "balance is any, owed, credit or zero"));
    }

    private String currency(UUID accountId) {
        return accounts.get(accountId).balance().getCurrencyUnit().getCode();
    }

    private static String plain(Money amount) {
        return amount.getAmount().toPlainString();
    }

    record AccountPage(List<AccountView> items, @Nullable String next) {}

    record TransactionPage(
            List<TransactionView> items, @Nullable UUID next) {}

    record NewAccountBody(
            @NotBlank @Size(max = 200) String patientId,
            @Nullable @Size(max = 50) String accountNumber,
            @Nullable @Size(max = 200) String familyName,
            @Nullable @Size(max = 200) String givenName,
            @Nullable @Size(max = 200) String guarantorId,
            @Nullable @Size(max = 200) String guarantorRelationship) {}

    record ChangeBody(
            @NotNull Long version,
            @Nullable String status,
            @Nullable @Size(max = 30) String creditLimit,
            @Nullable @Size(max = 200) String familyName,
            @Nullable @Size(max = 200) String givenName,
            @Nullable @Size(max = 200) String guarantorId,
            @Nullable @Size(max = 200) String guarantorRelationship,
            @Nullable @Size(max = 2000) String notes) {}

    record AccountView(
            UUID id,
            String accountNumber,
            String patientId,
            @Nullable String familyName,
            @Nullable String givenName,
            String status,
            String currency,
            String creditLimit,
            String currentBalance,
            String insuranceBalance,
            String patientBalance,
            @Nullable LocalDate lastPaymentDate,
            @Nullable String lastPaymentAmount,
            @Nullable String guarantorId,
            @Nullable String guarantorRelationship,
            @Nullable String notes,
            long version,
            Instant createdAt,
            Instant updatedAt) {

        static AccountView of(PatientAccount account) {
            return new AccountView(
                    account.id(),
                    account.number(),
                    account.patientId(),
                    account.familyName(),
                    account.givenName(),
                    account.status().key(),
                    account.balance().getCurrencyUnit().getCode(),
                    plain(account.creditLimit()),
                    plain(account.balance()),
                    plain(account.insuranceBalance()),
                    plain(account.patientBalance()),
                    account.lastPaymentDate(),
                    account.lastPaymentAmount() == null ? null : plain(account.lastPaymentAmount()),
                    account.guarantorId(),
                    account.guarantorRelationship(),
                    account.notes(),
                    account.version(),
                    account.createdAt(),
                    account.updatedAt());
        }
    }

    record TransactionView(
            UUID id,
            String transactionNumber,
            LocalDate transactionDate,
            LocalDate agingDate,
            String transactionType,
            String responsibility,
            String amount,
            String balanceAfter,
            @Nullable UUID claimId,
            @Nullable UUID paymentId,
            @Nullable UUID payerId,
            @Nullable UUID journalEntryId,
            String description,
            Instant postedAt) {

        static TransactionView of(AccountTransaction transaction) {
            return new TransactionView(
                    transaction.id(),
                    transaction.number(),
                    transaction.date(),
                    transaction.agingDate(),
                    transaction.type().key(),
                    transaction.responsibility().key(),
                    plain(transaction.amount()),
                    plain(transaction.balanceAfter()),
                    transaction.claimId(),
                    transaction.paymentId(),
                    transaction.payerId(),
                    transaction.journalEntryId(),
                    transaction.description(),
                    transaction.postedAt());
        }
    }

    /** Patient shares age from the day they became the patient's, insurance shares from the service date. */
    record AgingView(LocalDate asOf, BucketsView insurance, BucketsView patient, BucketsView total) {

        static AgingView of(Aging aging) {
            return new AgingView(
                    aging.asOf(),
                    BucketsView.of(aging.insurance()),
                    BucketsView.of(aging.patient()),
                    BucketsView.of(aging.total()));
        }
    }

    record BucketsView(
            String current0To30,
            String aging31To60,
            String aging61To90,
            String aging91To120,
            String agingOver120,
            String unappliedCredits,
            String balance) {

        static BucketsView of(Aging.Buckets buckets) {
            return new BucketsView(
                    plain(buckets.days0To30()),
                    plain(buckets.days31To60()),
                    plain(buckets.days61To90()),
                    plain(buckets.days91To120()),
                    plain(buckets.over120()),
                    plain(buckets.unapplied()),
                    plain(buckets.balance()));
        }
    }
}
