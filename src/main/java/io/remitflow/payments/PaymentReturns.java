package io.remitflow.payments;

import io.remitflow.billing.InvoicePayments;
import io.remitflow.billing.Invoices;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Users;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Checks taken at the desk that the bank did not pay: what they paid is owed again, as old as it was. */
@Service
@Transactional
public class PaymentReturns {

    private final UndepositedPayments deposited;
    private final Payments payments;
    private final AllocationRows allocations;
    private final InvoicePayments invoicePayments;
    private final Invoices invoices;
    private final PatientAccounts accounts;
    private final Journal journal;
    private final Organizations organizations;
    private final Users users;

    PaymentReturns(
            UndepositedPayments deposited,
            Payments payments,
            AllocationRows allocations,
            InvoicePayments invoicePayments,
            Invoices invoices,
            PatientAccounts accounts,
            Journal journal,
            Organizations organizations,
            Users users) {
        this.deposited = deposited;
        this.payments = payments;
        this.allocations = allocations;
        this.invoicePayments = invoicePayments;
        this.invoices = invoices;
        this.accounts = accounts;
        this.journal = journal;
        this.organizations = organizations;
        this.users = users;
    }

    /** Checks over this amount, the latest first. */
    @Transactional(readOnly = true)
    public List<UndepositedReceipt> ofAmount(Money amount, int limit) {
        return deposited.checksOfAmount(amount, limit);
    }

    /** Empty once it was returned. */
    @Transactional(readOnly = true)
    public Optional<UndepositedReceipt> find(UUID id) {
        return deposited.find(id);
    }

    /**
     * Once. What of it was refunded meanwhile is owed by the account too.
     *
     * @param why the bank returned it
     * @return under what the bank is owed the amount now, among undeposited checks
     */
    public ClearingReference returned(UUID id, String why) {
        requireMayReturn();
        // A payment before the invoices and the accounts, as refunds do.
        Payment seen = payments.lock(id);
        List<PaymentAllocation> paid = allocations.ofPayment(id);
        Map<UUID, Money> ofInvoices = new LinkedHashMap<>();
        for (PaymentAllocation each : paid) {
            if (each.invoiceId() != null) {
                ofInvoices.merge(each.invoiceId(), each.amount(), Money::plus);
            }
        }
        invoicePayments.lock(ofInvoices.keySet());
        accounts.lock(List.of(seen.accountId()));
        UndepositedReceipt receipt = deposited
                .lock(id)
                .filter(one -> one.method() == DepositMethod.CHECK)
                .orElseThrow(() -> RuleViolation.notFound("a check that the bank can return"));
        payments.returned(id);
        String text = "Payment %s came back: %s".formatted(seen.number(), why);
        UUID reversal = journal.takeBack(Objects.requireNonNull(seen.journalEntryId()), text, "payment-return:" + id)
                .id();
        ofInvoices.forEach((invoice, amount) -> invoicePayments.takeBack(invoice, amount, text));
        List<AccountPosting> owed = new ArrayList<>();
        Money rest = seen.amount();
        LocalDate oldest = seen.date();
        for (PaymentAllocation each : paid) {
            UUID invoice = each.invoiceId();
            rest = rest.minus(each.amount());
            LocalDate billedOn = invoice == null ? null : invoices.get(invoice).invoiceDate();
            oldest = billedOn != null && billedOn.isBefore(oldest) ? billedOn : oldest;
            owed.add(owed(
                    seen,
                    each.amount(),
                    each.claimId(),
                    reversal,
                    text,
                    "payment-return:%s:%d".formatted(id, owed.size()),
                    // The first such day of a claim is known.
                    each.claimId() != null ? null : billedOn));
        }
        // What lay on the account took the place of what it paid; its opposite is as old, so that the account ages as
        // before.
        owed.add(owed(
                seen,
                rest,
                seen.claimId(),
                reversal,
                text,
                "payment-return:" + id,
                seen.claimId() == null ? oldest : null));
        accounts.record(owed);
        return receipt.reference();
    }

    private AccountPosting owed(
            Payment payment,
            Money amount,
            @Nullable UUID claim,
            UUID reversal,
            String text,
            String sourceKey,
            @Nullable LocalDate agingDate) {
        return new AccountPosting(
                payment.accountId(),
                organizations.today(),
                TransactionType.PAYMENT,
                Responsibility.PATIENT,
                amount,
                claim,
                payment.id(),
                null,
                reversal,
                text,
                sourceKey,
                agingDate);
    }

    private void requireMayReturn() {
        boolean may = users.find(CurrentUser.id())
                .filter(person -> person.may(Permission.CHECKS_CONFIRM) || person.may(Permission.BANK_RECONCILE))
                .isPresent();
        if (!may) {
            throw new RuleViolation(
                    Refusal.NOT_PERMITTED, "this needs the permission " + Permission.CHECKS_CONFIRM.key());
        }
    }
}
