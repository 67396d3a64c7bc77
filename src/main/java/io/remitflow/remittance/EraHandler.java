package io.remitflow.remittance;

/**
 * Receives a file while it is read, one claim at a time.
 *
 * <p>Until {@link #fileEnded} nothing may be published: the file may yet turn out to be broken.
 */
public interface EraHandler {

    void transactionStarted(EraTransaction transaction);

    void claim(EraClaim claim);

    void providerAdjustment(ProviderAdjustment adjustment);

    void transactionEnded(EraTotals totals);

    default void interchangeEnded(int interchangeIndex, String controlNumber) {}

    default void fileEnded(EraFileTotals totals) {}
}
