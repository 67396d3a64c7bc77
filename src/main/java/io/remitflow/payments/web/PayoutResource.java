package io.remitflow.payments.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.Payout;
import io.remitflow.payments.PayoutFilter;
import io.remitflow.payments.PayoutLine;
import io.remitflow.payments.Payouts;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing/payouts")
@PreAuthorize("hasAuthority('patient-accounts.view')")
class PayoutResource {

    private final Payouts payouts;
    private final Organizations organizations;

    PayoutResource(Payouts payouts, Organizations organizations) {
        this.payouts = payouts;
        this.organizations = organizations;
    }

    /** Newest first; {@code after} is the id of the last payout already seen. */
    @GetMapping
    List<PayoutView> list(
            @RequestParam(defaultValue = "all") String show,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        LocalDate today = organizations.today();
        return payouts.list(new PayoutFilter(filter(show), after, limit)).stream()
                .map(payout -> PayoutView.of(payout, today))
                .toList();
    }

    @GetMapping("/{id}")
    PayoutView get(@PathVariable UUID id) {
        return PayoutView.of(payouts.get(id), organizations.today());
    }

    /** In the order in which they happened; {@code after} is the id of the last transaction already seen. */
    @GetMapping("/{id}/transactions")
    List<PayoutLineView> lines(
            @PathVariable UUID id,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "100") int limit) {
        return payouts.lines(payouts.get(id).id(), after, limit).stream()
                .map(PayoutLineView::of)
                .toList();
    }

    private static PayoutFilter.Show filter(String key) {
        try {
            return PayoutFilter.Show.valueOf(key.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "unknown filter");
        }
    }

    /**
     * @param standing how far it is: collecting, held, expected, waiting, late, missing, settled, failed or returned
     * @param open what the bank has not brought or taken yet
     * @param unknownTransactions how many of its transactions lie in bank suspense
     */
    record PayoutView(
            UUID id,
            String number,
            String provider,
            String gatewayPayoutId,
            String amount,
            String currency,
            String gross,
            String fee,
            String open,
            String status,
            String standing,
            boolean automatic,
            LocalDate arrivesOn,
            @Nullable String traceNumber,
            @Nullable String failureCode,
            @Nullable String holdReason,
            int transactions,
            int unknownTransactions,
            @Nullable UUID journalEntryId,
            @Nullable UUID returnEntryId,
            Instant issuedAt) {

        static PayoutView of(Payout payout, LocalDate today) {
            return new PayoutView(
                    payout.id(),
                    payout.number(),
                    payout.gatewayProvider(),
                    payout.gatewayPayoutId(),
                    payout.amount().getAmount().toPlainString(),
                    payout.amount().getCurrencyUnit().getCode(),
                    payout.gross().getAmount().toPlainString(),
                    payout.fee().getAmount().toPlainString(),
                    payout.open().getAmount().toPlainString(),
                    payout.status().key(),
                    payout.standing(today).key(),
                    payout.automatic(),
                    payout.arrivesOn(),
                    payout.traceNumber(),
                    payout.failureCode(),
                    payout.holdReason(),
                    payout.lineCount(),
                    payout.unknown(),
                    payout.journalEntryId(),
                    payout.returnEntryId(),
                    payout.issuedAt());
        }
    }

    /** @param reference under which it was posted in card clearing; null for fees and for what is in bank suspense */
    record PayoutLineView(
            UUID id,
            String transactionId,
            String type,
            String kind,
            @Nullable String sourceId,
            String amount,
            String fee,
            String net,
            String currency,
            @Nullable String reference,
            boolean unknown,
            @Nullable UUID paymentId,
            @Nullable UUID disputeId,
            @Nullable UUID relatedPayoutId,
            @Nullable String problem,
            Instant occurredAt) {

        static PayoutLineView of(PayoutLine line) {
            return new PayoutLineView(
                    line.id(),
                    line.transactionId(),
                    line.type(),
                    line.kind().key(),
                    line.sourceId(),
                    line.amount().getAmount().toPlainString(),
                    line.fee().getAmount().toPlainString(),
                    line.net().getAmount().toPlainString(),
                    line.net().getCurrencyUnit().getCode(),
                    line.reference() == null ? null : line.reference().toString(),
                    line.unknown(),
                    line.paymentId(),
                    line.disputeId(),
                    line.relatedPayoutId(),
                    line.problem(),
                    line.occurredAt());
        }
    }
}
