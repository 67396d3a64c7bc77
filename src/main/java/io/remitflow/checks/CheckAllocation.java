package io.remitflow.checks;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * How the money of a check is spread over invoices: each in the given order is paid as far as the money reaches.
 *
 * @param leftMinor what no invoice took
 */
public record CheckAllocation(List<Applied> applied, long leftMinor) {

    public CheckAllocation {
        applied = List.copyOf(applied);
    }

    /**
     * An invoice that is open no more is passed over, one that is named twice is paid once.
     *
     * @throws RuleViolation if the check is not worth more than zero
     */
    static CheckAllocation allocate(long checkMinor, List<OpenInvoice> inOrder) {
        if (checkMinor <= 0) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a check is worth more than zero");
        }
        long left = checkMinor;
        List<Applied> applied = new ArrayList<>();
        Set<UUID> seen = new HashSet<>();
        for (OpenInvoice invoice : inOrder) {
            long amount = Math.min(left, invoice.openMinor());
            if (amount > 0 && seen.add(invoice.id())) {
                applied.add(new Applied(invoice, amount));
                left -= amount;
            }
        }
        return new CheckAllocation(applied, left);
    }

    public long appliedMinor() {
        return applied.stream().mapToLong(Applied::amountMinor).sum();
    }

    /** What one invoice gets. */
    public record Applied(OpenInvoice invoice, long amountMinor) {

        public boolean isFullyPaid() {
            return amountMinor == invoice.openMinor();
        }
    }
}
