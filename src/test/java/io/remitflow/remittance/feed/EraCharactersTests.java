package io.remitflow.remittance.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.remittance.EraClaim;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names are not ASCII; what is stored of a file and its hash must not depend on how its bytes are read. */
class EraCharactersTests {

    private static final String NAME = "M\u00dcLLER-\u0141\u00d3D\u0179 \u5f20";
    private static final String BEYOND_16_BITS = " \ud83d\ude42";

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8191, 8192, 8193, 1 << 20})
    void namesAreReadAsTheyWereWritten(int chunk) {
        var era = RecordedEra.of(new Chunks(withName(NAME + BEYOND_16_BITS).getBytes(StandardCharsets.UTF_8), chunk));

        assertThat(era.rejected).isNull();
        assertThat(era.claims)
                .hasSize(400)
                .allSatisfy(claim -> assertThat(lastName(claim)).isEqualTo(NAME + BEYOND_16_BITS));
        assertThat(era.isBalanced()).isTrue();
    }

    /** Stored hashes tell a second delivery of the same content: another way to compute them would let it through. */
    @Test
    void theHashOfAContentIsTheSameForGood() {
        assertThat(RecordedEra.of(withName(NAME)).totals.getFirst().contentHash())
                .isEqualTo("9c4572fca2422ff25ce8fdc87beea82493302029d3beabf7440d8ec632cd8186");
    }

    private static String withName(String name) {
        return Era835Generator.of(7, 400, 1).text().replaceAll("(?m)^(NM1\\*QC\\*1)\\*[^*]*", "$1*" + name);
    }

    private static String lastName(EraClaim claim) {
        return Objects.requireNonNull(claim.patient()).lastName();
    }

    /** Hands out at most so many bytes at once. */
    private static final class Chunks extends FilterInputStream {

        private final int size;

        private Chunks(byte[] bytes, int size) {
            super(new ByteArrayInputStream(bytes));
            this.size = size;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return super.read(target, offset, Math.min(length, size));
        }
    }
}
