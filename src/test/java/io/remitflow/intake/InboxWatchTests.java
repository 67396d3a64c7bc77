package io.remitflow.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with an inbox, in the words that people read. */
class InboxWatchTests {

    @TempDir
    Path directory;

    Path inbox;

    @BeforeEach
    void create() throws IOException {
        inbox = Files.createDirectories(directory.resolve("mercy/era"));
    }

    @Test
    void d20_anInboxThatIsThereHasNoProblem() {
        assertThat(InboxWatch.problem(inbox)).isNull();
    }

    @Test
    void d20_anInboxThatWasRemovedIsMissing() throws IOException {
        Files.delete(inbox);
        assertThat(InboxWatch.problem(inbox)).isEqualTo("is missing");

        Files.delete(inbox.getParent());
        assertThat(InboxWatch.problem(inbox)).isEqualTo("is missing");

        Files.createDirectories(inbox);
        assertThat(InboxWatch.problem(inbox)).isNull();
    }

    @Test
    void d20_d13_whatTookItsPlaceIsNotAnInbox() throws IOException {
        Files.delete(inbox);
        Files.createFile(inbox);
        assertThat(InboxWatch.problem(inbox)).isEqualTo("is not a directory");

        Files.delete(inbox);
        Files.createSymbolicLink(inbox, Files.createDirectory(directory.resolve("elsewhere")));
        assertThat(InboxWatch.problem(inbox)).startsWith("is a link");
    }

    @ParameterizedTest
    @CsvSource({
        "era, ---------, cannot be read",
        "era, -w-------, cannot be read",
        "era, r--------, cannot be read",
        "era, r-x------, 'cannot be written to, so no file can leave it'",
        ".,   ---------, cannot be read"
    })
    void d20_anInboxWhoseRightsWereTakenIsNamedWithWhatIsMissing(String which, String rights, String problem)
            throws IOException {
        Path changed = inbox.resolveSibling(which).normalize();
        Files.setPosixFilePermissions(changed, PosixFilePermissions.fromString(rights));
        try {
            assumeFalse(Files.isWritable(changed) && Files.isReadable(changed), "no rights can be taken from root");
            assertThat(InboxWatch.problem(inbox)).isEqualTo(problem);
        } finally {
            Files.setPosixFilePermissions(changed, PosixFilePermissions.fromString("rwx------"));
        }
    }
}
