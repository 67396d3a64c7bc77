package io.remitflow.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.BillingSettings.Delivery;
import io.remitflow.identity.BillingSettings.Frequency;
import java.util.Set;
import org.joda.money.Money;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What S4 5.1 lets an organization settle, at its bounds. */
class BillingSettingsTests {

    private static final Money TEN = usd("10.00");

    @Test
    void whatAnOrganizationBeginsWithIsAccepted() {
        for (String currency : new String[] {"USD", "VND"}) {
            BillingSettings defaults = BillingSettings.defaults(currency);

            assertThat(defaults.paymentTermsDays()).isEqualTo(30);
            assertThat(defaults.smallBalance().getCurrencyUnit().getCode()).isEqualTo(currency);
            assertThat(defaults.smallBalance().isPositive()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                      0,     0,  30,  1
                    365, 10000, 730, 90
                    """)
    void theBoundsThemselvesAreAccepted(int terms, int lateFee, int collections, int suspense) {
        assertThatCode(() -> settings(terms, lateFee, collections, suspense)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                     -1,     0, 120,  3, payment terms
                    366,     0, 120,  3, payment terms
                     30,    -1, 120,  3, late fee
                     30, 10001, 120,  3, late fee
                     30,     0,  29,  3, collections
                     30,     0, 731,  3, collections
                     30,     0, 120,  0, bank line
                     30,     0, 120, 91, bank line
                    """)
    void whatIsBeyondThemIsRefused(int terms, int lateFee, int collections, int suspense, String words) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> settings(terms, lateFee, collections, suspense))
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.INVALID_INPUT))
                .withMessageContaining(words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "9", "10", "28", "last"})
    void aStatementDayIsOneThatEveryMonthHas(String day) {
        assertThatCode(() -> settings(day, TEN, TEN, TEN, Set.of(Delivery.MAIL)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "01", "29", "31", "-1", "Last", "1 "})
    void anyOtherStatementDayIsRefused(String day) {
        refused("statement day", () -> settings(day, TEN, TEN, TEN, Set.of(Delivery.MAIL)));
    }

    @Test
    void amountsAreNotNegativeAndOfOneCurrency() {
        Money below = usd("-0.01");
        Money foreign = Amounts.parse("10.00", "EUR");

        assertThatCode(() -> settings("1", usd("0.00"), usd("0.00"), usd("0.00"), Set.of(Delivery.MAIL)))
                .doesNotThrowAnyException();
        refused("minimum invoice", () -> settings("1", below, TEN, TEN, Set.of(Delivery.MAIL)));
        refused("small balance", () -> settings("1", TEN, below, TEN, Set.of(Delivery.MAIL)));
        refused("approvals together", () -> settings("1", TEN, TEN, below, Set.of(Delivery.MAIL)));
        refused("currency of the organization", () -> settings("1", TEN, foreign, TEN, Set.of(Delivery.MAIL)));
        refused("currency of the organization", () -> settings("1", TEN, TEN, foreign, Set.of(Delivery.MAIL)));
    }

    @Test
    void anInvoiceIsDeliveredSomehow() {
        refused("way of delivery", () -> settings("1", TEN, TEN, TEN, Set.of()));
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        refused("the statement day is 1 to 28 or 'last'", () -> settings("0", usd("-1.00"), TEN, TEN, Set.of()));
        refused("the minimum invoice is not negative", () -> settings("0", usd("-1.00"), TEN, TEN, Set.of()));
    }

    private static void refused(String words, Runnable settings) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(settings::run)
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.INVALID_INPUT))
                .withMessageContaining(words);
    }

    private static BillingSettings settings(int terms, int lateFee, int collections, int suspense) {
        return new BillingSettings(
                terms,
                lateFee,
                TEN,
                true,
                Set.of(Delivery.EMAIL),
                Frequency.MONTHLY,
                "1",
                collections,
                TEN,
                TEN,
                suspense);
    }

    private static BillingSettings settings(
            String statementDay, Money minimum, Money small, Money together, Set<Delivery> delivery) {
        return new BillingSettings(
                30, 0, minimum, true, delivery, Frequency.MONTHLY, statementDay, 120, small, together, 3);
    }

    private static Money usd(String amount) {
        return Amounts.parse(amount, "USD");
    }
}
