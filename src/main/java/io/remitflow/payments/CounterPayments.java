package io.remitflow.payments;

import io.remitflow.billing.Invoice;
import io.remitflow.billing.InvoicePayments;
import io.remitflow.billing.Invoices;
import io.remitflow.claims.Claim;
import io.remitflow.claims.Claims;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Person;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.receivables.AccountTransaction;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Payments that somebody takes at the desk: what they pay is said at once, and the patient gets a receipt. */
@Service
@Transactional
public class CounterPayments {

    /** Nobody pays more at once. */
    public static final int MOST_PARTS = 200;

    private static final int MOST_DAYS_AGO = 30;
    /** Banks need not pay a check after six months (UCC 4-404). */
    private static final int MOST_MONTHS_OF_A_CHECK = 6;
    /** Too short for the line of numbers at the foot of a check. */
    private static final Pattern CHECK_NUMBER = Pattern.compile("[A-Za-z0-9-]{1,12}");

    private final Payments payments;
    private final InvoiceShares shares;
    private final AllocationRows rows;
    private final InvoicePayments invoicePayments;
    private final Invoices invoices;
    private final Claims claims;
    private final PatientAccounts accounts;
    private final Organizations organizations;
    private final PaymentRows paymentRows;
    private final List<ConfirmedChecks> confirmedChecks;
    private final Users users;

    CounterPayments(
            Payments payments,
            InvoiceShares shares,
            AllocationRows rows,
            InvoicePayments invoicePayments,
            Invoices invoices,
            Claims claims,
            PatientAccounts accounts,
            Organizations organizations,
            PaymentRows paymentRows,
            List<ConfirmedChecks> confirmedChecks,
            Users users) {
        this.payments = payments;
        this.shares = shares;
        this.rows = rows;
        this.invoicePayments = invoicePayments;
        this.invoices = invoices;
        this.claims = claims;
        this.accounts = accounts;
        this.organizations = organizations;
        this.paymentRows = paymentRows;
        this.confirmedChecks = confirmedChecks;
        this.users = users;
    }

    /** What a payment may pay. */
    public enum Kind {
        INVOICE,
        CLAIM
    }

    /**
     * An invoice, or the patient's share of a claim that no invoice bills.
     *
     * @param number of the invoice or the claim
     * @param since the day of the service
     */
    public record Open(Kind kind, UUID id, String number, LocalDate since, Money due) {}

    /** What one of them gets. */
    public record Part(Kind kind, UUID id, Money amount) {}

    /** One of them with what it would get. */
    public record Proposed(Open open, Money amount) {}

    /** What the account has open, oldest first. */
    @Transactional(readOnly = true)
    public List<Open> open(UUID accountId) {
        return open(accountId, invoicePayments.open(Set.of(accountId)));
    }

    /** Oldest first, to the cent; what is left over lies on the account. */
    @Transactional(readOnly = true)
    public List<Proposed> propose(UUID accountId, Money amount) {
        List<Proposed> proposed = new ArrayList<>();
        Money left = amount;
        for (Open each : open(accountId)) {
            Money part = left.isLessThan(each.due()) ? left : each.due();
            proposed.add(new Proposed(each, part));
            left = left.minus(part);
        }
        return proposed;
    }

    /**
     * Books the payment and what it pays in one transaction.
     *
     * @param checkDate as written on the check; null if it is none
     * @throws RuleViolation {@link Refusal#CHANGED_MEANWHILE} if less is due on one of the parts by now,
     *     {@link Refusal#CHECK_TAKEN_BEFORE} if a check of this number and amount was booked before
     */
    public UUID take(NewPayment payment, @Nullable LocalDate checkDate, List<Part> parts) {
        return take(payment, checkDate, parts, false);
    }

    /** @param anotherCheck whether a person says that it is not the one with its number and amount that is there already */
    public UUID take(NewPayment payment, @Nullable LocalDate checkDate, List<Part> parts, boolean anotherCheck) {
        requireSound(payment, checkDate, parts);
        List<Invoice> locked = invoicePayments.lockOpen(Set.of(payment.accountId()));
        accounts.lock(List.of(payment.accountId()));
        if (!anotherCheck) {
            requireNotTaken(payment);
        }
        List<PaymentAllocation> allocations = allocations(payment, locked, parts);
        UUID id = payments.record(payment, allocations);
        String number = payments.get(id).number();
        for (Part part : parts) {
            if (part.kind() == Kind.INVOICE) {
                invoicePayments.pay(part.id(), part.amount(), "payment " + number);
            }
        }
        if (checkDate != null) {
            rows.checkDate(id, checkDate);
        }
        return id;
    }

    /** What the payment paid when it was taken; empty if that was not said. */
    @Transactional(readOnly = true)
    public List<PaymentAllocation> allocations(UUID paymentId) {
        return payments.allocations(paymentId);
    }

    @Transactional(readOnly = true)
    public @Nullable LocalDate checkDate(UUID paymentId) {
        return rows.checkDate(paymentId);
    }

    /** For the patient, as PDF. The receipt has the number of its payment; printed again it says the same. */
    @Transactional(readOnly = true)
    public byte[] receipt(UUID paymentId) {
        Payment payment = payments.get(paymentId);
        if (payment.status() == PaymentStatus.RETURNED) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "the bank took %s back: there is no receipt of it".formatted(payment.number()));
        }
        PatientAccount account = accounts.get(payment.accountId());
        PaymentRows.Posted posted = paymentRows.posted(paymentId);
        Money balance = accounts.transactions(payment.accountId()).stream()
                .filter(each -> paymentId.equals(each.paymentId())
                        && Objects.equals(each.journalEntryId(), payment.journalEntryId()))
                .reduce((earlier, later) -> later)
                .map(AccountTransaction::balanceAfter)
                .orElse(account.balance());
        return ReceiptPrint.pdf(new ReceiptPrint.Receipt(
                payment,
                rows.ofPayment(paymentId),
                rows.checkDate(paymentId),
                posted.at().atZone(organizations.current().timeZone()),
                organizations.current().name(),
                account.patientName(),
                account.number(),
                balance,
                posted.by() == null
                        ? null
                        : users.find(new UserId(posted.by()))
                                .map(Person::displayName)
                                .orElse("Someone")));
    }

    private List<Open> open(UUID accountId, List<Invoice> invoicesOfAccount) {
        List<Open> open = new ArrayList<>();
        invoicesOfAccount.forEach(invoice ->
                open.add(new Open(Kind.INVOICE, invoice.id(), invoice.number(), invoice.serviceTo(), invoice.due())));
        for (UUID claimId : accounts.claimBalances(accountId).keySet()) {
            Money share = invoices.unbilledShare(claimId);
            if (share.isPositive()) {
                Claim claim = claims.get(claimId);
                open.add(new Open(Kind.CLAIM, claimId, claim.controlNumber(), claim.serviceTo(), share));
            }
        }
        open.sort(Comparator.comparing(Open::since).thenComparing(Open::number));
        return open;
    }

    private List<PaymentAllocation> allocations(NewPayment payment, List<Invoice> locked, List<Part> parts) {
        Map<UUID, Open> open = new LinkedHashMap<>();
        open(payment.accountId(), locked).forEach(each -> open.put(each.id(), each));
        Map<UUID, Money> owed = shares.owed(payment.accountId());
        List<PaymentAllocation> allocations = new ArrayList<>();
        for (Part part : parts) {
            Open due = open.get(part.id());
            if (due == null || due.kind() != part.kind() || part.amount().isGreaterThan(due.due())) {
                throw new RuleViolation(
                        Refusal.CHANGED_MEANWHILE,
                        due == null
                                ? "one of the invoices or claims is not open on this account any more"
                                : "only %s are due on %s".formatted(Amounts.format(due.due()), due.number()));
            }
            if (part.kind() == Kind.CLAIM) {
                allocations.add(new PaymentAllocation(null, part.id(), due.number(), part.amount()));
                owed.merge(part.id(), part.amount(), Money::minus);
            } else {
                Invoice invoice = locked.stream()
                        .filter(one -> one.id().equals(part.id()))
                        .findFirst()
                        .orElseThrow();
                allocations.addAll(shares.ofLines(invoice, part.amount(), owed));
            }
        }
        return allocations;
    }

    /** One that the bank returned may be brought again. */
    private void requireNotTaken(NewPayment payment) {
        String number = payment.reference();
        if (payment.method() != PaymentMethod.CHECK || number == null) {
            return;
        }
        paymentRows.checks(number, payment.amount(), false).stream()
                .filter(one -> one.accountId().equals(payment.accountId()) && one.status() != PaymentStatus.RETURNED)
                .map(one -> "paid on this account already, as " + one.number())
                .findFirst()
                .or(() -> confirmedChecks.stream()
                        .flatMap(checks -> checks.like(payment.accountId(), number, payment.amount()).stream())
                        .map(one -> "was scanned and confirmed already, as " + one)
                        .findFirst())
                .ifPresent(before -> {
                    throw new RuleViolation(
                            Refusal.CHECK_TAKEN_BEFORE,
                            "check %s over %s %s: say so if this is another one"
                                    .formatted(number, Amounts.format(payment.amount()), before));
                });
    }

    private void requireSound(NewPayment payment, @Nullable LocalDate checkDate, List<Part> parts) {
        LocalDate today = organizations.today();
        if (payment.date().isAfter(today) || payment.date().isBefore(today.minusDays(MOST_DAYS_AGO))) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "a payment is taken today, or was at most %d days ago".formatted(MOST_DAYS_AGO));
        }
        if (payment.method() == PaymentMethod.CHECK) {
            String number = payment.reference();
            if (number == null || !CHECK_NUMBER.matcher(number).matches()) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT,
                        "give the check's own number, 1 to 12 digits or letters, and nothing from the line at its foot");
            }
        }
        if (checkDate != null && checkDate.isAfter(today)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the check is post-dated: no bank takes it before its date");
        }
        if (checkDate != null && checkDate.isBefore(today.minusMonths(MOST_MONTHS_OF_A_CHECK))) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the check is older than six months: ask for another one");
        }
        boolean card = payment.method() == PaymentMethod.CREDIT_CARD || payment.method() == PaymentMethod.DEBIT_CARD;
        if (card && payment.cardLast4() == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "give the last four digits of the card");
        }
        boolean sound = parts.stream()
                .allMatch(part -> part.amount().isSameCurrency(payment.amount())
                        && part.amount().isPositive());
        long different = parts.stream().map(Part::id).distinct().count();
        if (!sound || different != parts.size() || parts.size() > MOST_PARTS) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "pay each invoice or claim once and with more than zero, at most %d".formatted(MOST_PARTS));
        }
        Money paid = parts.stream().map(Part::amount).reduce(payment.amount(), Money::minus);
        if (paid.isNegative()) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "the parts are %s more than was paid".formatted(Amounts.format(paid.negated())));
        }
    }
}
