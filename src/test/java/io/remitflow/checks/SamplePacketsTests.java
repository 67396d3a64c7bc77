package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.RuleViolation;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The files in samples/checks are what samples/README.md says. */
class SamplePacketsTests {

    @Test
    void everyPacketIsThereAndNothingElse() throws IOException {
        try (var files = Files.list(SamplePackets.DIRECTORY)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(SamplePackets.all().keySet());
        }
    }

    @Test
    void theDigitalOnesAreReadAsTheyAreDrawn() throws IOException {
        for (String name : new String[] {"01-two-checks.pdf", "03-doubtful.pdf"}) {
            assertThat(read(name))
                    .isEqualTo(read(Objects.requireNonNull(SamplePackets.all().get(name))));
        }
        assertThat(read("01-two-checks.pdf").checks()).hasSize(2);
        assertThat(read("03-doubtful.pdf").checks().getFirst().signed()).isFalse();
        assertThat(read("03-doubtful.pdf").checks().getFirst().legalAmount()).isEqualTo("1301.50");
    }

    @Test
    void theScanHasNoLettersAndTheEncryptedOneIsRejected() throws IOException {
        assertThat(read("02-scan.pdf").checks()).isEmpty();
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> read("04-encrypted.pdf"))
                .withMessageContaining("encrypted");
    }

    private static CheckReading read(String name) throws IOException {
        return read(Files.readAllBytes(SamplePackets.DIRECTORY.resolve(name)));
    }

    private static CheckReading read(byte[] bytes) {
        return new TextLayerReader().read(PacketInspection.inspect(bytes));
    }
}
