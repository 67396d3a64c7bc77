package io.remitflow.bank;

import java.io.InputStream;
import java.util.List;

/** Reads statement files of every format we know, in memory that does not grow with the file. */
public interface StatementReader {

    /**
     * @param profiles how the CSV files of the organization's banks are laid out
     * @return the format, recognised by content
     * @throws StatementRejected if the file cannot be read to its end, or contradicts itself; what was handed out until
     *     then must not be published
     */
    BankFormat read(InputStream bytes, List<CsvProfile> profiles, StatementHandler handler);
}
