package io.remitflow.reconciliation.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.reconciliation.PayerClaim;
import io.remitflow.reconciliation.PayerClaimState;
import io.remitflow.reconciliation.PayerFigures;
import io.remitflow.reconciliation.PayerPeriod;
import io.remitflow.reconciliation.PayerReconciliation;
import io.remitflow.reconciliation.ReceivablesReconciliation;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/accounting/payer-reconciliation")
@PreAuthorize("hasAuthority('reports.view')")
class PayerReconciliationResource {

    private final PayerReconciliation reconciliation;
    private final ReceivablesReconciliation books;

    PayerReconciliationResource(PayerReconciliation reconciliation, ReceivablesReconciliation books) {
        this.reconciliation = reconciliation;
        this.books = books;
    }

    @GetMapping
    Report payers(
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate asOf,
            @RequestParam(required = false) @Nullable Instant known) {
        PayerPeriod period = reconciliation.period(from, books.asOf(asOf, known));
        List<PayerFigures> figures = reconciliation.figures(period);
        PayerFigures total = reconciliation.total(figures);
        return new Report(
                period.from(),
                period.asOf().day(),
                period.asOf().knownAt(),
                total.received().getCurrencyUnit().getCode(),
                figures.stream().map(PayerView::of).toList(),
                PayerView.of(total));
    }

    /** One payer with its claims: {@code show} is overdue (pending for more than 30 days), a state, or all. */
    @GetMapping("/{payerId}")
    PayerReport payer(
            @PathVariable UUID payerId,
            @RequestParam(defaultValue = PayerReconciliationPages.OVERDUE) String show,
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate asOf,
            @RequestParam(required = false) @Nullable Instant known,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "100") int limit) {
        PayerPeriod period = reconciliation.period(from, books.asOf(asOf, known));
        PayerFigures figures = reconciliation.ofPayer(payerId, period);
        int size = Math.clamp(limit, 1, PayerReconciliation.MAX_PAGE);
        List<PayerClaim> claims = show.equals(PayerReconciliationPages.OVERDUE)
                ? reconciliation.overdue(payerId, period, after, size)
                : reconciliation.claims(payerId, period, state(show), after, size);
        return new PayerReport(
                period.from(),
                period.asOf().day(),
                period.asOf().knownAt(),
                figures.received().getCurrencyUnit().getCode(),
                PayerView.of(figures),
                claims.stream().map(ClaimView::of).toList(),
                claims.size() < size ? null : claims.getLast().id());
    }

    private static @Nullable PayerClaimState state(String show) {
        return show.equals("all")
                ? null
                : PayerClaimState.ofKey(show)
                        .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "claims have no such state"));
    }

    private static String plain(Money amount) {
        return amount.getAmount().toPlainString();
    }

    record Report(
            LocalDate from,
            LocalDate asOf,
            Instant knownAt,
            String currency,
            List<PayerView> payers,
            PayerView total) {}

    record PayerReport(
            LocalDate from,
            LocalDate asOf,
            Instant knownAt,
            String currency,
            PayerView payer,
            List<ClaimView> claims,
            @Nullable UUID next) {}

    record PartView(long count, String amount) {

        static PartView of(PayerFigures.Part part) {
            return new PartView(part.count(), plain(part.amount()));
        }
    }

    record PayerView(
            @Nullable UUID payerId,
            String name,
            PartView submitted,
            PartView paid,
            PartView denied,
            PartView pending,
            PartView rejected,
            PartView writtenOff,
            PartView overdue,
            String received,
            PartView remittances,
            PartView notPosted) {

        static PayerView of(PayerFigures figures) {
            return new PayerView(
                    figures.payerId(),
                    figures.payerName(),
                    PartView.of(figures.submitted()),
                    PartView.of(figures.paid()),
                    PartView.of(figures.denied()),
                    PartView.of(figures.pending()),
                    PartView.of(figures.rejected()),
                    PartView.of(figures.writtenOff()),
                    PartView.of(figures.overdue()),
                    plain(figures.received()),
                    PartView.of(figures.remittances()),
                    PartView.of(figures.unidentified()));
        }
    }

    record ClaimView(
            UUID claimId,
            String controlNumber,
            LocalDate submittedOn,
            long days,
            String state,
            @Nullable LocalDate lastAnswerOn,
            String charged,
            String paid,
            String open) {

        static ClaimView of(PayerClaim claim) {
            return new ClaimView(
                    claim.id(),
                    claim.controlNumber(),
                    claim.submittedOn(),
                    claim.days(),
                    claim.state().key(),
                    claim.lastAnswerOn(),
                    plain(claim.charged()),
                    plain(claim.paid()),
                    plain(claim.open()));
        }
    }
}
