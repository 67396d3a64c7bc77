package io.remitflow.identity;

import static io.remitflow.identity.Permission.*;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The roles of the accounting and billing plan 5.4 (Org Admin from the charge reconciliation, Analyst for the rules).
 *
 * <p>The key, for example {@code billing-manager}, is also the candidate group of human tasks. Amount limits are not here:
 * they are rules in {@code dmn/}.
 */
public enum Role {
    BILLING_CLERK(
            "Billing Clerk",
            EnumSet.of(
                    PATIENT_ACCOUNTS_VIEW,
                    PATIENT_ACCOUNTS_MANAGE,
                    INVOICES_CREATE,
                    PAYMENTS_POST,
                    REMITTANCES_VIEW,
                    REMITTANCES_RECEIVE,
                    REFUNDS_VIEW,
                    REFUNDS_REQUEST,
                    REFUNDS_PAY_OUT,
                    REPORTS_VIEW,
                    LEDGER_VIEW)),
    BILLING_MANAGER(
            "Billing Manager",
            EnumSet.of(
                    PATIENT_ACCOUNTS_VIEW,
                    PATIENT_ACCOUNTS_MANAGE,
                    INVOICES_CREATE,
                    PAYMENTS_POST,
                    REMITTANCES_VIEW,
                    REMITTANCES_RECEIVE,
                    REFUNDS_VIEW,
                    REFUNDS_REQUEST,
                    REFUNDS_PAY_OUT,
                    REPORTS_VIEW,
                    LEDGER_VIEW,
                    REFUNDS_APPROVE,
                    ADJUSTMENTS_SMALL,
                    WRITE_OFFS,
                    CHARGE_RECON_VIEW,
                    CHARGE_RECON_MANAGE,
                    OPERATIONS_VIEW)),
    CFO("CFO", EnumSet.complementOf(EnumSet.of(USERS_MANAGE, RULES_EDIT))),
    ACCOUNTING_STAFF(
            "Accounting Staff",
            EnumSet.of(
                    PATIENT_ACCOUNTS_VIEW,
                    PAYMENTS_POST,
                    REMITTANCES_VIEW,
                    REMITTANCES_RECEIVE,
                    REFUNDS_VIEW,
                    REFUNDS_PAY_OUT,
                    LEDGER_VIEW,
                    LEDGER_MANAGE,
                    BANK_RECONCILE,
                    REPORTS_VIEW)),
    ORG_ADMIN(
            "Org Admin",
            EnumSet.of(
                    USERS_MANAGE,
                    SETTINGS_MANAGE,
                    AUDIT_VIEW,
                    OPERATIONS_VIEW,
                    CHARGE_RECON_VIEW,
                    CHARGE_RECON_MANAGE)),
    ANALYST("Analyst", EnumSet.of(RULES_EDIT, REPORTS_VIEW, REFUNDS_VIEW, REMITTANCES_VIEW, LEDGER_VIEW));

    private final String title;
    private final Set<Permission> permissions;

    Role(String title, EnumSet<Permission> permissions) {
        this.title = title;
        this.permissions = Set.copyOf(permissions);
    }

    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String title() {
        return title;
    }

    public Set<Permission> permissions() {
        return permissions;
    }

    public static Optional<Role> ofKey(String key) {
        return Arrays.stream(values()).filter(role -> role.key().equals(key)).findFirst();
    }
}
