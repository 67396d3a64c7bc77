package io.remitflow.remittance;

import java.io.InputStream;

/** Reads the bytes of an 835 from beginning to end. */
public interface RemittanceReader {

    /** @throws EraRejected if the file cannot be read to its end; what was handed out until then must not be published */
    void read(InputStream bytes, EraHandler handler);
}
