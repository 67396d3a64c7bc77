package io.remitflow.ledger;

import static io.remitflow.ledger.AccountType.*;

/**
 * The accounts every organization starts with and that postings of the application name.
 *
 * <p>Appendix A of the accounting and billing plan, and the clearing, suspense, takeback, refund and unapplied accounts
 * that remittances, refunds and bank lines need. An organization adds accounts of its own; these it cannot remove.
 */
public enum StandardAccount {
    CASH_OPERATING("1000", "Cash - Operating Account", ASSET, "cash"),
    CASH_PAYROLL("1010", "Cash - Payroll Account", ASSET, "cash"),
    PETTY_CASH("1020", "Petty Cash", ASSET, "cash"),
    REMITTANCE_CLEARING("1050", "Remittance Clearing", ASSET, "clearing"),
    CARD_CLEARING("1060", "Card Processor Clearing", ASSET, "clearing"),
    DISPUTED_PAYMENTS("1065", "Disputed Card Payments", ASSET, "clearing"),
    UNDEPOSITED_CHECKS("1070", "Undeposited Checks", ASSET, "clearing"),
    OUTGOING_PAYMENTS_CLEARING("1080", "Outgoing Payments Clearing", ASSET, "clearing"),
    BANK_SUSPENSE("1090", "Bank Suspense", ASSET, "clearing"),
    AR_PATIENTS("1100", "Accounts Receivable - Patients", ASSET, "receivable"),
    AR_INSURANCE("1110", "Accounts Receivable - Insurance", ASSET, "receivable"),
    ALLOWANCE("1120", "Allowance for Doubtful Accounts", CONTRA_ASSET, "receivable"),
    TAKEBACK_RECEIVABLE("1130", "Payer Takebacks Receivable", ASSET, "receivable"),
    IRS_WITHHOLDING("1140", "IRS Withholding Receivable", ASSET, "receivable"),
    LEVY_RECEIVABLE("1150", "Levies Withheld by Payers", ASSET, "receivable"),
    MEDICAL_SUPPLIES_INVENTORY("1200", "Medical Supplies Inventory", ASSET, "inventory"),
    PHARMACEUTICAL_INVENTORY("1210", "Pharmaceutical Inventory", ASSET, "inventory"),
    PREPAID_INSURANCE("1300", "Prepaid Insurance", ASSET, "prepaid"),
    PREPAID_RENT("1310", "Prepaid Rent", ASSET, "prepaid"),
    MEDICAL_EQUIPMENT("1400", "Medical Equipment", ASSET, "fixed_asset"),
    ACCUMULATED_DEPRECIATION_EQUIPMENT("1410", "Accumulated Depreciation - Equipment", CONTRA_ASSET, "fixed_asset"),
    BUILDINGS("1500", "Buildings", ASSET, "fixed_asset"),
    ACCUMULATED_DEPRECIATION_BUILDINGS("1510", "Accumulated Depreciation - Buildings", CONTRA_ASSET, "fixed_asset"),

    ACCOUNTS_PAYABLE("2000", "Accounts Payable", LIABILITY, "payable"),
    REMITTANCE_SUSPENSE("2010", "Remittance Suspense", LIABILITY, "suspense"),
    UNIDENTIFIED_PAYER_CASH("2020", "Unidentified Payer Cash", LIABILITY, "suspense"),
    UNAPPLIED_CASH("2030", "Unapplied Cash", LIABILITY, "unapplied"),
    REFUNDS_PAYABLE("2040", "Refunds Payable", LIABILITY, "payable"),
    PAYER_FORWARD_BALANCE("2050", "Payer Forward Balances", LIABILITY, "payer"),
    PAYER_REFUND_PAYABLE("2060", "Refunds Payable to Payers", LIABILITY, "payable"),
    PLB_SUSPENSE("2070", "Provider Adjustment Suspense", LIABILITY, "suspense"),
    ACCELERATED_PAYMENTS("2080", "Accelerated Payments from Payers", LIABILITY, "payer"),
    INTERIM_PAYMENTS("2090", "Periodic Interim Payments", LIABILITY, "payer"),
    ACCRUED_SALARIES("2100", "Accrued Salaries", LIABILITY, "accrued"),
    ACCRUED_PAYROLL_TAXES("2110", "Accrued Payroll Taxes", LIABILITY, "accrued"),
    SHORT_TERM_NOTES("2200", "Short-term Notes Payable", LIABILITY, "debt"),
    LONG_TERM_DEBT("2300", "Long-term Debt", LIABILITY, "debt"),

    OWNERS_CAPITAL("3000", "Owner's Capital", EQUITY, "equity"),
    RETAINED_EARNINGS("3100", "Retained Earnings", EQUITY, "equity"),
    CURRENT_YEAR_EARNINGS("3200", "Current Year Earnings", EQUITY, "equity"),

    REVENUE_INPATIENT("4000", "Patient Service Revenue - Inpatient", REVENUE, "patient_service"),
    REVENUE_OUTPATIENT("4010", "Patient Service Revenue - Outpatient", REVENUE, "patient_service"),
    REVENUE_EMERGENCY("4020", "Patient Service Revenue - Emergency", REVENUE, "patient_service"),
    REVENUE_COMMERCIAL("4100", "Insurance Revenue - Commercial", REVENUE, "insurance"),
    REVENUE_MEDICARE("4110", "Insurance Revenue - Medicare", REVENUE, "insurance"),
    REVENUE_MEDICAID("4120", "Insurance Revenue - Medicaid", REVENUE, "insurance"),
    OTHER_OPERATING_REVENUE("4200", "Other Operating Revenue", REVENUE, "other_operating"),
    INTEREST_INCOME("4210", "Interest Income from Payers", REVENUE, "other_operating"),
    REBATES("4220", "Rebates", REVENUE, "other_operating"),
    BANK_INTEREST("4230", "Interest Earned at Banks", REVENUE, "other_operating"),
    CONTRACTUAL_ADJUSTMENTS("4900", "Contractual Adjustments", CONTRA_REVENUE, "adjustment"),
    CHARITY_CARE("4910", "Charity Care", CONTRA_REVENUE, "adjustment"),
    PRICE_CONCESSIONS("4920", "Implicit Price Concessions", CONTRA_REVENUE, "adjustment"),

    SALARIES_PHYSICIANS("5000", "Salaries - Physicians", EXPENSE, "cost_of_services"),
    SALARIES_NURSES("5100", "Salaries - Nurses", EXPENSE, "cost_of_services"),
    SALARIES_ADMINISTRATIVE("5200", "Salaries - Administrative", EXPENSE, "cost_of_services"),
    EMPLOYEE_BENEFITS("5300", "Employee Benefits", EXPENSE, "cost_of_services"),
    PAYROLL_TAXES("5400", "Payroll Taxes", EXPENSE, "cost_of_services"),
    MEDICAL_SUPPLIES_EXPENSE("6000", "Medical Supplies Expense", EXPENSE, "operating"),
    PHARMACEUTICAL_EXPENSE("6100", "Pharmaceutical Expense", EXPENSE, "operating"),
    LABORATORY_EXPENSE("6200", "Laboratory Expense", EXPENSE, "operating"),
    RADIOLOGY_EXPENSE("6300", "Radiology Expense", EXPENSE, "operating"),
    RENT_EXPENSE("7000", "Rent Expense", EXPENSE, "administrative"),
    UTILITIES_EXPENSE("7100", "Utilities Expense", EXPENSE, "administrative"),
    INSURANCE_EXPENSE("7200", "Insurance Expense", EXPENSE, "administrative"),
    DEPRECIATION_EXPENSE("7300", "Depreciation Expense", EXPENSE, "administrative"),
    MARKETING_EXPENSE("8000", "Marketing Expense", EXPENSE, "other"),
    PROFESSIONAL_FEES("8100", "Professional Fees", EXPENSE, "other"),
    MERCHANT_FEES("8110", "Merchant and Card Fees", EXPENSE, "other"),
    LATE_FILING_PENALTIES("8120", "Late Filing Penalties", EXPENSE, "other"),
    NON_REIMBURSABLE("8130", "Non-reimbursable Provider Adjustments", EXPENSE, "other"),
    BANK_FEES("8140", "Bank Fees", EXPENSE, "other"),
    BAD_DEBT_EXPENSE("9000", "Bad Debt Expense", EXPENSE, "other"),
    INTEREST_EXPENSE("9100", "Interest Expense", EXPENSE, "other");

    private final String code;
    private final String title;
    private final AccountType type;
    private final String subtype;

    StandardAccount(String code, String title, AccountType type, String subtype) {
        this.code = code;
        this.title = title;
        this.type = type;
        this.subtype = subtype;
    }

    public String code() {
        return code;
    }

    public String title() {
        return title;
    }

    public AccountType type() {
        return type;
    }

    public String subtype() {
        return subtype;
    }

    /** Every line on such an account says which remittance, payout, deposit or refund it belongs to. */
    public boolean isClearing() {
        return subtype.equals(Account.CLEARING);
    }
}
