package io.remitflow.reconciliation.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.reconciliation.PayerClaim;
import io.remitflow.reconciliation.PayerClaimState;
import io.remitflow.reconciliation.PayerFigures;
import io.remitflow.reconciliation.PayerPeriod;
import io.remitflow.reconciliation.PayerReconciliation;
import io.remitflow.reconciliation.ReceivablesReconciliation;
import io.remitflow.ui.CsvText;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Claims submitted against remittances for people: all payers, and one with its claims. */
@Controller
@RequestMapping("/app/reconciliation/payers")
@PreAuthorize("hasAuthority('reports.view')")
class PayerReconciliationPages {

    /** Pending for more than 30 days: the list to work from. */
    static final String OVERDUE = "overdue";

    private static final int PAGE = 100;

    private final PayerReconciliation reconciliation;
    private final ReceivablesReconciliation books;

    PayerReconciliationPages(PayerReconciliation reconciliation, ReceivablesReconciliation books) {
        this.reconciliation = reconciliation;
        this.books = books;
    }

    @GetMapping
    String payers(
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate asOf,
            @RequestParam(required = false) @Nullable Instant known,
            Model model) {
        PayerPeriod period = period(from, asOf, known, model);
        List<PayerFigures> figures = reconciliation.figures(period);
        model.addAttribute("figures", figures);
        model.addAttribute("total", reconciliation.total(figures));
        return "reconciliation/payers";
    }

    @GetMapping("/{id}")
    String payer(
            @PathVariable UUID id,
            @RequestParam(defaultValue = OVERDUE) String show,
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate asOf,
            @RequestParam(required = false) @Nullable Instant known,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        PayerPeriod period = period(from, asOf, known, model);
        List<PayerClaim> claims = claims(id, period, show, after, PAGE);
        model.addAttribute("figures", reconciliation.ofPayer(id, period));
        model.addAttribute("claims", claims);
        model.addAttribute("show", show);
        model.addAttribute("states", PayerClaimState.values());
        model.addAttribute(
                "next", claims.size() < PAGE ? null : claims.getLast().id());
        return "reconciliation/payer";
    }

    @GetMapping("/export")
    ResponseEntity<String> export(
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate asOf,
            @RequestParam(required = false) @Nullable Instant known) {
        PayerPeriod period = reconciliation.period(from, books.asOf(asOf, known));
        var csv = new CsvText()
                .row(
                        "payer",
                        "currency",
                        "submitted",
                        "submitted amount",
                        "paid",
                        "paid claims charged",
                        "denied",
                        "denied amount",
                        "pending",
                        "pending amount",
                        "rejected",
                        "rejected amount",
                        "written off",
                        "written off amount",
                        "over 30 days",
                        "over 30 days amount",
                        "received",
                        "remittances",
                        "remitted",
                        "not posted",
                        "not posted amount");
        for (PayerFigures each : reconciliation.figures(period)) {
            csv.row(
                    each.payerName(),
                    each.received().getCurrencyUnit().getCode(),
                    each.submitted().count(),
                    each.submitted().amount().getAmount(),
                    each.paid().count(),
                    each.paid().amount().getAmount(),
                    each.denied().count(),
                    each.denied().amount().getAmount(),
                    each.pending().count(),
                    each.pending().amount().getAmount(),
                    each.rejected().count(),
                    each.rejected().amount().getAmount(),
                    each.writtenOff().count(),
                    each.writtenOff().amount().getAmount(),
                    each.overdue().count(),
                    each.overdue().amount().getAmount(),
                    each.received().getAmount(),
                    each.remittances().count(),
                    each.remittances().amount().getAmount(),
                    each.unidentified().count(),
                    each.unidentified().amount().getAmount());
        }
        return file("payers-%s.csv".formatted(period.asOf().day()), csv);
    }

    @GetMapping("/{id}/export")
    ResponseEntity<String> exportClaims(
            @PathVariable UUID id,
            @RequestParam(defaultValue = OVERDUE) String show,
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate asOf,
            @RequestParam(required = false) @Nullable Instant known) {
        PayerPeriod period = reconciliation.period(from, books.asOf(asOf, known));
        var csv = new CsvText()
                .row("claim", "submitted on", "days", "state", "last answer", "currency", "charged", "paid", "open");
        UUID after = null;
        List<PayerClaim> page;
        do {
            page = claims(id, period, show, after, PayerReconciliation.MAX_PAGE);
            for (PayerClaim claim : page) {
                csv.row(
                        claim.controlNumber(),
                        claim.submittedOn(),
                        claim.days(),
                        claim.state().key(),
                        claim.lastAnswerOn(),
                        claim.charged().getCurrencyUnit().getCode(),
                        claim.charged().getAmount(),
                        claim.paid().getAmount(),
                        claim.open().getAmount());
                after = claim.id();
            }
        } while (page.size() == PayerReconciliation.MAX_PAGE);
        return file("claims-%s-%s.csv".formatted(show, period.asOf().day()), csv);
    }

    private PayerPeriod period(
            @Nullable LocalDate from, @Nullable LocalDate asOf, @Nullable Instant known, Model model) {
        PayerPeriod period = reconciliation.period(from, books.asOf(asOf, known));
        model.addAttribute("period", period);
        model.addAttribute("known", known);
        return period;
    }

    private List<PayerClaim> claims(UUID payer, PayerPeriod period, String show, @Nullable UUID after, int limit) {
        if (show.equals(OVERDUE)) {
            return reconciliation.overdue(payer, period, after, limit);
        }
        PayerClaimState state = show.equals("all")
                ? null
                : PayerClaimState.ofKey(show)
                        .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "claims have no such state"));
        return reconciliation.claims(payer, period, state, after, limit);
    }

    private static ResponseEntity<String> file(String name, CsvText csv) {
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType("text/csv;charset=UTF-8"))
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment().filename(name).build().toString())
                .body(csv.toString());
    }
}
