package io.remitflow.reconciliation.web;

import io.remitflow.receivables.Aging;
import io.remitflow.reconciliation.ReceivablesAsOf;
import io.remitflow.reconciliation.ReceivablesEntry;
import io.remitflow.reconciliation.ReceivablesMetrics;
import io.remitflow.reconciliation.ReceivablesReconciliation;
import io.remitflow.reconciliation.ReceivablesRollForward;
import io.remitflow.reconciliation.ReceivablesTieOut;
import io.remitflow.reconciliation.ReceivablesUnapplied;
import java.math.BigDecimal;
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
@RequestMapping("/accounting/ar-reconciliation")
@PreAuthorize("hasAuthority('ledger.view')")
class ReceivablesResource {

    private final ReceivablesReconciliation reconciliation;

    ReceivablesResource(ReceivablesReconciliation reconciliation) {
        this.reconciliation = reconciliation;
    }

    @GetMapping
    Report report(
            @RequestParam(required = false) @Nullable LocalDate asOf,
            @RequestParam(required = false) @Nullable Instant known,
            @RequestParam(defaultValue = "1") int months,
            @RequestParam(defaultValue = "" + ReceivablesPages.DAYS) int days) {
        var moment = reconciliation.asOf(asOf, known);
        return Report.of(
                moment,
                reconciliation.tieOut(moment),
                reconciliation.rollForward(moment, months),
                reconciliation.unapplied(moment),
                reconciliation.aging(moment).total(),
                reconciliation.metrics(moment, days));
    }

    /** Both sides of a break, by the id it has in the report. */
    @GetMapping("/{id}")
    EntryView entry(@PathVariable UUID id) {
        return EntryView.of(reconciliation.entry(id));
    }

    private static String plain(Money amount) {
        return amount.getAmount().toPlainString();
    }

    record Report(
            LocalDate asOf,
            Instant knownAt,
            String currency,
            boolean agrees,
            List<ControlView> controls,
            ControlView total,
            List<CauseView> causes,
            List<BreakView> breaks,
            List<MonthView> rollForward,
            UnappliedView unapplied,
            AgingView aging,
            MetricsView metrics) {

        static Report of(
                ReceivablesAsOf moment,
                ReceivablesTieOut tieOut,
                ReceivablesRollForward rollForward,
                ReceivablesUnapplied unapplied,
                Aging.Buckets aging,
                ReceivablesMetrics metrics) {
            return new Report(
                    moment.day(),
                    moment.knownAt(),
                    tieOut.total().ledger().getCurrencyUnit().getCode(),
                    tieOut.agrees(),
                    tieOut.controls().stream().map(ControlView::of).toList(),
                    ControlView.of(tieOut.total()),
                    tieOut.causes().stream().map(CauseView::of).toList(),
                    tieOut.breaks().stream().map(BreakView::of).toList(),
                    rollForward.months().stream().map(MonthView::of).toList(),
                    UnappliedView.of(unapplied),
                    AgingView.of(aging),
                    MetricsView.of(metrics));
        }
    }

    record ControlView(
            String account,
            String debitBalances,
            String creditBalances,
            String subledger,
            String ledger,
            String difference) {

        static ControlView of(ReceivablesTieOut.Control control) {
            return new ControlView(
                    control.code(),
                    plain(control.debitBalances()),
                    plain(control.creditBalances()),
                    plain(control.subledger()),
                    plain(control.ledger()),
                    plain(control.difference()));
        }
    }

    record CauseView(String cause, long count, String ledger, String subledger, String difference) {

        static CauseView of(ReceivablesTieOut.Cause cause) {
            return new CauseView(
                    cause.cause().key(),
                    cause.count(),
                    plain(cause.ledger()),
                    plain(cause.subledger()),
                    plain(cause.difference()));
        }
    }

    record BreakView(
            UUID id,
            @Nullable String entryNumber,
            String account,
            String cause,
            String ledger,
            String subledger,
            String difference) {

        static BreakView of(ReceivablesTieOut.Break found) {
            return new BreakView(
                    found.id(),
                    found.entryNumber(),
                    found.accountCode(),
                    found.cause().key(),
                    plain(found.ledger()),
                    plain(found.subledger()),
                    plain(found.difference()));
        }
    }

    record MonthView(String month, List<LineView> lines, LineView total, String ledgerClosing, String difference) {

        static MonthView of(ReceivablesRollForward.Month month) {
            return new MonthView(
                    month.month().toString(),
                    month.lines().stream().map(LineView::of).toList(),
                    LineView.of(month.total()),
                    plain(month.ledgerClosing()),
                    plain(month.difference()));
        }
    }

    record LineView(
            @Nullable String payerClass,
            String opening,
            String charges,
            String payments,
            String returned,
            String contractual,
            String writeOffs,
            String creditMemos,
            String transfersIn,
            String transfersOut,
            String refunds,
            String closing) {

        static LineView of(ReceivablesRollForward.Line line) {
            return new LineView(
                    line.payerClass(),
                    plain(line.opening()),
                    plain(line.charges()),
                    plain(line.payments()),
                    plain(line.returned()),
                    plain(line.contractual()),
                    plain(line.writeOffs()),
                    plain(line.creditMemos()),
                    plain(line.transfersIn()),
                    plain(line.transfersOut()),
                    plain(line.refunds()),
                    plain(line.closing()));
        }
    }

    record UnappliedView(String received, String ledger, String difference, String creditsOnAccounts) {

        static UnappliedView of(ReceivablesUnapplied unapplied) {
            return new UnappliedView(
                    plain(unapplied.received()),
                    plain(unapplied.ledger()),
                    plain(unapplied.difference()),
                    plain(unapplied.onAccounts()));
        }
    }

    record AgingView(
            String days0To30,
            String days31To60,
            String days61To90,
            String days91To120,
            String over120,
            String unapplied) {

        static AgingView of(Aging.Buckets buckets) {
            return new AgingView(
                    plain(buckets.days0To30()),
                    plain(buckets.days31To60()),
                    plain(buckets.days61To90()),
                    plain(buckets.days91To120()),
                    plain(buckets.over120()),
                    plain(buckets.unapplied()));
        }
    }

    /** A figure without a base is null. */
    record MetricsView(
            LocalDate from,
            LocalDate to,
            String charges,
            String payments,
            String netRevenue,
            String badDebt,
            @Nullable BigDecimal daysInReceivables,
            @Nullable BigDecimal netCollectionPercent,
            @Nullable BigDecimal grossCollectionPercent,
            @Nullable BigDecimal badDebtPercent) {

        static MetricsView of(ReceivablesMetrics metrics) {
            return new MetricsView(
                    metrics.from(),
                    metrics.to(),
                    plain(metrics.charges()),
                    plain(metrics.payments()),
                    plain(metrics.netRevenue()),
                    plain(metrics.badDebt()),
                    metrics.daysInReceivables(),
                    metrics.netCollectionPercent(),
                    metrics.grossCollectionPercent(),
                    metrics.badDebtPercent());
        }
    }

    record EntryView(UUID id, @Nullable String entryNumber, List<LedgerView> ledger, List<RowView> subledger) {

        static EntryView of(ReceivablesEntry entry) {
            return new EntryView(
                    entry.id(),
                    entry.entryNumber(),
                    entry.ledger().stream().map(LedgerView::of).toList(),
                    entry.subledger().stream().map(RowView::of).toList());
        }
    }

    record LedgerView(
            int line,
            String account,
            LocalDate entryDate,
            LocalDate effectiveDate,
            String fiscalPeriod,
            String amount) {

        static LedgerView of(ReceivablesEntry.LedgerLine line) {
            return new LedgerView(
                    line.number(),
                    line.accountCode(),
                    line.entryDate(),
                    line.effectiveDate(),
                    line.fiscalPeriod(),
                    plain(line.amount()));
        }
    }

    record RowView(
            String transactionNumber,
            UUID accountId,
            String account,
            LocalDate transactionDate,
            String type,
            String amount) {

        static RowView of(ReceivablesEntry.SubledgerRow row) {
            return new RowView(
                    row.transactionNumber(),
                    row.accountId(),
                    row.accountCode(),
                    row.transactionDate(),
                    row.type(),
                    plain(row.amount()));
        }
    }
}
