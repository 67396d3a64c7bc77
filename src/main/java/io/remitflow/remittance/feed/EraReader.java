package io.remitflow.remittance.feed;

import io.remitflow.remittance.EraFileTotals;
import io.remitflow.remittance.EraHandler;
import io.remitflow.remittance.EraRejected;
import java.io.IOException;
import java.io.InputStream;

/** Reads an 835 of any size in constant memory. Safe for use by several threads. */
public final class EraReader {

    /**
     * Reads to the end of the file.
     *
     * @throws EraRejected if it is not a complete and correct 835; the handler may have seen part of it by then
     * @throws IOException if the bytes cannot be read
     */
    public EraFileTotals read(InputStream bytes, EraHandler handler) throws IOException {
        throw new UnsupportedOperationException();
    }
}
