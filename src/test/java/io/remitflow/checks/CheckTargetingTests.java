package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.checks.Suggestion.Reason;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The targeting vectors of 4.8, and what holds for every remittance. */
class CheckTargetingTests {

    private static final int WINDOW = 10;
    private static final UUID RYE = UUID.randomUUID();
    private static final UUID PORT_CHESTER = UUID.randomUUID();
    private static final LocalDate SATURDAY = LocalDate.of(2026, 6, 6);

    @ParameterizedTest
    @CsvSource({"0, true", "2, true", "9, true", "10, true", "11, false", "-10, true", "-11, false", "355, false"})
    void c48_theWindowIncludesItsTenthDay(int daysAfter, boolean found) {
        var invoice = invoice("INV-1", RYE, SATURDAY, null, 10_000);

        var suggestion = one(line(SATURDAY.plusDays(daysAfter), 10_000, null), invoice);

        assertThat(suggestion.invoice()).isEqualTo(found ? invoice : null);
        assertThat(suggestion.reason()).isEqualTo(found ? Reason.AMOUNT_AND_DATE : Reason.NOTHING_OPEN);
    }

    @Test
    void ofManyInvoicesALineOffersTheNearestInAmountAndDateAndAlwaysWhatWasChosen() {
        List<OpenInvoice> pool = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            pool.add(invoice("INV-" + i, RYE, SATURDAY.minusDays(i), null, 20_000 + i));
        }
        var near = invoice("INV-NEAR", RYE, SATURDAY.minusDays(3), null, 10_000);
        var nearer = invoice("INV-NEARER", RYE, SATURDAY, null, 10_000);
        var chosen = invoice("INV-CHOSEN", RYE, SATURDAY, null, 9_999_999);
        pool.addAll(List.of(near, nearer, chosen));
        var line = new RemittanceLine(1, null, SATURDAY, 10_000, chosen.id());

        assertThat(OpenInvoice.nearest(pool, line, 300)).hasSize(300).startsWith(chosen, nearer, near);
        assertThat(OpenInvoice.nearest(pool, line, 503))
                .as("all of few, in their order")
                .isEqualTo(pool);
    }

    @ParameterizedTest
    @CsvSource({
        "2028-02-24, 2028-03-05, true", // leap year: 10 days
        "2028-02-24, 2028-03-06, false",
        "2027-02-24, 2027-03-06, true", // no leap year: 10 days
        "2027-02-24, 2027-03-07, false",
        "2026-03-05, 2026-03-15, true", // over the change to daylight saving time
        "2026-10-28, 2026-11-07, true",
        "2026-12-28, 2027-01-07, true"
    })
    void c48_daysAreCountedAcrossLeapDaysAndDaylightSaving(LocalDate anchor, LocalDate date, boolean found) {
        var suggestion = one(line(date, 10_000, null), invoice("INV-1", RYE, anchor, null, 10_000));

        assertThat(suggestion.invoice() != null).isEqualTo(found);
    }

    @Test
    void c48_theEndOfThePeriodBeatsTheDayOfSending() {
        var billedLong = invoice("INV-1", RYE, SATURDAY.minusDays(30), SATURDAY, 10_000);
        var onlySent = invoice("INV-2", RYE, null, SATURDAY.plusDays(2), 10_000);

        assertThat(one(line(SATURDAY, 10_000, null), billedLong, onlySent).invoice())
                .isEqualTo(onlySent);
        assertThat(one(line(SATURDAY.minusDays(30), 10_000, null), billedLong, onlySent)
                        .invoice())
                .isEqualTo(billedLong);
    }

    @Test
    void c48_ofTwoInvoicesThePrintedNumberDecides() {
        var first = invoice("INV-2026-000017", RYE, SATURDAY, null, 10_000);
        var second = invoice("INV-2026-000018", RYE, SATURDAY.plusDays(1), null, 10_000);

        var suggestion = one(line(SATURDAY, 10_000, "inv 2026 000018"), first, second);

        assertThat(suggestion.invoice()).isEqualTo(second);
        assertThat(suggestion.reason()).isEqualTo(Reason.PRINTED_NUMBER);
        assertThat(suggestion.explanation()).contains("printed invoice number").contains("INV-2026-000017");
    }

    @Test
    void c48_ofTwoInvoicesWithoutANumberAPersonDecides() {
        var suggestion = one(
                line(SATURDAY, 10_000, null),
                invoice("INV-1", RYE, SATURDAY, null, 10_000),
                invoice("INV-2", RYE, SATURDAY, null, 10_000));

        assertThat(suggestion.invoice()).isNull();
        assertThat(suggestion.reason()).isEqualTo(Reason.SEVERAL);
        assertThat(suggestion.considered()).hasSize(2);
    }

    @Test
    void aPrintedNumberOfAnotherSystemDoesNotStandInTheWay() {
        var invoice = invoice("INV-1", RYE, SATURDAY, null, 10_000);

        assertThat(one(line(SATURDAY, 10_000, "W-88123"), invoice).invoice()).isEqualTo(invoice);
    }

    @Test
    void aPrintedNumberDoesNotMakeUpForAnotherAmount() {
        var suggestion = one(line(SATURDAY, 9_999, "INV-1"), invoice("INV-1", RYE, SATURDAY, null, 10_000));

        assertThat(suggestion.invoice()).isNull();
    }

    @Test
    void theInvoicesOfAllFacilitiesArePooled() {
        var ofRye = invoice("INV-1", RYE, SATURDAY, null, 10_000);
        var ofPortChester = invoice("INV-2", PORT_CHESTER, SATURDAY, null, 20_000);

        var suggestions = CheckTargeting.target(
                List.of(line(1, SATURDAY, 20_000, null), line(2, SATURDAY, 10_000, null)),
                List.of(ofRye, ofPortChester),
                WINDOW);

        assertThat(suggestions).extracting(Suggestion::invoice).containsExactly(ofPortChester, ofRye);
    }

    @Test
    void whatOtherLinesCertainlyPayIsLeftToThem() {
        var early = invoice("INV-1", RYE, SATURDAY.minusDays(7), null, 10_000);
        var late = invoice("INV-2", RYE, SATURDAY, null, 10_000);

        var suggestions = CheckTargeting.target(
                List.of(line(1, SATURDAY, 10_000, null), line(2, SATURDAY.minusDays(14), 10_000, null)),
                List.of(early, late),
                WINDOW);

        assertThat(suggestions).extracting(Suggestion::invoice).containsExactly(late, early);
        assertThat(suggestions.get(0).reason()).isEqualTo(Reason.LAST_ONE_LEFT);
    }

    @Test
    void twoLinesNeverPayOneInvoice() {
        var invoice = invoice("INV-1", RYE, SATURDAY, null, 10_000);

        var suggestions = CheckTargeting.target(
                List.of(line(1, SATURDAY, 10_000, null), line(2, SATURDAY, 10_000, null)), List.of(invoice), WINDOW);

        assertThat(suggestions).allMatch(suggestion -> suggestion.invoice() == null);
        assertThat(suggestions).extracting(Suggestion::reason).containsOnly(Reason.CLAIMED_TWICE);
    }

    @Test
    void withoutADateOnlyThePrintedNumberHelps() {
        var invoice = invoice("INV-1", RYE, SATURDAY, null, 10_000);

        assertThat(one(line(null, 10_000, "INV 1"), invoice).invoice()).isEqualTo(invoice);
        assertThat(one(line(null, 10_000, null), invoice).reason()).isEqualTo(Reason.NO_DATE);
    }

    @Test
    void whatAPersonPickedStands() {
        var picked = invoice("INV-1", RYE, SATURDAY.minusDays(60), null, 12_345);
        var line = new RemittanceLine(1, null, SATURDAY, 10_000, picked.id());

        assertThat(one(line, picked, invoice("INV-2", RYE, SATURDAY, null, 10_000))
                        .invoice())
                .isEqualTo(picked);
        assertThat(one(line, invoice("INV-2", RYE, SATURDAY, null, 10_000)).reason())
                .isEqualTo(Reason.NOT_OPEN);
    }

    @Test
    void aLineThatAPersonGaveToALargerInvoicePaysNoMoreOfItThanItIsWorth() {
        var picked = invoice("INV-1", RYE, SATURDAY.minusDays(60), null, 10_000);
        var other = invoice("INV-2", RYE, SATURDAY, null, 10_000);
        var lines = List.of(
                new RemittanceLine(1, null, SATURDAY, 9_000, picked.id()),
                new RemittanceLine(2, null, SATURDAY, 10_000, null));

        assertThat(CheckProposal.of(19_000, true, lines, List.of(picked, other), WINDOW)
                        .allocation()
                        .applied())
                .extracting(applied -> applied.invoice().number() + " " + applied.amountMinor())
                .containsExactly("INV-1 9000", "INV-2 10000");
    }

    @Test
    void aDeductionThatAPersonGaveToAnInvoiceIsTakenOffWhatIsPaidOfIt() {
        var picked = invoice("INV-1", RYE, SATURDAY, null, 10_000);
        var other = invoice("INV-2", RYE, SATURDAY.minusDays(60), null, 5_000);
        var lines = List.of(
                new RemittanceLine(1, null, SATURDAY, 10_000, picked.id()),
                new RemittanceLine(2, null, SATURDAY, -1_000, picked.id()),
                new RemittanceLine(3, null, SATURDAY, -500, other.id()));

        var allocation = CheckProposal.of(8_500, false, lines, List.of(picked, other), WINDOW)
                .allocation();

        assertThat(allocation.applied())
                .extracting(applied -> applied.invoice().number() + " " + applied.amountMinor())
                .containsExactly("INV-1 8500");
    }

    @Test
    void theLinesThatDoNotAddUpAreSeen() {
        var pool = List.of(invoice("INV-1", RYE, SATURDAY, null, 10_000));
        var lines = List.of(line(SATURDAY, 10_000, null));

        assertThat(CheckProposal.of(10_000, true, lines, pool, WINDOW).linesDiffer())
                .isFalse();
        assertThat(CheckProposal.of(10_001, true, lines, pool, WINDOW).linesDiffer())
                .isTrue();
    }

    @Test
    void c48_theRestGoesToTheOldestInvoicesOfAnOnlyFacility() {
        var old = invoice("INV-1", RYE, SATURDAY.minusDays(90), null, 3_000);
        var older = invoice("INV-0", RYE, SATURDAY.minusDays(120), null, 5_000);
        var named = invoice("INV-2", RYE, SATURDAY, null, 10_000);

        var single = CheckProposal.of(
                17_000, true, List.of(line(SATURDAY, 10_000, null)), List.of(old, older, named), WINDOW);
        var several = CheckProposal.of(
                17_000, false, List.of(line(SATURDAY, 10_000, null)), List.of(old, older, named), WINDOW);

        assertThat(single.allocation().applied())
                .extracting(applied -> applied.invoice().number() + " " + applied.amountMinor())
                .containsExactly("INV-2 10000", "INV-0 5000", "INV-1 2000");
        assertThat(several.allocation().applied())
                .extracting(applied -> applied.invoice().number())
                .containsExactly("INV-2");
        assertThat(several.allocation().leftMinor()).isEqualTo(7_000);
    }

    @Property
    void noInvoiceIsSuggestedTwiceOrForAnotherAmountOrOutsideTheWindow(@ForAll("remittances") Remittance remittance) {
        Set<UUID> seen = new HashSet<>();

        for (Suggestion suggestion : CheckTargeting.target(remittance.lines(), remittance.pool(), WINDOW)) {
            var invoice = suggestion.invoice();
            if (invoice != null) {
                assertThat(seen.add(invoice.id())).isTrue();
                assertThat(invoice.openMinor()).isEqualTo(suggestion.line().amountMinor());
                var date = suggestion.line().date();
                if (date != null) {
                    assertThat(invoice.anchor()).isBetween(date.minusDays(WINDOW), date.plusDays(WINDOW));
                }
            }
        }
    }

    @Property
    void theOrderOfLinesAndInvoicesDoesNotMatter(@ForAll("remittances") Remittance remittance, @ForAll Random random) {
        List<RemittanceLine> lines = new ArrayList<>(remittance.lines());
        List<OpenInvoice> pool = new ArrayList<>(remittance.pool());
        Collections.shuffle(lines, random);
        Collections.shuffle(pool, random);

        assertThat(byLine(CheckTargeting.target(lines, pool, WINDOW)))
                .isEqualTo(byLine(CheckTargeting.target(remittance.lines(), remittance.pool(), WINDOW)));
    }

    @Property
    void whatAProposalSpreadsIsTheCheck(@ForAll("remittances") Remittance remittance, @ForAll boolean single) {
        long check = 1
                + remittance.lines().stream()
                        .mapToLong(RemittanceLine::amountMinor)
                        .sum();

        var proposal = CheckProposal.of(check, single, remittance.lines(), remittance.pool(), WINDOW);

        assertThat(proposal.allocation().appliedMinor() + proposal.allocation().leftMinor())
                .isEqualTo(check);
        assertThat(proposal.suggestions()).hasSameSizeAs(remittance.lines());
    }

    @Provide
    Arbitrary<Remittance> remittances() {
        Arbitrary<Long> amounts = Arbitraries.of(10_000L, 20_000L, 30_000L);
        Arbitrary<LocalDate> days = Arbitraries.integers().between(-20, 20).map(SATURDAY::plusDays);
        Arbitrary<OpenInvoice> invoices = Combinators.combine(
                        days,
                        days.injectNull(0.3),
                        amounts,
                        Arbitraries.integers().between(1, 9))
                .as((sent, end, amount, number) ->
                        new OpenInvoice(UUID.randomUUID(), "INV-" + number, RYE, end, sent, amount));
        Arbitrary<RemittanceLine> lines = Combinators.combine(
                        days.injectNull(0.1),
                        amounts,
                        Arbitraries.integers().between(1, 9).injectNull(0.5))
                .as((date, amount, number) ->
                        new RemittanceLine(0, number == null ? null : "INV " + number, date, amount, null));
        return Combinators.combine(lines.list().ofMaxSize(8), invoices.list().ofMaxSize(12))
                .as((some, pool) -> {
                    List<RemittanceLine> numbered = new ArrayList<>();
                    for (RemittanceLine line : some) {
                        numbered.add(line(numbered.size() + 1, line.date(), line.amountMinor(), line.invoiceNumber()));
                    }
                    return new Remittance(numbered, pool);
                });
    }

    record Remittance(List<RemittanceLine> lines, List<OpenInvoice> pool) {}

    private static Map<Integer, @Nullable UUID> byLine(List<Suggestion> suggestions) {
        Map<Integer, @Nullable UUID> result = new HashMap<>();
        suggestions.forEach(suggestion -> result.put(
                suggestion.line().number(),
                suggestion.invoice() == null ? null : suggestion.invoice().id()));
        return result;
    }

    private static Suggestion one(RemittanceLine line, OpenInvoice... pool) {
        return CheckTargeting.target(List.of(line), List.of(pool), WINDOW).get(0);
    }

    private static RemittanceLine line(@Nullable LocalDate date, long amount, @Nullable String number) {
        return line(1, date, amount, number);
    }

    private static RemittanceLine line(int line, @Nullable LocalDate date, long amount, @Nullable String number) {
        return new RemittanceLine(line, number, date, amount, null);
    }

    private static OpenInvoice invoice(
            String number, UUID facility, @Nullable LocalDate periodEnd, @Nullable LocalDate sent, long open) {
        return new OpenInvoice(UUID.randomUUID(), number, facility, periodEnd, sent, open);
    }
}
