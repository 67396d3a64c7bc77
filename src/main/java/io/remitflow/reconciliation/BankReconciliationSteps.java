package io.remitflow.reconciliation;

/** Ids of {@code bpmn/bank-reconciliation.bpmn} that the books know; a test compares them with the file. */
public final class BankReconciliationSteps {

    public static final String PROCESS = "bank-reconciliation";
    public static final String STARTED = "reconciliation.bank-period-started";
    public static final String WORK = "work-bank-exceptions";
    public static final String APPROVE = "approve-bank-reconciliation";
    public static final String COMPLETED = "bank-reconciliation-completed";

    private BankReconciliationSteps() {}
}
