package io.remitflow.billing.web;

import io.remitflow.billing.CreditMemo;
import io.remitflow.billing.CreditMemos;
import io.remitflow.billing.Invoice;
import io.remitflow.billing.InvoiceFilter;
import io.remitflow.billing.InvoiceStatus;
import io.remitflow.billing.Invoices;
import io.remitflow.billing.NewInvoice;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.BillingSettings.Delivery;
import io.remitflow.identity.Organizations;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.Timeline;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Invoices and credit memos for people. */
@Controller
@RequestMapping("/app")
class InvoiceController {

    private static final int PAGE_SIZE = 50;

    private final Invoices invoices;
    private final CreditMemos memos;
    private final PatientAccounts accounts;
    private final Organizations organizations;
    private final Timeline timeline;

    InvoiceController(
            Invoices invoices,
            CreditMemos memos,
            PatientAccounts accounts,
            Organizations organizations,
            Timeline timeline) {
        this.invoices = invoices;
        this.memos = memos;
        this.accounts = accounts;
        this.organizations = organizations;
        this.timeline = timeline;
    }

    @GetMapping("/invoices")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    String list(
            @RequestParam(defaultValue = "open") String show,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        LocalDate today = organizations.today();
        List<Invoice> found = invoices.list(
                new InvoiceFilter(InvoiceStatus.ofKey(show).orElse(null), show.equals("open"), null, after, PAGE_SIZE));
        model.addAttribute("show", show);
        model.addAttribute("totals", invoices.totals());
        model.addAttribute(
                "rows", found.stream().map(invoice -> row(invoice, today)).toList());
        model.addAttribute(
                "next", found.size() < PAGE_SIZE ? null : found.getLast().id());
        return "billing/invoices";
    }

    @GetMapping("/invoices/{id}")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    String invoice(@PathVariable UUID id, Model model) {
        Invoice invoice = invoices.get(id);
        model.addAttribute("invoice", invoice);
        model.addAttribute("key", UUID.randomUUID());
        model.addAttribute("status", invoice.statusOn(organizations.today()));
        model.addAttribute("account", accounts.get(invoice.accountId()));
        model.addAttribute("lines", invoices.lines(id));
        model.addAttribute("applications", memos.applicationsTo(id));
        model.addAttribute(
                "memos",
                invoice.status().isOpen() ? memos.list(invoice.accountId(), true, null, PAGE_SIZE) : List.of());
        model.addAttribute("deliveries", Delivery.values());
        model.addAttribute("timeline", timeline.of(Invoices.SUBJECT, id));
        return "billing/invoice";
    }

    @PostMapping("/patient-accounts/{account}/invoices")
    @PreAuthorize("hasAuthority('invoices.create')")
    String draft(
            @PathVariable UUID account,
            @RequestParam String type,
            @RequestParam String setting,
            @RequestParam(required = false) @Nullable LocalDate dueDate,
            @RequestParam(defaultValue = "") String description,
            @RequestParam(required = false) @Nullable LocalDate serviceDate,
            @RequestParam(defaultValue = "1") int quantity,
            @RequestParam(defaultValue = "") String unitPrice,
            @RequestParam(required = false) @Nullable List<UUID> claims) {
        UUID id = invoices.draft(new NewInvoice(
                account,
                InvoiceResource.type(type),
                InvoiceResource.setting(setting),
                null,
                organizations.today(),
                dueDate,
                null,
                lines(account, description, serviceDate, quantity, unitPrice, claims == null ? List.of() : claims)));
        return "redirect:/app/invoices/" + id;
    }

    @PostMapping("/invoices/{id}/lines")
    @PreAuthorize("hasAuthority('invoices.create')")
    String addLine(
            @PathVariable UUID id,
            @RequestParam int version,
            @RequestParam String description,
            @RequestParam(required = false) @Nullable LocalDate serviceDate,
            @RequestParam(defaultValue = "1") int quantity,
            @RequestParam String unitPrice) {
        Invoice invoice = invoices.get(id);
        List<NewInvoice.Line> lines = new ArrayList<>(invoices.lines(id).stream()
                .map(line -> new NewInvoice.Line(
                        line.serviceDate(),
                        line.description(),
                        line.cptCode(),
                        line.quantity(),
                        line.unitPrice(),
                        line.claimId()))
                .toList());
        lines.addAll(lines(invoice.accountId(), description, serviceDate, quantity, unitPrice, List.of()));
        invoices.change(
                id,
                version,
                new NewInvoice(
                        invoice.accountId(),
                        invoice.type(),
                        invoice.setting(),
                        invoice.encounterId(),
                        invoice.invoiceDate(),
                        invoice.dueDate(),
                        invoice.notes(),
                        lines));
        return "redirect:/app/invoices/" + id;
    }

    @PostMapping("/invoices/{id}/send")
    @PreAuthorize("hasAuthority('invoices.create')")
    String send(@PathVariable UUID id, @RequestParam(defaultValue = "mail") String delivery) {
        invoices.send(id, InvoiceResource.delivery(delivery));
        return "redirect:/app/invoices/" + id;
    }

    /** Whoever they told says so, for example on the phone. */
    @PostMapping("/invoices/{id}/view")
    @PreAuthorize("hasAuthority('invoices.create')")
    String viewed(@PathVariable UUID id) {
        invoices.viewed(id);
        return "redirect:/app/invoices/" + id;
    }

    @GetMapping("/invoices/{id}/pdf")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    ResponseEntity<byte[]> pdf(@PathVariable UUID id) {
        return InvoiceResource.pdf(invoices, id);
    }

    @PostMapping("/invoices/{id}/void")
    @PreAuthorize("hasAuthority('invoices.create')")
    String voidInvoice(@PathVariable UUID id, @RequestParam String reason) {
        invoices.voidInvoice(id, reason);
        return "redirect:/app/invoices/" + id;
    }

    @GetMapping("/credit-memos")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    String memos(
            @RequestParam(defaultValue = "remaining") String show,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        List<CreditMemo> found = memos.list(null, show.equals("remaining"), after, PAGE_SIZE);
        model.addAttribute("show", show);
        model.addAttribute(
                "rows",
                found.stream()
                        .map(memo ->
                                new MemoRow(memo, accounts.get(memo.accountId()).number()))
                        .toList());
        model.addAttribute(
                "next", found.size() < PAGE_SIZE ? null : found.getLast().id());
        return "billing/credit-memos";
    }

    @GetMapping("/credit-memos/{id}")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    String memo(@PathVariable UUID id, Model model) {
        CreditMemo memo = memos.get(id);
        model.addAttribute("memo", memo);
        model.addAttribute("account", accounts.get(memo.accountId()));
        model.addAttribute("applications", memos.applicationsOf(id));
        model.addAttribute(
                "open", invoices.list(new InvoiceFilter(null, true, memo.accountId(), null, InvoiceFilter.MAX_LIMIT)));
        return "billing/credit-memo";
    }

    @PostMapping("/credit-memos/{id}/applications")
    @PreAuthorize("hasAuthority('invoices.create')")
    String apply(
            @PathVariable UUID id,
            @RequestParam(required = false) @Nullable UUID invoice,
            @RequestParam String amount) {
        CreditMemo memo = memos.get(id);
        if (invoice == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "choose an invoice");
        }
        memos.apply(
                id,
                invoice,
                Amounts.parse(amount, memo.amount().getCurrencyUnit().getCode()));
        return "redirect:/app/credit-memos/" + id;
    }

    private List<NewInvoice.Line> lines(
            UUID account,
            String description,
            @Nullable LocalDate serviceDate,
            int quantity,
            String unitPrice,
            List<UUID> claims) {
        LocalDate day = serviceDate == null ? organizations.today() : serviceDate;
        var balance = accounts.get(account).balance();
        List<NewInvoice.Line> lines = new ArrayList<>();
        for (UUID claim : claims) {
            Money share = invoices.unbilledShare(claim);
            lines.add(new NewInvoice.Line(day, "Your share after insurance", null, 1, share, claim));
        }
        if (!description.isBlank() || !unitPrice.isBlank()) {
            lines.add(new NewInvoice.Line(
                    day,
                    description,
                    null,
                    quantity,
                    Amounts.parse(unitPrice, balance.getCurrencyUnit().getCode()),
                    null));
        }
        return lines;
    }

    private Row row(Invoice invoice, LocalDate today) {
        return new Row(
                invoice,
                invoice.statusOn(today),
                accounts.get(invoice.accountId()).number());
    }

    record Row(Invoice invoice, InvoiceStatus status, String accountNumber) {}

    record MemoRow(CreditMemo memo, String accountNumber) {}
}
