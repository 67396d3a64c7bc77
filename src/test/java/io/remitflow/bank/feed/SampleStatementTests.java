package io.remitflow.bank.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.bank.CsvProfile;
import io.remitflow.bank.StatementLine;
import io.remitflow.bank.StatementRejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files in samples/bank are what samples/README.md says. */
class SampleStatementTests {

    private static final Path SAMPLES = Path.of("samples", "bank");
    private static final CsvProfile PORTAL = ReadStatements.profile(
            "Portal",
            ',',
            "Date|Description|Check|Amount|Balance",
            "MM/dd/yyyy",
            false,
            "Date",
            "Amount",
            null,
            null,
            "Balance",
            "Description");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            01-eft-and-fees.bai2 | BAI2: 1 statement, 3 lines, sum 632850
            02-returned-deposit.mt940 | MT940: 1 statement, 4 lines, sum -700
            03-overlapping.camt053.xml | CAMT.053: 1 statement, 2 lines, sum 125360
            04-week.ofx | OFX: 1 statement, 2 lines, sum 75500
            05-week-again.qfx | OFX: 1 statement, 3 lines, sum 71000
            06-portal.csv | CSV: 1 statement, 2 lines, sum 16000
            07-wrong-total.bai2 | WRONG_CONTROL_TOTAL
            """)
    void eachIsReadOrRejectedAsDescribed(String file, String expected) throws IOException {
        try (var bytes = Files.newInputStream(SAMPLES.resolve(file))) {
            assertThat(ReadStatements.of(bytes, PORTAL).words()).isEqualTo(expected);
        } catch (StatementRejected e) {
            assertThat(e.reason().name()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "01-eft-and-fees.bai2, KMH26101200417",
        "03-overlapping.camt053.xml, RMS261013008812",
        "06-portal.csv, KMH26102600533"
    })
    void theTraceNumberIsFoundInEveryFormat(String file, String traceNumber) throws IOException {
        try (var bytes = Files.newInputStream(SAMPLES.resolve(file))) {
            assertThat(ReadStatements.of(bytes, PORTAL).lines)
                    .extracting(StatementLine::trace)
                    .filteredOn(Objects::nonNull)
                    .extracting(StatementLine.Trace::number)
                    .containsExactly(traceNumber);
        }
    }

    @Test
    void theReadmeNamesAllOfThem() throws IOException {
        String described = Files.readString(Path.of("samples", "README.md"));
        try (var files = Files.list(SAMPLES)) {
            List<String> names =
                    files.map(file -> "`bank/" + file.getFileName() + "`").toList();
            assertThat(described).contains(names);
        }
    }
}
