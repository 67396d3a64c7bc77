package io.remitflow.billing;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.BillingSettings.Delivery;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Settings;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.receivables.UnbillableShares;
import io.remitflow.workflow.Timeline;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Invoices from their draft to their last cent.
 *
 * <p>A line is either a service, which is charged when the invoice is sent, or the patient's share of a claim, which was
 * charged with the claim: no receivable is ever booked twice.
 */
@Service
@Transactional
public class Invoices {

    /** Subject of timelines and audit entries. */
    public static final String SUBJECT = "invoice";

    private static final UUID NO_INVOICE = new UUID(0, 0);
    private static final int MAX_LINES = 200;
    private static final int MAX_QUANTITY = 100_000;
    private static final int MAX_TEXT = 500;

    private final InvoiceRows rows;
    private final PatientAccounts accounts;
    private final ObjectProvider<UnbillableShares> unbillable;
    private final Journal journal;
    private final Settings settings;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;

    Invoices(
            InvoiceRows rows,
            PatientAccounts accounts,
            ObjectProvider<UnbillableShares> unbillable,
            Journal journal,
            Settings settings,
            NumberSeries numbers,
            Organizations organizations,
            Timeline timeline,
            AuditLog audit) {
        this.rows = rows;
        this.accounts = accounts;
        this.unbillable = unbillable;
        this.journal = journal;
        this.settings = settings;
        this.numbers = numbers;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
    }

    /** Nothing is charged before it is sent. */
    public UUID draft(NewInvoice draft) {
        UUID id = Ids.next();
        check(id, draft);
        Invoice invoice = invoice(id, numbers.next("INV"), draft, 1);
        rows.insert(invoice, draft.lines());
        timeline.add(SUBJECT, id, "Drafted", Amounts.format(invoice.total()));
        audit.record("invoice-drafted", SUBJECT, id.toString(), Map.of("number", invoice.number()));
        return id;
    }

    /**
     * Replaces a draft; its account stays.
     *
     * @param version the one that was looked at
     */
    public void change(UUID id, int version, NewInvoice draft) {
        Invoice before = locked(id);
        requireDraft(before);
        if (!before.accountId().equals(draft.accountId())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "an invoice stays with its account: void it and draft another");
        }
        check(id, draft);
        if (!rows.update(invoice(id, before.number(), draft, version), draft.lines())) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "somebody changed this invoice, look at it again");
        }
        timeline.add(SUBJECT, id, "Changed", Amounts.format(get(id).total()));
    }

    /**
     * Charges its services and makes it due. Sending it again changes nothing.
     *
     * @throws RuleViolation if it is below the organization's smallest invoice, which is carried to the next one
     */
    public void send(UUID id, Delivery method) {
        Invoice invoice = locked(id);
        if (invoice.wasSent()) {
            return;
        }
        requireDraft(invoice);
        Money smallest = settings.billing().minimumInvoice();
        if (invoice.total().isSameCurrency(smallest) && invoice.total().isLessThan(smallest)) {
            throw new RuleViolation(
                    Refusal.INVOICE_NOT_IN_STATE,
                    "%s is below the smallest invoice of %s: add it to the next one"
                            .formatted(Amounts.format(invoice.total()), Amounts.format(smallest)));
        }
        List<Invoice.Line> lines = rows.lines(id);
        accounts.lock(List.of(invoice.accountId()));
        requireShares(id, lines.stream().map(Invoices::draftLine).toList());
        Money services = lines.stream()
                .filter(line -> line.claimId() == null)
                .map(Invoice.Line::total)
                .reduce(zero(invoice), Money::plus);
        UUID entry = services.isZero() ? null : charge(invoice, services);
        rows.sent(id, method.name().toLowerCase(Locale.ROOT), entry);
        timeline.add(SUBJECT, id, "Sent", "Due " + invoice.dueDate());
        audit.record(
                "invoice-sent",
                SUBJECT,
                id.toString(),
                Map.of("amount", invoice.total().toString()));
    }

    /** Its recipient has seen it, says whoever showed it to them; the first time counts. */
    public void viewed(UUID id) {
        Invoice invoice = locked(id);
        if (!invoice.wasSent()) {
            throw notInState(invoice);
        }
        if (invoice.viewedAt() == null) {
            rows.viewed(id);
            timeline.add(SUBJECT, id, "Seen by its recipient", "Sent by " + invoice.sentMethod());
            audit.record("invoice-viewed", SUBJECT, id.toString(), Map.of("number", invoice.number()));
        }
    }

    /** Takes back what it charged; refused as soon as something was paid or credited. */
    public void voidInvoice(UUID id, String reason) {
        if (reason.isBlank() || reason.length() > MAX_TEXT) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 500 characters why");
        }
        Invoice invoice = locked(id);
        if (invoice.status() == InvoiceStatus.VOID) {
            return;
        }
        if (!invoice.paid().isZero() || !invoice.credited().isZero()) {
            throw new RuleViolation(
                    Refusal.INVOICE_NOT_IN_STATE, "something was paid or credited on %s".formatted(invoice.number()));
        }
        UUID charged = invoice.journalEntryId();
        if (charged != null) {
            takeBack(invoice, charged);
        }
        rows.voided(id, reason.strip());
        timeline.add(SUBJECT, id, "Void", reason.strip());
        audit.record("invoice-voided", SUBJECT, id.toString(), Map.of("reason", reason.strip()));
    }

    @Transactional(readOnly = true)
    public Invoice get(UUID id) {
        return rows.find(id).orElseThrow(() -> RuleViolation.notFound("the invoice"));
    }

    @Transactional(readOnly = true)
    public List<Invoice.Line> lines(UUID id) {
        return rows.lines(id);
    }

    /** As its recipient gets it, in PDF. */
    @Transactional(readOnly = true)
    public byte[] print(UUID id) {
        Invoice invoice = get(id);
        return InvoicePrint.pages(
                invoice,
                lines(id),
                organizations.current().name(),
                accounts.get(invoice.accountId()).number());
    }

    @Transactional(readOnly = true)
    public List<Invoice> list(InvoiceFilter filter) {
        return rows.list(filter, organizations.today());
    }

    @Transactional(readOnly = true)
    public List<InvoiceTotal> totals() {
        return rows.totals(organizations.today());
    }

    /** What of the patient's share of a claim may be billed and no invoice bills yet; zero or less: nothing. */
    @Transactional(readOnly = true)
    public Money unbilledShare(UUID claimId) {
        return unbilled(claimId, NO_INVOICE);
    }

    /** The row stays locked until the transaction ends. */
    Invoice locked(UUID id) {
        return rows.lock(id).orElseThrow(() -> RuleViolation.notFound("the invoice"));
    }

    /** Of a locked invoice: a credit memo takes so much off it, or (negative) no longer does. */
    void credit(Invoice invoice, Money amount) {
        if (amount.isPositive() && (!invoice.status().isOpen() || amount.isGreaterThan(invoice.due()))) {
            throw new RuleViolation(
                    Refusal.INVOICE_NOT_IN_STATE,
                    "%s are due on %s, which is %s"
                            .formatted(
                                    Amounts.format(invoice.due()),
                                    invoice.number(),
                                    invoice.status().key()));
        }
        rows.credited(invoice.id(), amount, InvoiceStatus.PAID);
    }

    private UUID charge(Invoice invoice, Money services) {
        var entry = journal.post(
                NewEntry.on(invoice.invoiceDate(), "billing", "invoice:" + invoice.id(), "Invoice " + invoice.number())
                        .debit(StandardAccount.AR_PATIENTS, services)
                        .credit(invoice.setting().revenue(), services)
                        .reference(SUBJECT, invoice.id())
                        .referenceNumber(invoice.number())
                        .inOpenPeriod()
                        .build());
        record(invoice, services, entry.id(), "invoice:" + invoice.id(), "Invoice " + invoice.number());
        return entry.id();
    }

    private void takeBack(Invoice invoice, UUID charged) {
        accounts.lock(List.of(invoice.accountId()));
        Money services = rows.lines(invoice.id()).stream()
                .filter(line -> line.claimId() == null)
                .map(Invoice.Line::total)
                .reduce(zero(invoice), Money::plus);
        String key = "invoice-void:" + invoice.id();
        var entry = journal.takeBack(charged, "Invoice " + invoice.number() + " is void", key);
        record(invoice, services.negated(), entry.id(), key, "Invoice " + invoice.number() + " is void");
    }

    private void record(Invoice invoice, Money signed, UUID entry, String key, String text) {
        accounts.record(new AccountPosting(
                invoice.accountId(),
                signed.isPositive() ? invoice.invoiceDate() : organizations.today(),
                TransactionType.CHARGE,
                Responsibility.PATIENT,
                signed,
                null,
                null,
                null,
                entry,
                text,
                key));
    }

    private Invoice invoice(UUID id, String number, NewInvoice draft, int version) {
        int terms = settings.billing().paymentTermsDays();
        LocalDate due = draft.dueDate() == null ? draft.invoiceDate().plusDays(terms) : draft.dueDate();
        if (due.isBefore(draft.invoiceDate())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an invoice is not due before its date");
        }
        Money total = draft.lines().stream()
                .map(NewInvoice.Line::total)
                .reduce(Money::plus)
                .orElseThrow();
        Money zero = Money.zero(total.getCurrencyUnit());
        Comparator<LocalDate> order = Comparator.naturalOrder();
        var dates = draft.lines().stream().map(NewInvoice.Line::serviceDate).toList();
        return new Invoice(
                id,
                number,
                draft.type(),
                draft.accountId(),
                draft.encounterId(),
                draft.setting(),
                draft.invoiceDate(),
                due,
                dates.stream().min(order).orElseThrow(),
                dates.stream().max(order).orElseThrow(),
                total,
                zero,
                zero,
                total,
                InvoiceStatus.DRAFT,
                null,
                null,
                null,
                null,
                null,
                draft.dueDate() == null ? "Net " + terms : "Due " + due,
                draft.notes(),
                null,
                version);
    }

    private void check(UUID id, NewInvoice draft) {
        PatientAccount account = accounts.get(draft.accountId());
        if (!InvoiceType.billable().contains(draft.type())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "insurance is billed with claims");
        }
        if (draft.lines().isEmpty() || draft.lines().size() > MAX_LINES) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an invoice has 1 to %d lines".formatted(MAX_LINES));
        }
        for (NewInvoice.Line line : draft.lines()) {
            boolean right = !line.description().isBlank()
                    && line.description().length() <= MAX_TEXT
                    && line.quantity() >= 1
                    && line.quantity() <= MAX_QUANTITY
                    && line.unitPrice().isPositive()
                    && line.unitPrice().isSameCurrency(account.balance())
                    && line.unitPrice().getAmountMinorLong() <= NewEntry.MAX_AMOUNT_MINOR / MAX_QUANTITY / MAX_LINES;
            if (!right) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT,
                        "each line needs a description, a quantity and a price above zero in the account's currency");
            }
        }
        requireShares(id, draft.lines());
        var claims = accounts.claimBalances(draft.accountId());
        for (NewInvoice.Line line : draft.lines()) {
            if (line.claimId() != null && !claims.containsKey(line.claimId())) {
                throw new RuleViolation(Refusal.INVALID_INPUT, "a claim on it belongs to another account");
            }
        }
    }

    /** Of a claim no more is billed than the patient owes for it, on all invoices together. */
    private void requireShares(UUID id, List<NewInvoice.Line> lines) {
        Map<UUID, Money> shares = new HashMap<>();
        for (NewInvoice.Line line : lines) {
            if (line.claimId() != null) {
                shares.merge(line.claimId(), line.total(), Money::plus);
            }
        }
        shares.forEach((claim, billed) -> {
            Money left = unbilled(claim, id);
            if (billed.isGreaterThan(left)) {
                throw new RuleViolation(
                        Refusal.INVOICE_EXCEEDS_SHARE,
                        "%s of a claim cannot be billed: %s of the patient's share are left%s"
                                .formatted(Amounts.format(billed), Amounts.format(left), forbiddenWords(claim)));
            }
        });
    }

    private Money unbilled(UUID claimId, UUID exceptInvoice) {
        return accounts.patientBalanceOfClaim(claimId)
                .minusMinor(rows.billedOfClaim(claimId, exceptInvoice))
                .minusMinor(forbidden(claimId).map(Money::getAmountMinorLong).orElse(0L));
    }

    private Optional<Money> forbidden(UUID claimId) {
        return unbillable.stream()
                .map(shares -> shares.ofClaim(claimId))
                .filter(Money::isPositive)
                .findFirst();
    }

    private String forbiddenWords(UUID claimId) {
        return forbidden(claimId)
                .map(amount -> "; %s of it are not covered, and the contract with the payer does not allow to bill them"
                        .formatted(Amounts.format(amount)))
                .orElse("");
    }

    private static void requireDraft(Invoice invoice) {
        if (invoice.status() != InvoiceStatus.DRAFT) {
            throw notInState(invoice);
        }
    }

    private static RuleViolation notInState(Invoice invoice) {
        return new RuleViolation(
                Refusal.INVOICE_NOT_IN_STATE,
                "%s is %s".formatted(invoice.number(), invoice.status().key()));
    }

    private static NewInvoice.Line draftLine(Invoice.Line line) {
        return new NewInvoice.Line(
                line.serviceDate(),
                line.description(),
                line.cptCode(),
                line.quantity(),
                line.unitPrice(),
                line.claimId());
    }

    private static Money zero(Invoice invoice) {
        return Money.zero(invoice.total().getCurrencyUnit());
    }
}
