package io.remitflow.billing.web;

import io.remitflow.billing.CreditMemo;
import io.remitflow.billing.CreditMemos;
import io.remitflow.billing.Invoice;
import io.remitflow.billing.InvoiceFilter;
import io.remitflow.billing.InvoiceSetting;
import io.remitflow.billing.InvoiceStatus;
import io.remitflow.billing.InvoiceType;
import io.remitflow.billing.Invoices;
import io.remitflow.billing.NewInvoice;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.BillingSettings.Delivery;
import io.remitflow.identity.Organizations;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.ui.Download;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
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
@RequestMapping("/billing")
class InvoiceResource {

    private final Invoices invoices;
    private final CreditMemos memos;
    private final PatientAccounts accounts;
    private final Organizations organizations;

    InvoiceResource(Invoices invoices, CreditMemos memos, PatientAccounts accounts, Organizations organizations) {
        this.invoices = invoices;
        this.memos = memos;
        this.accounts = accounts;
        this.organizations = organizations;
    }

    @GetMapping("/invoices")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    InvoicePage list(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable UUID accountId,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        InvoiceStatus state = status == null || status.isBlank()
                ? null
                : InvoiceStatus.ofKey(status)
                        .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "unknown status"));
        var filter = new InvoiceFilter(state, false, accountId, after, limit);
        LocalDate today = organizations.today();
        List<InvoiceView> items = invoices.list(filter).stream()
                .map(invoice -> InvoiceView.of(invoice, List.of(), today))
                .toList();
        return new InvoicePage(
                items, items.size() < filter.limit() ? null : items.getLast().id());
    }

    @PostMapping("/invoices")
    @PreAuthorize("hasAuthority('invoices.create')")
    ResponseEntity<InvoiceView> draft(@RequestBody @Valid InvoiceBody body) {
        UUID id = invoices.draft(body.toInvoice(currency(body.accountId()), organizations.today()));
        return ResponseEntity.created(URI.create("/billing/invoices/" + id)).body(view(id));
    }

    @GetMapping("/invoices/{invoiceId}")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    InvoiceView get(@PathVariable UUID invoiceId) {
        return view(invoiceId);
    }

    @PutMapping("/invoices/{invoiceId}")
    @PreAuthorize("hasAuthority('invoices.create')")
    InvoiceView change(@PathVariable UUID invoiceId, @RequestBody @Valid InvoiceBody body) {
        Invoice before = invoices.get(invoiceId);
        invoices.change(
                invoiceId,
                body.version() == null ? before.version() : body.version(),
                body.toInvoice(currency(body.accountId()), before.invoiceDate()));
        return view(invoiceId);
    }

    @PostMapping("/invoices/{invoiceId}/send")
    @PreAuthorize("hasAuthority('invoices.create')")
    InvoiceView send(@PathVariable UUID invoiceId, @RequestBody @Valid SendBody body) {
        invoices.send(invoiceId, delivery(body.method()));
        return view(invoiceId);
    }

    /** What a portal says when it has shown the invoice to its recipient. */
    @PostMapping("/invoices/{invoiceId}/view")
    @PreAuthorize("hasAuthority('invoices.create')")
    InvoiceView viewed(@PathVariable UUID invoiceId) {
        invoices.viewed(invoiceId);
        return view(invoiceId);
    }

    @GetMapping(path = "/invoices/{invoiceId}/pdf", produces = MediaType.APPLICATION_PDF_VALUE)
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    ResponseEntity<byte[]> pdf(@PathVariable UUID invoiceId) {
        return pdf(invoices, invoiceId);
    }

    @PostMapping("/invoices/{invoiceId}/void")
    @PreAuthorize("hasAuthority('invoices.create')")
    InvoiceView voidInvoice(@PathVariable UUID invoiceId, @RequestBody @Valid VoidBody body) {
        invoices.voidInvoice(invoiceId, body.reason());
        return view(invoiceId);
    }

    @GetMapping("/credit-memos")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    MemoPage memos(
            @RequestParam(required = false) @Nullable UUID accountId,
            @RequestParam(defaultValue = "false") boolean remaining,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        int size = Math.clamp(limit, 1, 200);
        List<MemoView> items = memos.list(accountId, remaining, after, size).stream()
                .map(memo -> MemoView.of(memo, List.of()))
                .toList();
        return new MemoPage(items, items.size() < size ? null : items.getLast().id());
    }

    @GetMapping("/credit-memos/{id}")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    MemoView memo(@PathVariable UUID id) {
        return MemoView.of(memos.get(id), memos.applicationsOf(id));
    }

    @PostMapping("/credit-memos/{id}/applications")
    @PreAuthorize("hasAuthority('invoices.create')")
    MemoView apply(@PathVariable UUID id, @RequestBody @Valid ApplicationBody body) {
        String currency = memos.get(id).amount().getCurrencyUnit().getCode();
        memos.apply(id, body.invoiceId(), Amounts.parse(body.amount(), currency));
        return memo(id);
    }

    static ResponseEntity<byte[]> pdf(Invoices invoices, UUID id) {
        return Download.of(
                "%s.pdf".formatted(invoices.get(id).number()), MediaType.APPLICATION_PDF, invoices.print(id));
    }

    private InvoiceView view(UUID id) {
        return InvoiceView.of(invoices.get(id), invoices.lines(id), organizations.today());
    }

    private String currency(UUID account) {
        return accounts.get(account).balance().getCurrencyUnit().getCode();
    }

    static Delivery delivery(String method) {
        try {
            return Delivery.valueOf(method.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an invoice is sent by email, mail or portal");
        }
    }

    static InvoiceType type(String key) {
        return InvoiceType.ofKey(key).orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "unknown type"));
    }

    static InvoiceSetting setting(String key) {
        return InvoiceSetting.ofKey(key)
                .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "unknown care setting"));
    }

    record InvoicePage(List<InvoiceView> items, @Nullable UUID next) {}

    record MemoPage(List<MemoView> items, @Nullable UUID next) {}

    record SendBody(@NotBlank @Size(max = 20) String method) {}

    record VoidBody(@NotBlank @Size(max = 500) String reason) {}

    record ApplicationBody(
            @NotNull UUID invoiceId,
            @NotBlank @Size(max = 30) String amount) {}

    /** @param version of the draft that was looked at; null: the newest */
    record InvoiceBody(
            @NotNull UUID accountId,
            @NotBlank @Size(max = 20) String type,
            @NotBlank @Size(max = 20) String careSetting,
            @Nullable @Size(max = 100) String encounterId,
            @Nullable LocalDate invoiceDate,
            @Nullable LocalDate dueDate,
            @Nullable @Size(max = 1000) String notes,
            @Nullable Integer version,
            @NotEmpty @Size(max = 200) List<@Valid LineBody> lines) {

        NewInvoice toInvoice(String currency, LocalDate otherDate) {
            return new NewInvoice(
                    accountId,
                    InvoiceResource.type(type),
                    setting(careSetting),
                    encounterId,
                    invoiceDate == null ? otherDate : invoiceDate,
                    dueDate,
                    notes,
                    lines.stream().map(line -> line.toLine(currency)).toList());
        }
    }

    record LineBody(
            @NotNull LocalDate serviceDate,
            @NotBlank @Size(max = 500) String description,
            @Nullable @Size(max = 10) String cptCode,
            @Nullable Integer quantity,
            @NotBlank @Size(max = 30) String unitPrice,
            @Nullable UUID claimId) {

        NewInvoice.Line toLine(String currency) {
            return new NewInvoice.Line(
                    serviceDate,
                    description,
                    cptCode,
                    quantity == null ? 1 : quantity,
                    Amounts.parse(unitPrice, currency),
                    claimId);
        }
    }

    record InvoiceView(
            UUID id,
            String invoiceNumber,
            String type,
            UUID accountId,
            @Nullable String encounterId,
            String careSetting,
            LocalDate invoiceDate,
            LocalDate dueDate,
            LocalDate serviceDateFrom,
            LocalDate serviceDateTo,
            String currency,
            String totalAmount,
            String amountPaid,
            String adjustmentAmount,
            String amountDue,
            String status,
            @Nullable Instant sentAt,
            @Nullable String sentMethod,
            @Nullable Instant viewedAt,
            @Nullable Instant paidAt,
            @Nullable String voidReason,
            String paymentTerms,
            @Nullable String notes,
            @Nullable UUID journalEntryId,
            int version,
            List<LineView> lines) {

        static InvoiceView of(Invoice invoice, List<Invoice.Line> lines, LocalDate today) {
            return new InvoiceView(
                    invoice.id(),
                    invoice.number(),
                    invoice.type().key(),
                    invoice.accountId(),
                    invoice.encounterId(),
                    invoice.setting().key(),
                    invoice.invoiceDate(),
                    invoice.dueDate(),
                    invoice.serviceFrom(),
                    invoice.serviceTo(),
                    invoice.total().getCurrencyUnit().getCode(),
                    invoice.total().getAmount().toPlainString(),
                    invoice.paid().getAmount().toPlainString(),
                    invoice.credited().getAmount().toPlainString(),
                    invoice.due().getAmount().toPlainString(),
                    invoice.statusOn(today).key(),
                    invoice.sentAt(),
                    invoice.sentMethod(),
                    invoice.viewedAt(),
                    invoice.paidAt(),
                    invoice.voidReason(),
                    invoice.paymentTerms(),
                    invoice.notes(),
                    invoice.journalEntryId(),
                    invoice.version(),
                    lines.stream().map(LineView::of).toList());
        }
    }

    record LineView(
            int lineNumber,
            LocalDate serviceDate,
            String description,
            @Nullable String cptCode,
            int quantity,
            String unitPrice,
            String lineTotal,
            @Nullable UUID claimId) {

        static LineView of(Invoice.Line line) {
            return new LineView(
                    line.number(),
                    line.serviceDate(),
                    line.description(),
                    line.cptCode(),
                    line.quantity(),
                    line.unitPrice().getAmount().toPlainString(),
                    line.total().getAmount().toPlainString(),
                    line.claimId());
        }
    }

    record MemoView(
            UUID id,
            String creditMemoNumber,
            UUID accountId,
            UUID adjustmentId,
            @Nullable UUID originalInvoiceId,
            LocalDate creditDate,
            String currency,
            String creditAmount,
            String appliedAmount,
            String remainingAmount,
            String reason,
            String status,
            UUID journalEntryId,
            Instant issuedAt,
            List<ApplicationView> applications) {

        static MemoView of(CreditMemo memo, List<CreditMemo.Application> applications) {
            return new MemoView(
                    memo.id(),
                    memo.number(),
                    memo.accountId(),
                    memo.adjustmentId(),
                    memo.invoiceId(),
                    memo.date(),
                    memo.amount().getCurrencyUnit().getCode(),
                    memo.amount().getAmount().toPlainString(),
                    memo.applied().getAmount().toPlainString(),
                    memo.remaining().getAmount().toPlainString(),
                    memo.reason(),
                    memo.status().key(),
                    memo.journalEntryId(),
                    memo.issuedAt(),
                    applications.stream().map(ApplicationView::of).toList());
        }
    }

    record ApplicationView(UUID invoiceId, String invoiceNumber, String amount, Instant appliedAt) {

        static ApplicationView of(CreditMemo.Application application) {
            return new ApplicationView(
                    application.invoiceId(),
                    application.invoiceNumber(),
                    application.amount().getAmount().toPlainString(),
                    application.at());
        }
    }
}
