package io.remitflow.remittance.feed;

import io.remitflow.remittance.EraClaim;
import io.remitflow.remittance.EraFileTotals;
import io.remitflow.remittance.EraHandler;
import io.remitflow.remittance.EraRejected;
import io.remitflow.remittance.EraTotals;
import io.remitflow.remittance.EraTransaction;
import io.remitflow.remittance.ProviderAdjustment;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything a reader hands out for one file, and how it ended. */
final class RecordedEra implements EraHandler {

    final List<EraTransaction> transactions = new ArrayList<>();
    final List<EraClaim> claims = new ArrayList<>();
    final List<ProviderAdjustment> providerAdjustments = new ArrayList<>();
    final List<EraTotals> totals = new ArrayList<>();
    int interchanges;

    @Nullable EraFileTotals file;

    @Nullable EraRejected rejected;

    static RecordedEra of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    static RecordedEra of(byte[] bytes) {
        return of(new ByteArrayInputStream(bytes));
    }

    static RecordedEra of(InputStream bytes) {
        var recorded = new RecordedEra();
        try {
            new EraReader().read(bytes, recorded);
        } catch (EraRejected e) {
            recorded.rejected = e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return recorded;
    }

    EraRejected rejected() {
        if (rejected == null) {
            throw new AssertionError("was not rejected");
        }
        return rejected;
    }

    boolean isBalanced() {
        return totals.stream().allMatch(each -> each.balance().isBalanced());
    }

    @Override
    public void transactionStarted(EraTransaction transaction) {
        transactions.add(transaction);
    }

    @Override
    public void claim(EraClaim claim) {
        claims.add(claim);
    }

    @Override
    public void providerAdjustment(ProviderAdjustment adjustment) {
        providerAdjustments.add(adjustment);
    }

    @Override
    public void transactionEnded(EraTotals totals) {
        this.totals.add(totals);
    }

    @Override
    public void interchangeEnded(int interchangeIndex, String controlNumber) {
        interchanges++;
    }

    @Override
    public void fileEnded(EraFileTotals totals) {
        file = totals;
    }
}
