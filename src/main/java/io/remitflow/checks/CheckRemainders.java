package io.remitflow.checks;

import io.remitflow.billing.Invoice;
import io.remitflow.billing.InvoicePayments;
import io.remitflow.checks.CheckBooking.Share;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.Permission;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.Timeline;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What of confirmed checks no invoice took, until a person says what it pays. */
@Service
@Transactional
public class CheckRemainders {

    /** On a page; whoever looks for another one searches. */
    private static final int MOST_INVOICES = 200;

    private final Checks checks;
    private final PaperCheckRows rows;
    private final ApplicationRows applications;
    private final CheckPayers payers;
    private final CheckBooking booking;
    private final InvoicePayments invoices;
    private final PatientAccounts accounts;
    private final Timeline timeline;
    private final AuditLog audit;

    CheckRemainders(
            Checks checks,
            PaperCheckRows rows,
            ApplicationRows applications,
            CheckPayers payers,
            CheckBooking booking,
            InvoicePayments invoices,
            PatientAccounts accounts,
            Timeline timeline,
            AuditLog audit) {
        this.checks = checks;
        this.rows = rows;
        this.applications = applications;
        this.payers = payers;
        this.booking = booking;
        this.invoices = invoices;
        this.accounts = accounts;
        this.timeline = timeline;
        this.audit = audit;
    }

    /** Oldest first. */
    @Transactional(readOnly = true)
    public List<CheckRemainder> open(int limit) {
        return applications.openRemainders(Math.clamp(limit, 1, 500));
    }

    @Transactional(readOnly = true)
    public int count() {
        return applications.openRemainderCount();
    }

    @Transactional(readOnly = true)
    public Optional<Money> total() {
        return applications.openRemainderTotal();
    }

    @Transactional(readOnly = true)
    public CheckRemainder get(UUID id) {
        return applications.findRemainder(id).orElseThrow(() -> RuleViolation.notFound("the remainder"));
    }

    /**
     * Where some of a remainder may go, by what its payer's rule says now.
     *
     * @param invoices open ones that it may pay, oldest first; the first of those that fit
     * @param fitting how many fit
     * @param accounts that it may go to; empty if it may go to any
     * @param forNobody whether no rule says any more for whom its payer pays: until one does, it may go nowhere
     */
    public record Choices(
            CheckRemainder remainder,
            List<Invoice> invoices,
            int fitting,
            List<PatientAccount> accounts,
            boolean forNobody) {

        public Choices {
            invoices = List.copyOf(invoices);
            accounts = List.copyOf(accounts);
        }
    }

    /** @param text part of the number of the invoice or of its account, or the amount due; blank: any */
    @Transactional(readOnly = true)
    public Choices choices(UUID id, String text) {
        CheckRemainder remainder = get(id);
        Set<UUID> scope = scope(remainder);
        List<Invoice> open = invoices.open(scope);
        List<Invoice> fitting = open.stream()
                .filter(matching(open, text))
                .sorted(Comparator.comparing(Invoice::serviceTo).thenComparing(Invoice::number))
                .toList();
        List<PatientAccount> accountsOfScope = scope == null
                ? List.of()
                : accounts.all(scope).values().stream()
                        .sorted(Comparator.comparing(PatientAccount::number))
                        .toList();
        return new Choices(
                remainder,
                fitting.stream().limit(MOST_INVOICES).toList(),
                fitting.size(),
                accountsOfScope,
                scope != null && scope.isEmpty());
    }

    /**
     * Pays an invoice with some of it.
     *
     * @param seen what remained when the person looked
     * @throws RuleViolation {@link Refusal#CHANGED_MEANWHILE} if something else remains by now
     */
    public void assign(UUID id, UUID invoiceId, Money amount, Money seen) {
        PaperCheck check = locked(id);
        CheckRemainder remainder = get(id);
        requireLeft(remainder, amount, seen);
        Invoice invoice = invoices.lockOpen(scope(remainder)).stream()
                .filter(one -> one.id().equals(invoiceId))
                .findFirst()
                .orElseThrow(() -> RuleViolation.notFound("an open invoice that this money may pay"));
        book(
                check,
                remainder,
                new Share(
                        invoice.id(),
                        invoice.number(),
                        invoice.accountId(),
                        amount.getAmountMinorLong(),
                        "assigned by a person from what was unapplied"));
    }

    /**
     * Puts some of it on an account, as a payment that pays no invoice: it is the payer's credit there, and is refunded as any
     * credit is.
     *
     * @param accountNumber one that its payer may pay for
     * @param seen what remained when the person looked
     */
    public void putOnAccount(UUID id, String accountNumber, Money amount, Money seen) {
        PaperCheck check = locked(id);
        CheckRemainder remainder = get(id);
        requireLeft(remainder, amount, seen);
        Set<UUID> scope = scope(remainder);
        PatientAccount account = accounts.byNumber(accountNumber)
                .filter(one -> scope == null || scope.contains(one.id()))
                .orElseThrow(() -> RuleViolation.notFound("an account that this money may go to"));
        book(
                check,
                remainder,
                new Share(
                        null,
                        "account " + account.number(),
                        account.id(),
                        amount.getAmountMinorLong(),
                        "put on the account by a person"));
    }

    private PaperCheck locked(UUID id) {
        checks.requirePermission(Permission.CHECKS_CONFIRM);
        return rows.lock(get(id).checkId()).orElseThrow();
    }

    private static void requireLeft(CheckRemainder remainder, Money amount, Money seen) {
        if (!remainder.remaining().equals(seen)) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE,
                    "%s remain by now, look at it again".formatted(Amounts.format(remainder.remaining())));
        }
        if (!amount.isPositive() || !amount.isSameCurrency(seen) || amount.isGreaterThan(remainder.remaining())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "assign more than zero and at most %s".formatted(Amounts.format(remainder.remaining())));
        }
    }

    private void book(PaperCheck check, CheckRemainder remainder, Share share) {
        Money amount = Amounts.ofMinor(share.amountMinor(), check.currency());
        booking.assigned(check, share);
        applications.changeRemaining(remainder.id(), remainder.remaining().minus(amount));
        rows.applied(check.id(), amount.getAmountMinorLong());
        timeline.add(
                Checks.SUBJECT,
                check.id(),
                "Remainder assigned",
                "%s to %s".formatted(Amounts.format(amount), share.invoiceNumber()));
        audit.record(
                "check-remainder-assigned",
                Checks.SUBJECT,
                check.id().toString(),
                Map.of("to", share.invoiceNumber(), "amount", amount.toString()));
    }

    private Predicate<Invoice> matching(List<Invoice> open, String text) {
        String wanted = text.strip().toUpperCase(Locale.ROOT);
        if (wanted.isEmpty()) {
            return invoice -> true;
        }
        Map<UUID, PatientAccount> known =
                accounts.all(open.stream().map(Invoice::accountId).distinct().toList());
        return invoice -> {
            PatientAccount account = known.get(invoice.accountId());
            return invoice.number().toUpperCase(Locale.ROOT).contains(wanted)
                    || account != null
                            && account.number().toUpperCase(Locale.ROOT).contains(wanted)
                    || invoice.due().getAmount().toPlainString().equals(wanted.replace(",", ""));
        };
    }

    /** Null: any facility's. Nobody's, while no rule says any more for whom its payer pays. */
    private @Nullable Set<UUID> scope(CheckRemainder remainder) {
        UUID only = remainder.facilityId();
        if (only != null) {
            return Set.of(only);
        }
        PaperCheck check = checks.get(remainder.checkId());
        if (!check.facilities().isEmpty()) {
            return check.facilities();
        }
        String payer = check.payerName();
        PayerMatch match = payers.match(payer == null ? "" : payer);
        return match.coversAll() ? null : match.facilities();
    }
}
