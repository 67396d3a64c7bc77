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
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.PatientAccounts;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Books what a check pays.
 *
 * <p>DR undeposited checks under the check's own number, until its deposit is at the bank; CR receivable for what invoices
 * take, CR unapplied cash for the rest. Each facility gets a payment of its own.
 */
@Component
class CheckBooking {

    static final String REFERENCE = "check";

    private final ApplicationRows applications;
    private final Journal journal;
    private final Payments payments;
    private final PatientAccounts accounts;
    private final InvoicePayments invoices;
    private final Organizations organizations;

    CheckBooking(
            ApplicationRows applications,
            Journal journal,
            Payments payments,
            PatientAccounts accounts,
            InvoicePayments invoices,
            Organizations organizations) {
        this.applications = applications;
        this.journal = journal;
        this.payments = payments;
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
        Money amount = Amounts.ofMinor(share.amountMinor(), check.currency());
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
        Map<UUID, Long> byFacility = new TreeMap<>();
        shares.forEach(share -> byFacility.merge(share.facilityId(), share.amountMinor(), Long::sum));
        Map<UUID, UUID> paymentIds = new TreeMap<>();
        byFacility.forEach((facility, minor) -> paymentIds.put(
                facility,
                payments.recordBooked(
                        NewPayment.check(
                                facility,
                                null,
                                today,
                                Amounts.ofMinor(minor, check.currency()),
                                Objects.requireNonNullElse(check.checkNumber(), check.number())),
                        entryId,
                        sourceKey + ":" + facility)));
        for (Share share : shares) {
            Money amount = Amounts.ofMinor(share.amountMinor(), check.currency());
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
}
