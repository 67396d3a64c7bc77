package io.remitflow.payments;

import io.remitflow.billing.Invoice;
import io.remitflow.billing.Invoices;
import io.remitflow.receivables.ClaimBalance;
import io.remitflow.receivables.PatientAccounts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What money on an invoice pays of the claims whose shares it bills, so that no share is billed again that was paid. */
@Service
public class InvoiceShares {

    private final Invoices invoices;
    private final PatientAccounts accounts;

    InvoiceShares(Invoices invoices, PatientAccounts accounts) {
        this.invoices = invoices;
        this.accounts = accounts;
    }

    /**
     * Before the invoices are paid, and under the locks of both them and the account.
     *
     * @param parts what each of the account's invoices gets
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public List<PaymentAllocation> allocations(UUID accountId, Map<UUID, Money> parts) {
        Map<UUID, Money> owed = owed(accountId);
        List<PaymentAllocation> allocations = new ArrayList<>();
        parts.forEach((invoice, amount) -> allocations.addAll(ofLines(invoices.get(invoice), amount, owed)));
        return allocations;
    }

    /** What the patient owes of each claim of the account. */
    Map<UUID, Money> owed(UUID accountId) {
        Map<UUID, Money> owed = new LinkedHashMap<>();
        accounts.claimBalances(accountId).forEach((claim, balance) -> owed.put(claim, owed(balance)));
        return owed;
    }

    /**
     * The lines are paid in their order. What bills a share of a claim reduces that share, as far as it is still owed.
     *
     * @param owed of each claim; what is paid here is taken off it
     */
    List<PaymentAllocation> ofLines(Invoice invoice, Money amount, Map<UUID, Money> owed) {
        Money none = Money.zero(amount.getCurrencyUnit());
        Money before = invoice.paid().plus(invoice.credited());
        Money left = amount;
        Money services = none;
        Map<UUID, Money> ofClaims = new LinkedHashMap<>();
        for (Invoice.Line line : invoices.lines(invoice.id())) {
            Money paidBefore = min(before, line.total());
            before = before.minus(paidBefore);
            Money part = min(left, line.total().minus(paidBefore));
            left = left.minus(part);
            UUID claim = line.claimId();
            Money ofClaim = claim == null ? none : min(part, owed.getOrDefault(claim, none));
            if (claim != null && ofClaim.isPositive()) {
                ofClaims.merge(claim, ofClaim, Money::plus);
                owed.merge(claim, ofClaim, Money::minus);
            }
            services = services.plus(part.minus(ofClaim));
        }
        services = services.plus(left);
        List<PaymentAllocation> allocations = new ArrayList<>();
        if (services.isPositive()) {
            allocations.add(new PaymentAllocation(invoice.id(), null, invoice.number(), services));
        }
        ofClaims.forEach(
                (claim, part) -> allocations.add(new PaymentAllocation(invoice.id(), claim, invoice.number(), part)));
        return allocations;
    }

    private static Money owed(ClaimBalance balance) {
        return balance.patient().isPositive()
                ? balance.patient()
                : Money.zero(balance.patient().getCurrencyUnit());
    }

    private static Money min(Money one, Money other) {
        return one.isLessThan(other) ? one : other;
    }
}
