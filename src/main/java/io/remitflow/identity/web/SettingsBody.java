package io.remitflow.identity.web;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.BillingSettings;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Billing settings with the names and forms of the accounting and billing plan 5.1. */
record SettingsBody(
        @JsonProperty("default_payment_terms") @Nullable String paymentTerms,
        @JsonProperty("late_payment_fee_percent") @Nullable BigDecimal lateFeePercent,
        @JsonProperty("minimum_invoice_amount") @Nullable BigDecimal minimumInvoice,
        @JsonProperty("auto_generate_invoices") @Nullable Boolean autoGenerate,
        @JsonProperty("invoice_delivery_method") @Nullable List<String> delivery,
        @JsonProperty("statement_frequency") @Nullable String frequency,
        @JsonProperty("statement_day") @Nullable String statementDay,

        @JsonProperty("collections_threshold_days") @Nullable Integer collectionsThresholdDays,

        @JsonProperty("write_off_threshold") @Nullable BigDecimal smallBalance,

        @JsonProperty("bulk_approval_limit") @Nullable BigDecimal bulkApproval,
        @JsonProperty("bank_suspense_days") @Nullable Integer bankSuspenseDays) {

    private static final Pattern TERMS = Pattern.compile("(?i)net (\\d{1,3})|due on receipt");

    static SettingsBody of(BillingSettings settings) {
        return new SettingsBody(
                settings.paymentTermsDays() == 0 ? "Due on receipt" : "Net " + settings.paymentTermsDays(),
                BigDecimal.valueOf(settings.lateFeeBasisPoints(), 2),
                settings.minimumInvoice().getAmount(),
                settings.autoGenerateInvoices(),
                settings.invoiceDelivery().stream()
                        .map(SettingsBody::word)
                        .sorted()
                        .toList(),
                word(settings.statementFrequency()),
                settings.statementDay(),
                settings.collectionsThresholdDays(),
                settings.smallBalance().getAmount(),
                settings.bulkApproval().getAmount(),
                settings.bankSuspenseDays());
    }

    /** A client that does not know the limit of approvals together, or the days of bank suspense, leaves it as it is. */
    BillingSettings settings(BillingSettings before) {
        String currency = before.smallBalance().getCurrencyUnit().getCode();
        var terms = TERMS.matcher(required(paymentTerms, "default_payment_terms"));
        if (!terms.matches()) {
            throw invalid("default_payment_terms is 'Net' and a number of days, or 'Due on receipt'");
        }
        // Never written out in full: a number with an exponent is as long as it says.
        return new BillingSettings(
                terms.group(1) == null ? 0 : Integer.parseInt(terms.group(1)),
                basisPoints(required(lateFeePercent, "late_payment_fee_percent")),
                Amounts.parse(required(minimumInvoice, "minimum_invoice_amount").toString(), currency),
                required(autoGenerate, "auto_generate_invoices"),
                required(delivery, "invoice_delivery_method").stream()
                        .map(word -> constant(BillingSettings.Delivery.class, word))
                        .collect(Collectors.toSet()),
                constant(BillingSettings.Frequency.class, required(frequency, "statement_frequency")),
                required(statementDay, "statement_day"),
                required(collectionsThresholdDays, "collections_threshold_days"),
                Amounts.parse(required(smallBalance, "write_off_threshold").toString(), currency),
                bulkApproval == null ? before.bulkApproval() : Amounts.parse(bulkApproval.toString(), currency),
                bankSuspenseDays == null ? before.bankSuspenseDays() : bankSuspenseDays);
    }

    private static int basisPoints(BigDecimal percent) {
        try {
            return percent.movePointRight(2).intValueExact();
        } catch (ArithmeticException e) {
            throw invalid("late_payment_fee_percent has at most two decimals");
        }
    }

    private static <T> T required(@Nullable T value, String name) {
        if (value == null) {
            throw invalid(name + " is missing");
        }
        return value;
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String word) {
        try {
            return Enum.valueOf(type, word.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw invalid("a word of the settings is not known");
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static RuleViolation invalid(String message) {
        return new RuleViolation(Refusal.INVALID_INPUT, message);
    }
}
