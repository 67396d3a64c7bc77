package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStackTests {

    @TempDir
    Path directory;

    @Test
    void aFullDiskIsSaidBeforeAnythingStarts() {
        Path data = directory.resolve("data");
        long everything = 1_000_000_000_000L;

        assertThatIllegalStateException()
                .isThrownBy(() -> LocalStack.requireDisk(data, everything))
                .withMessageMatching("Only \\d+ MB are free for .*data; Remitflow needs %d MB.".formatted(everything));
        LocalStack.requireDisk(data, 0);
    }

    @Test
    void aDirectoryThatCannotBeWrittenToIsNamed() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> LocalStack.requireDisk(file.resolve("data"), 0))
                .withMessageContaining("cannot write to " + file);
    }
}
