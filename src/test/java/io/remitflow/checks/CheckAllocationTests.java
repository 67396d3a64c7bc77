package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The allocation vectors of 4.8, and what holds for every check. */
class CheckAllocationTests {

    private static final UUID RYE = UUID.randomUUID();

    @Test
    void c48_theSecondInvoiceGetsWhatTheFirstLeaves() {
        var invoices = open(10_000, 8_000);

        var allocation = CheckAllocation.allocate(15_000, invoices);

        assertThat(allocation.applied())
                .extracting(CheckAllocation.Applied::amountMinor)
                .containsExactly(10_000L, 5_000L);
        assertThat(allocation.applied())
                .extracting(CheckAllocation.Applied::isFullyPaid)
                .containsExactly(true, false);
        assertThat(allocation.leftMinor()).isZero();
    }

    @Test
    void c48_whatNoInvoiceTakesIsLeft() {
        var allocation = CheckAllocation.allocate(25_000, open(10_000, 8_000));

        assertThat(allocation.appliedMinor()).isEqualTo(18_000);
        assertThat(allocation.leftMinor()).isEqualTo(7_000);
    }

    @Test
    void c48_anInvoiceAlreadyPaidIsPassedOver() {
        var invoices = open(10_000, 0, 8_000);

        var allocation = CheckAllocation.allocate(15_000, invoices);

        assertThat(allocation.applied())
                .extracting(applied -> applied.invoice().number())
                .containsExactly("INV-0", "INV-2");
    }

    @Test
    void c48_withoutInvoicesAllOfItIsLeft() {
        assertThat(CheckAllocation.allocate(15_000, List.of())).isEqualTo(new CheckAllocation(List.of(), 15_000));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, -15_000, Long.MIN_VALUE})
    void c48_nothingAndLessIsNoCheck(long amount) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> CheckAllocation.allocate(amount, open(10_000)))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.INVALID_INPUT));
    }

    @Test
    void anInvoiceThatIsNamedTwiceIsPaidOnce() {
        var invoice = open(10_000).get(0);

        assertThat(CheckAllocation.allocate(25_000, List.of(invoice, invoice)).leftMinor())
                .isEqualTo(15_000);
    }

    @Property
    void noCentIsMadeOrLost(
            @ForAll @LongRange(min = 1, max = 1_000_000_000_000L) long check,
            @ForAll @Size(max = 30) List<@IntRange(max = 100_000_000) Integer> amounts) {
        var invoices = open(amounts.stream().mapToLong(Integer::longValue).toArray());

        var allocation = CheckAllocation.allocate(check, invoices);

        assertThat(allocation.appliedMinor() + allocation.leftMinor()).isEqualTo(check);
        assertThat(allocation.leftMinor()).isNotNegative();
        assertThat(allocation.applied())
                .allSatisfy(applied -> assertThat(applied.amountMinor())
                        .isPositive()
                        .isLessThanOrEqualTo(applied.invoice().openMinor()));
        long openMinor = invoices.stream().mapToLong(OpenInvoice::openMinor).sum();
        assertThat(allocation.leftMinor()).isEqualTo(Math.max(0, check - openMinor));
    }

    @Property
    void atMostTheLastInvoiceIsPaidInPart(
            @ForAll @LongRange(min = 1, max = 1_000_000) long check,
            @ForAll @Size(max = 30) List<@IntRange(min = 1, max = 100_000) Integer> amounts) {
        var applied = CheckAllocation.allocate(
                        check,
                        open(amounts.stream().mapToLong(Integer::longValue).toArray()))
                .applied();

        assertThat(applied.subList(0, Math.max(0, applied.size() - 1))).allMatch(CheckAllocation.Applied::isFullyPaid);
    }

    private static List<OpenInvoice> open(long... amounts) {
        List<OpenInvoice> invoices = new ArrayList<>();
        for (long amount : amounts) {
            invoices.add(new OpenInvoice(
                    UUID.randomUUID(), "INV-" + invoices.size(), RYE, LocalDate.of(2026, 6, 6), null, amount));
        }
        return invoices;
    }
}
