package io.remitflow.core;

import java.util.Locale;

/**
 * The closed list of reasons for which a rule refuses something.
 *
 * <p>The code of a refusal is its name in kebab-case. It is the BPMN error code, the {@code code} of a problem detail
 * and the key of the message shown on a page, so a name is never changed once released.
 */
public enum Refusal {
    // anything
    NOT_FOUND(404),
    INVALID_INPUT(400),
    NOT_PERMITTED(403),
    CHANGED_MEANWHILE(409),
    IDEMPOTENCY_KEY_REUSED(422),
    // processes
    CASE_HAS_ANOTHER_INSTANCE(409),
    STEP_NOT_REPEATABLE(409),
    // ledger
    ENTRY_NOT_BALANCED(422),
    PERIOD_CLOSED(409),
    ACCOUNT_INACTIVE(422),
    ENTRY_ALREADY_REVERSED(409),
    ENTRY_NOT_REVERSIBLE(409),
    ENTRY_NOT_A_DRAFT(409),
    DUPLICATE_ACCOUNT_CODE(409),
    SYSTEM_ACCOUNT(409),
    // receivables, claims, payments
    DUPLICATE_PATIENT_ACCOUNT(409),
    ACCOUNT_NOT_ACTIVE(409),
    REFUND_EXCEEDS_PAYMENT(409),
    INSTRUMENT_NOT_REFUNDABLE(409),
    CLAIM_FORWARDED(409),
    DEPOSIT_NOT_IN_STATE(409),
    CHECK_TAKEN_BEFORE(409),
    // denials
    DENIAL_NOT_IN_STATE(409),
    DENIAL_CHOICE_NOT_ALLOWED(422),
    DENIAL_NOT_REOPENABLE(409),
    CLAIM_NOT_CORRECTABLE(409),
    // refunds
    CREDIT_BALANCE_RESOLVED(409),
    CREDIT_CHOICE_NOT_ALLOWED(422),
    REFUND_NOT_IN_STATE(409),
    SELF_APPROVAL(403),
    APPROVER_USED_BEFORE(403),
    APPROVER_LACKS_AUTHORITY(403),
    TASK_ALREADY_DECIDED(409),
    METHOD_NEEDS_REASON(422),
    // adjustments
    ADJUSTMENT_NOT_IN_STATE(409),
    WRITE_OFF_EXCEEDS_BALANCE(409),
    // billing
    INVOICE_NOT_IN_STATE(409),
    INVOICE_EXCEEDS_SHARE(409),
    CREDIT_MEMO_USED_UP(409),
    // reconciliation
    DISCREPANCY_NOT_IN_STATE(409),
    CORRECTION_NOT_POSTED(422),
    // checks
    CHECK_NOT_IN_REVIEW(409),
    CHECK_NOT_CONFIRMABLE(409),
    DUPLICATE_CHECK_PAYER(409),
    // rules
    RULE_NOT_RELEASABLE(409),
    // files
    FILE_TOO_LARGE(413),
    FILE_EMPTY(422),
    FILE_REJECTED(422),
    FILE_NOT_CONFIRMABLE(409),
    REMITTANCE_NOT_IN_REVIEW(409),
    REMITTANCE_NOT_REVERSIBLE(409),
    REMITTANCE_NOT_REOPENABLE(409),
    HELD_CLAIM_NOT_POSTABLE(409),
    // bank
    DUPLICATE_BANK_ACCOUNT(409),
    MATCH_NOT_OPEN(409),
    STATEMENTS_INCOMPLETE(409),
    EARLIER_PERIOD_OPEN(409),
    PERIOD_OUT_OF_ORDER(409),
    BANK_RECONCILIATION_NOT_IN_STATE(409),
    BANK_NOT_BALANCED(422),
    MATCH_NOT_UNDOABLE(409);

    private final int httpStatus;

    Refusal(int httpStatus) {
        this.httpStatus = httpStatus;
    }

    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public int httpStatus() {
        return httpStatus;
    }
}
