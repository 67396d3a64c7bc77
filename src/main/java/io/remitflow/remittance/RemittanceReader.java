package io.remitflow.remittance;

import java.io.InputStream;
import java.util.List;

/** Reads the bytes of an 835 from beginning to end. */
public interface RemittanceReader {

    /** @throws EraRejected if the file cannot be read to its end; what was handed out until then must not be published */
    void read(InputStream bytes, EraHandler handler);

    /**
     * As {@link #read}, with what is wrong with the envelope put right and added to {@code repairs} in words.
     *
     * @throws EraRejected if the file cannot be read even so
     */
    void readRepaired(InputStream bytes, EraHandler handler, List<String> repairs);

    /**
     * Hands out the segments that are wanted, as they stand in the file. They have the numbers that {@link #read} gave them,
     * or {@link #readRepaired} if {@code repaired}.
     *
     * @throws EraRejected if the file cannot be read as far as that
     */
    void readSegments(InputStream bytes, boolean repaired, SegmentSelection selection);
}
