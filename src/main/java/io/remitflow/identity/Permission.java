package io.remitflow.identity;

/**
 * What a person may do; the key is the authority that {@code @PreAuthorize("hasAuthority('...')")} asks for.
 *
 * <p>From the accounting and billing plan 5.4, the two of the charge reconciliation and the two of the billing
 * reconciliation.
 */
public enum Permission {
    PATIENT_ACCOUNTS_VIEW("patient-accounts.view"),
    PATIENT_ACCOUNTS_MANAGE("patient-accounts.manage"),
    INVOICES_CREATE("invoices.create"),
    PAYMENTS_POST("payments.post"),
    CHECKS_VIEW("checks.view"),
    CHECKS_RECEIVE("checks.receive"),
    CHECKS_CONFIRM("checks.confirm"),
    REMITTANCES_VIEW("remittances.view"),
    REMITTANCES_RECEIVE("remittances.receive"),
    REMITTANCES_APPROVE("remittances.approve"),
    SETTLEMENTS_RECORD("settlements.record"),
    DENIALS_VIEW("denials.view"),
    DENIALS_WORK("denials.work"),
    PAYERS_VIEW("payers.view"),
    REMITTANCES_CONFIRM("remittances.confirm"),
    REFUNDS_VIEW("refunds.view"),
    REFUNDS_REQUEST("refunds.request"),
    REFUNDS_APPROVE("refunds.approve"),
    REFUNDS_PAY_OUT("refunds.pay-out"),
    WRITE_OFFS_VIEW("write-offs.view"),
    WRITE_OFFS("write-offs.request"),
    WRITE_OFFS_APPROVE("write-offs.approve"),
    APPROVALS_EXPORT("approvals.export"),
    LEDGER_VIEW("ledger.view"),
    LEDGER_MANAGE("ledger.manage"),
    PERIODS_CLOSE("periods.close"),
    BANK_RECONCILE("bank.reconcile"),
    RECONCILIATION_VIEW("reconciliation.view"),
    RECONCILIATION_MANAGE("reconciliation.manage"),
    REPORTS_VIEW("reports.view"),
    FINANCIAL_REPORTS("reports.financial"),
    CHARGE_RECON_VIEW("pm.charge_recon.view"),
    CHARGE_RECON_MANAGE("pm.charge_recon.manage"),
    RULES_VIEW("rules.view"),
    RULES_EDIT("rules.edit"),
    RULES_APPROVE("rules.approve"),
    USERS_MANAGE("users.manage"),
    SETTINGS_MANAGE("settings.manage"),
    AUDIT_VIEW("audit.view"),
    OPERATIONS_VIEW("operations.view");

    private final String key;

    Permission(String key) {
        this.key = key;
    }

    public String key() {
        return key;
    }
}
