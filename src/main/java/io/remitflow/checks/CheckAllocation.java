package io.remitflow.checks;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /** What somebody asks to be paid of an invoice; more than is open is never paid. */
    record Ask(OpenInvoice invoice, long mostMinor) {}

    /**
     * Each as far as it is open. An invoice that is open no more is passed over, one that is named twice is paid once.
     *
     * @throws RuleViolation if the check is not worth more than zero
     */
    static CheckAllocation allocate(long checkMinor, List<OpenInvoice> inOrder) {
        return allocateAsked(
                checkMinor,
                inOrder.stream()
                        .map(invoice -> new Ask(invoice, invoice.openMinor()))
                        .toList());
    }

    /**
     * Each as far as it is asked for and open; one that is named again gets more, up to what is open.
     *
     * @throws RuleViolation if the check is not worth more than zero
     */
    static CheckAllocation allocateAsked(long checkMinor, List<Ask> inOrder) {
        if (checkMinor <= 0) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a check is worth more than zero");
        }
        long left = checkMinor;
        Map<UUID, Applied> applied = new LinkedHashMap<>();
        for (Ask ask : inOrder) {
            OpenInvoice invoice = ask.invoice();
            Applied before = applied.get(invoice.id());
            long paid = before == null ? 0 : before.amountMinor();
            long amount = Math.min(Math.min(left, ask.mostMinor()), invoice.openMinor() - paid);
            if (amount > 0) {
                applied.put(invoice.id(), new Applied(invoice, paid + amount));
                left -= amount;
            }
        }
        return new CheckAllocation(List.copyOf(applied.values()), left);
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
