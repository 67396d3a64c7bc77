package io.remitflow.identity;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The settings of the current organization. */
@Service
@Transactional
public class Settings {

    private final JdbcClient jdbc;
    private final Organizations organizations;
    private final AuditLog audit;
    private final Clock clock;

    Settings(JdbcClient jdbc, Organizations organizations, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.organizations = organizations;
        this.audit = audit;
        this.clock = clock;
    }

    /** The defaults until somebody changes them. */
    @Transactional(readOnly = true)
    public BillingSettings billing() {
        return jdbc.sql("select * from billing_settings where org_id = :org")
                .param("org", CurrentOrganization.id().value())
                .query(Settings::read)
                .optional()
                .orElseGet(() -> BillingSettings.defaults(currency()));
    }

    public void changeBilling(BillingSettings settings) {
        if (!settings.minimumInvoice().getCurrencyUnit().getCode().equals(currency())) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "Amounts are in the currency of the organization");
        }
        var before = billing();
        if (before.equals(settings)) {
            return;
        }
        jdbc.sql("""
                        insert into billing_settings (org_id, payment_terms_days, late_fee_basis_points, minimum_invoice_minor,
                            auto_generate_invoices, invoice_delivery_methods, statement_frequency, statement_day,
                            collections_threshold_days, small_balance_minor, bulk_approval_minor, bank_suspense_days,
                            currency, updated_at)
                        values (:org, :terms, :lateFee, :minimum, :auto, :delivery, :frequency, :day, :collections, :small, :bulk,
                            :suspense, :currency, :now)
                        on conflict (org_id) do update set payment_terms_days = :terms, late_fee_basis_points = :lateFee,
                            minimum_invoice_minor = :minimum, auto_generate_invoices = :auto, invoice_delivery_methods = :delivery,
                            statement_frequency = :frequency, statement_day = :day, collections_threshold_days = :collections,
                            small_balance_minor = :small, bulk_approval_minor = :bulk, bank_suspense_days = :suspense,
                            currency = :currency, updated_at = :now, version = billing_settings.version + 1
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("terms", settings.paymentTermsDays())
                .param("lateFee", settings.lateFeeBasisPoints())
                .param("minimum", settings.minimumInvoice().getAmountMinorLong())
                .param("auto", settings.autoGenerateInvoices())
                .param("delivery", delivery(settings))
                .param("frequency", settings.statementFrequency().name().toLowerCase(Locale.ROOT))
                .param("day", settings.statementDay())
                .param("collections", settings.collectionsThresholdDays())
                .param("small", settings.smallBalance().getAmountMinorLong())
                .param("bulk", settings.bulkApproval().getAmountMinorLong())
                .param("suspense", settings.bankSuspenseDays())
                .param("currency", currency())
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
        audit.record(
                "settings.billing-changed",
                "settings",
                "billing",
                Map.of("before", before.toString(), "after", settings.toString()));
    }

    private String currency() {
        return organizations.current().currency().getCode();
    }

    private static String delivery(BillingSettings settings) {
        return settings.invoiceDelivery().stream().map(Enum::name).sorted().collect(Collectors.joining(","));
    }

    private static BillingSettings read(ResultSet row, int number) throws SQLException {
        String currency = row.getString("currency");
        return new BillingSettings(
                row.getInt("payment_terms_days"),
                row.getInt("late_fee_basis_points"),
                Amounts.ofMinor(row.getLong("minimum_invoice_minor"), currency),
                row.getBoolean("auto_generate_invoices"),
                Arrays.stream(row.getString("invoice_delivery_methods").split(","))
                        .map(BillingSettings.Delivery::valueOf)
                        .collect(Collectors.toSet()),
                BillingSettings.Frequency.valueOf(
                        row.getString("statement_frequency").toUpperCase(Locale.ROOT)),
                row.getString("statement_day"),
                row.getInt("collections_threshold_days"),
                Amounts.ofMinor(row.getLong("small_balance_minor"), currency),
                Amounts.ofMinor(row.getLong("bulk_approval_minor"), currency),
                row.getInt("bank_suspense_days"));
    }
}
