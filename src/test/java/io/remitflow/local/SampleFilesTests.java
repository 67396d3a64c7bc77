package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.remittance.EraClaim;
import io.remitflow.remittance.EraHandler;
import io.remitflow.remittance.EraTotals;
import io.remitflow.remittance.EraTransaction;
import io.remitflow.remittance.ProviderAdjustment;
import io.remitflow.remittance.feed.EraReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files in samples/835 are correct 835s, and balanced where they are meant to be. */
class SampleFilesTests {

    static final Path SAMPLES = Path.of("samples", "835");

    @ParameterizedTest
    @CsvSource(textBlock = """
            01-clean-multi-claim,   4, 0,  636600,      0, true
            02-denial,              2, 0,    7360,      0, true
            03-plb,                 2, 2,  118000,  32000, true
            04-reversal-correction, 2, 0,    4000,      0, true
            05-overpayment,         2, 0,   80000,      0, true
            06-out-of-balance,      1, 0,    6001,      0, false
            07-unknown-claim,       2, 0,   14000,      0, true
            08-large-overpayment,   1, 0, 1450000,      0, true
            """)
    void holdsWhatItsDescriptionSays(
            String name, int claims, int providerAdjustments, long paid, long takenBack, boolean balanced)
            throws IOException {
        var read = Recorded.of(SAMPLES.resolve(name + ".835"));

        assertThat(read.header().paidMinor()).isEqualTo(paid);
        assertThat(read.totals().claims()).isEqualTo(claims);
        assertThat(read.totals().providerAdjustments()).isEqualTo(providerAdjustments);
        assertThat(read.totals().providerAdjustmentsMinor()).isEqualTo(takenBack);
        assertThat(read.totals().balance().isBalanced()).isEqualTo(balanced);
        assertThat(read.totals().balance().warnings()).isEmpty();
    }

    @Test
    void missesItsBalanceByOneCentOnly() throws IOException {
        assertThat(Recorded.of(SAMPLES.resolve("06-out-of-balance.835"))
                        .totals()
                        .balance()
                        .imbalances())
                .singleElement()
                .satisfies(imbalance ->
                        assertThat(Math.abs(imbalance.differenceMinor())).isEqualTo(1));
    }

    @Test
    void areEachTestedAndDescribed() throws IOException {
        String described = Files.readString(Path.of("samples", "README.md"));
        try (var files = Files.list(SAMPLES)) {
            assertThat(files.map(file -> file.getFileName().toString()).sorted())
                    .hasSize(8)
                    .allSatisfy(name -> assertThat(described).contains(name));
        }
    }

    /** All of a file with one transaction. */
    static final class Recorded implements EraHandler {

        final List<EraClaim> claims = new ArrayList<>();
        private @Nullable EraTransaction header;
        private @Nullable EraTotals totals;

        static Recorded of(Path file) throws IOException {
            var recorded = new Recorded();
            try (var bytes = Files.newInputStream(file)) {
                new EraReader().read(bytes, recorded);
            }
            return recorded;
        }

        EraTransaction header() {
            return java.util.Objects.requireNonNull(header);
        }

        EraTotals totals() {
            return java.util.Objects.requireNonNull(totals);
        }

        @Override
        public void transactionStarted(EraTransaction transaction) {
            header = transaction;
        }

        @Override
        public void claim(EraClaim claim) {
            claims.add(claim);
        }

        @Override
        public void providerAdjustment(ProviderAdjustment adjustment) {}

        @Override
        public void transactionEnded(EraTotals ended) {
            totals = ended;
        }
    }
}
