package io.remitflow.checks;

import static io.remitflow.ledger.StandardAccount.AR_PATIENTS;
import static io.remitflow.ledger.StandardAccount.UNAPPLIED_CASH;
import static io.remitflow.ledger.StandardAccount.UNDEPOSITED_CHECKS;

import io.remitflow.billing.InvoicePayments;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.payments.InvoiceShares;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.PatientAccounts;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Books what a check pays.
 *
 * <p>DR undeposited checks under the check's own number, until its deposit is at the bank; CR receivable for what invoices
 * take, CR unapplied cash for the rest. Each facility gets a payment of its own, and what an invoice bills of a claim is paid
 * on the claim too.
 */
@Component
class CheckBooking {

    static final String REFERENCE = "check";

    private final ApplicationRows applications;
    private final Journal journal;
    private final Payments payments;
    private final InvoiceShares invoiceShares;
    private final PatientAccounts accounts;
    private final InvoicePayments invoices;
    private final Organizations organizations;

    CheckBooking(
            ApplicationRows applications,
            Journal journal,
            Payments payments,
            InvoiceShares invoiceShares,
            PatientAccounts accounts,
            InvoicePayments invoices,
            Organizations organizations) {
        this.applications = applications;
        this.journal = journal;
        this.payments = payments;
        this.invoiceShares = invoiceShares;
        this.accounts = accounts;
        this.invoices = invoices;
        this.organizations = organizations;
    }

    /** What one invoice gets, or an account without an invoice, and why. */
    record Share(@Nullable UUID invoiceId, String invoiceNumber, UUID facilityId, long amountMinor, String reason) {}

    /** @return the journal entry */
    UUID received(PaperCheck check, Money amount, List<Share> shares) {
        String currency = check.currency();
        long appliedMinor = shares.stream().mapToLong(Share::amountMinor).sum();
        var entry = NewEntry.on(organizations.today(), "checks", "check:" + check.id(), "Check " + check.number())
                .debit(UNDEPOSITED_CHECKS, amount, reference(check.number()))
                .reference(Checks.SUBJECT, check.id())
                .referenceNumber(check.number())
                .inOpenPeriod();
        if (appliedMinor > 0) {
            entry.credit(AR_PATIENTS, Amounts.ofMinor(appliedMinor, currency));
        }
        long leftMinor = amount.getAmountMinorLong() - appliedMinor;
        if (leftMinor > 0) {
            entry.credit(UNAPPLIED_CASH, Amounts.ofMinor(leftMinor, currency));
        }
        lock(shares);
        UUID entryId = journal.post(entry.build()).id();
        apply(check, entryId, "check:" + check.id(), shares);
        return entryId;
    }

    /** What was unapplied pays an invoice after all. */
    UUID assigned(PaperCheck check, Share share) {
        UUID id = Ids.next();
        Money amount = amount(check, share);
        lock(List.of(share));
        UUID entryId = journal.post(NewEntry.on(
                                organizations.today(),
                                "checks",
                                "check-remainder:" + id,
                                "Remainder of check " + check.number())
                        .debit(UNAPPLIED_CASH, amount)
                        .credit(AR_PATIENTS, amount)
                        .reference(Checks.SUBJECT, check.id())
                        .referenceNumber(check.number())
                        .build())
                .id();
        apply(check, entryId, "check-remainder:" + id, List.of(share));
        return entryId;
    }

    /** Under which a check lies among undeposited checks until its deposit takes it. */
    static ClearingReference reference(String number) {
        return new ClearingReference(REFERENCE, number);
    }

    private void lock(List<Share> shares) {
        accounts.lock(shares.stream().map(Share::facilityId).distinct().toList());
    }

    private void apply(PaperCheck check, UUID entryId, String sourceKey, List<Share> shares) {
        LocalDate today = organizations.today();
        Map<UUID, List<Share>> byFacility =
                new TreeMap<>(shares.stream().collect(Collectors.groupingBy(Share::facilityId, Collectors.toList())));
        Map<UUID, UUID> paymentIds = new TreeMap<>();
        // Before the invoices are paid: which of their lines were is known from what was paid before.
        byFacility.forEach((facility, its) -> {
            Map<UUID, Money> ofInvoices = new LinkedHashMap<>();
            its.forEach(share -> {
                if (share.invoiceId() != null) {
                    ofInvoices.merge(share.invoiceId(), amount(check, share), Money::plus);
                }
            });
            Money paid = its.stream()
                    .map(share -> amount(check, share))
                    .reduce(Money::plus)
                    .orElseThrow();
            paymentIds.put(
                    facility,
                    payments.recordBooked(
                            NewPayment.check(
                                    facility,
                                    null,
                                    today,
                                    paid,
                                    Objects.requireNonNullElse(check.checkNumber(), check.number())),
                            invoiceShares.allocations(facility, ofInvoices),
                            entryId,
                            sourceKey + ":" + facility));
        });
        for (Share share : shares) {
            Money amount = amount(check, share);
            UUID invoiceId = share.invoiceId();
            if (invoiceId != null) {
                invoices.pay(invoiceId, amount, "check " + check.number());
            }
            applications.insert(new CheckApplication(
                    Ids.next(),
                    check.id(),
                    invoiceId,
                    share.invoiceNumber(),
                    share.facilityId(),
                    Objects.requireNonNull(paymentIds.get(share.facilityId())),
                    entryId,
                    amount,
                    share.reason()));
        }
    }

    private static Money amount(PaperCheck check, Share share) {
        return Amounts.ofMinor(share.amountMinor(), check.currency());
    }
}
