package io.remitflow.identity;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.joda.money.Money;

/**
 * Billing policy of an organization, as of S4 5.1.
 *
 * <p>Late fee, automatic invoices, delivery, statements and collections are recorded for later: nothing acts on them yet.
 *
 * @param statementDay a day of the month from 1 to 28, or {@code last}
 * @param lateFeeBasisPoints per month; 150 are 1.5 percent; 0 charges none
 * @param minimumInvoice an invoice below it is carried to the next one
 * @param bulkApproval cases up to this amount may be approved together; zero: each on its own
 * @param smallBalance a patient balance below it may be written off without approval; never a credit balance
 * @param bankSuspenseDays bank days for which a line may stand in bank suspense before it is somebody's case
 */
public record BillingSettings(
        int paymentTermsDays,
        int lateFeeBasisPoints,
        Money minimumInvoice,
        boolean autoGenerateInvoices,
        Set<Delivery> invoiceDelivery,
        Frequency statementFrequency,
        String statementDay,
        int collectionsThresholdDays,
        Money smallBalance,
        Money bulkApproval,
        int bankSuspenseDays) {

    private static final Pattern STATEMENT_DAY = Pattern.compile("[1-9]|1[0-9]|2[0-8]|last");

    /** How an invoice reaches its recipient. */
    public enum Delivery {
        EMAIL,
        PORTAL,
        MAIL
    }

    /** How often statements are sent. */
    public enum Frequency {
        WEEKLY,
        MONTHLY,
        QUARTERLY
    }

    public BillingSettings {
        invoiceDelivery = Set.copyOf(invoiceDelivery);
        var wrong = new ArrayList<String>();
        check(wrong, paymentTermsDays >= 0 && paymentTermsDays <= 365, "payment terms are 0 to 365 days");
        check(wrong, lateFeeBasisPoints >= 0 && lateFeeBasisPoints <= 10_000, "the late fee is 0 to 100 percent");
        check(wrong, !minimumInvoice.isNegative(), "the minimum invoice is not negative");
        check(wrong, !smallBalance.isNegative(), "the small balance is not negative");
        check(wrong, !bulkApproval.isNegative(), "the limit of approvals together is not negative");
        check(
                wrong,
                minimumInvoice.isSameCurrency(smallBalance) && minimumInvoice.isSameCurrency(bulkApproval),
                "all amounts are in the currency of the organization");
        check(wrong, !invoiceDelivery.isEmpty(), "at least one way of delivery is needed");
        check(wrong, STATEMENT_DAY.matcher(statementDay).matches(), "the statement day is 1 to 28 or 'last'");
        check(
                wrong,
                collectionsThresholdDays >= 30 && collectionsThresholdDays <= 730,
                "collections begin after 30 to 730 days");
        check(
                wrong,
                bankSuspenseDays >= 1 && bankSuspenseDays <= 90,
                "a bank line may be unexplained for 1 to 90 bank days");
        if (!wrong.isEmpty()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "Not accepted: " + String.join("; ", wrong));
        }
    }

    static BillingSettings defaults(String currency) {
        long smallMinor = Amounts.zero(currency).getScale() == 0 ? 200_000 : 10 * scale(currency);
        return new BillingSettings(
                30,
                0,
                Amounts.ofMinor(smallMinor, currency),
                true,
                EnumSet.of(Delivery.EMAIL, Delivery.PORTAL),
                Frequency.MONTHLY,
                "1",
                120,
                Amounts.ofMinor(smallMinor, currency),
                Amounts.ofMinor(25 * smallMinor, currency),
                3);
    }

    private static long scale(String currency) {
        return Amounts.parse("1", currency).getAmountMinorLong();
    }

    private static void check(List<String> wrong, boolean right, String rule) {
        if (!right) {
            wrong.add(rule);
        }
    }
}
