package io.remitflow.reconciliation;

import io.remitflow.claims.Payers;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Claims submitted to payers against what they answered, as of any day. A claim that went on to another payer counts for each
 * of them, with what that one answered: sent on is submitted to it, and so is what the payer before passed on, once it answers.
 */
@Service
@Transactional(readOnly = true, isolation = Isolation.REPEATABLE_READ)
public class PayerReconciliation {

    public static final int MAX_PAGE = 1000;

    private static final int DAYS = 365;

    private final PayerRows rows;
    private final Payers payers;
    private final Organizations organizations;

    PayerReconciliation(PayerRows rows, Payers payers, Organizations organizations) {
        this.rows = rows;
        this.payers = payers;
        this.organizations = organizations;
    }

    /** {@code from} null: the year that ends with the day. */
    public PayerPeriod period(@Nullable LocalDate from, ReceivablesAsOf asOf) {
        LocalDate first = from == null ? asOf.day().minusDays(DAYS) : from;
        if (first.isAfter(asOf.day())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the first day is not after the last");
        }
        return new PayerPeriod(first, asOf);
    }

    /** Every payer with a claim or a remittance in the period. */
    public List<PayerFigures> figures(PayerPeriod period) {
        return rows.figures(period, null, zone(), currency());
    }

    public PayerFigures total(List<PayerFigures> figures) {
        return figures.stream().reduce(none(null, "All payers"), PayerFigures::plus);
    }

    public PayerFigures ofPayer(UUID payer, PayerPeriod period) {
        var known = payers.get(payer);
        return rows.figures(period, payer, zone(), currency()).stream()
                .findFirst()
                .orElseGet(() -> none(payer, known.name()));
    }

    /** Claims of the payer in that state; null: in any. {@code after} is the id of the last one seen. */
    public List<PayerClaim> claims(
            UUID payer, PayerPeriod period, @Nullable PayerClaimState state, @Nullable UUID after, int limit) {
        payers.get(payer);
        return rows.claims(period, payer, state, false, after, Math.clamp(limit, 1, MAX_PAGE), zone(), currency());
    }

    /** Claims that the payer has not answered for more than 30 days. */
    public List<PayerClaim> overdue(UUID payer, PayerPeriod period, @Nullable UUID after, int limit) {
        payers.get(payer);
        return rows.claims(period, payer, null, true, after, Math.clamp(limit, 1, MAX_PAGE), zone(), currency());
    }

    private PayerFigures none(@Nullable UUID payer, String name) {
        Money zero = Money.zero(currency());
        var part = new PayerFigures.Part(0, zero);
        return new PayerFigures(payer, name, part, part, part, part, part, part, part, zero, part, part);
    }

    private String zone() {
        return organizations.current().timeZone().getId();
    }

    private CurrencyUnit currency() {
        return organizations.current().currency();
    }
}
