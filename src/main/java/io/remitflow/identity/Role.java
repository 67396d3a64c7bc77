package io.remitflow.identity;

import static io.remitflow.identity.Permission.*;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
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
                    CHECKS_VIEW,
                    CHECKS_RECEIVE,
                    REMITTANCES_VIEW,
                    REMITTANCES_RECEIVE,
                    SETTLEMENTS_RECORD,
                    DENIALS_VIEW,
                    DENIALS_WORK,
                    PAYERS_VIEW,
                    REFUNDS_VIEW,
                    REFUNDS_REQUEST,
                    REFUNDS_PAY_OUT,
                    WRITE_OFFS_VIEW,
                    WRITE_OFFS,
                    REPORTS_VIEW,
                    LEDGER_VIEW)),
    /** May whatever a clerk may. */
    BILLING_MANAGER(
            "Billing Manager",
            and(
                    BILLING_CLERK,
                    CHECKS_CONFIRM,
                    REMITTANCES_CONFIRM,
                    REMITTANCES_APPROVE,
                    REFUNDS_APPROVE,
                    WRITE_OFFS_APPROVE,
                    APPROVALS_EXPORT,
                    CHARGE_RECON_VIEW,
                    CHARGE_RECON_MANAGE,
                    RECONCILIATION_VIEW,
                    RECONCILIATION_MANAGE,
                    RULES_VIEW,
                    RULES_APPROVE,
                    OPERATIONS_VIEW)),
    /**
     * All permissions, says the plan, and all that handle money are here. Two are left out so that nobody who approves the
     * largest amounts can do it twice: who gives out roles could make a second approver of their own, and who edits the rules
     * could write the one that makes a second approver unnecessary. A CFO who has to do either is given that role too, by
     * somebody else and in the audit log.
     */
    CFO("CFO", EnumSet.complementOf(EnumSet.of(USERS_MANAGE, RULES_EDIT))),
    ACCOUNTING_STAFF(
            "Accounting Staff",
            EnumSet.of(
                    PATIENT_ACCOUNTS_VIEW,
                    PAYMENTS_POST,
                    CHECKS_VIEW,
                    CHECKS_RECEIVE,
                    REMITTANCES_VIEW,
                    REMITTANCES_RECEIVE,
                    SETTLEMENTS_RECORD,
                    DENIALS_VIEW,
                    PAYERS_VIEW,
                    REFUNDS_VIEW,
                    REFUNDS_PAY_OUT,
                    WRITE_OFFS_VIEW,
                    LEDGER_VIEW,
                    LEDGER_MANAGE,
                    BANK_RECONCILE,
                    REPORTS_VIEW)),
    ORG_ADMIN(
            "Org Admin",
            EnumSet.of(
                    USERS_MANAGE,
                    SETTINGS_MANAGE,
                    PAYERS_VIEW,
                    AUDIT_VIEW,
                    OPERATIONS_VIEW,
                    CHARGE_RECON_VIEW,
                    CHARGE_RECON_MANAGE)),
    ANALYST(
            "Analyst",
            EnumSet.of(
                    RULES_VIEW, RULES_EDIT, REPORTS_VIEW, REFUNDS_VIEW, REMITTANCES_VIEW, DENIALS_VIEW, LEDGER_VIEW));

    private final String title;
    private final Set<Permission> permissions;

    Role(String title, EnumSet<Permission> permissions) {
        this.title = title;
        this.permissions = Set.copyOf(permissions);
    }

    private static EnumSet<Permission> and(Role role, Permission... more) {
        var all = EnumSet.copyOf(role.permissions);
        all.addAll(List.of(more));
        return all;
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
