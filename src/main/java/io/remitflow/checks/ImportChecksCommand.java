package io.remitflow.checks;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * {@code java -jar remitflow.jar --import-checks=/scans/2026 --organization=mercy}: stages a directory of packets that were
 * scanned before. Nothing is applied, and running it again stages nothing twice.
 */
@Component
class ImportChecksCommand implements ApplicationRunner {

    private static final Logger log = LoggerFactory.getLogger(ImportChecksCommand.class);

    private final CheckPackets packets;
    private final Organizations organizations;

    ImportChecksCommand(CheckPackets packets, Organizations organizations) {
        this.packets = packets;
        this.organizations = organizations;
    }

    /** How many files were staged, were known before and were rejected. */
    record Outcome(int staged, int known, int rejected) {}

    @Override
    public void run(ApplicationArguments arguments) {
        if (arguments.containsOption("import-checks")) {
            Organization organization = organizations
                    .byCode(value(arguments, "organization"))
                    .orElseThrow(() -> RuleViolation.notFound("the organization"));
            Path directory = Path.of(value(arguments, "import-checks"));
            Outcome outcome = CurrentOrganization.call(organization.id(), () -> load(directory));
            log.info(
                    "{} packets staged, {} known before, {} rejected",
                    outcome.staged(),
                    outcome.known(),
                    outcome.rejected());
        }
    }

    /** Only the files of this directory itself, and no links. */
    Outcome load(Path directory) {
        int staged = 0;
        int known = 0;
        int rejected = 0;
        for (Path file : files(directory)) {
            try (InputStream bytes = Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                ReceivedPacket received = packets.receive("check-import", String.valueOf(file.getFileName()), bytes);
                if (received.packetId() == null) {
                    rejected++;
                } else if (received.repeated()) {
                    known++;
                } else {
                    staged++;
                }
            } catch (RuleViolation e) {
                rejected++;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new Outcome(staged, known, rejected);
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the directory of --import-checks cannot be read");
        }
    }

    private static String value(ApplicationArguments arguments, String option) {
        List<String> values = arguments.getOptionValues(option);
        if (values == null || values.size() != 1 || values.getFirst().isBlank()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "--%s needs one value".formatted(option));
        }
        return values.getFirst();
    }
}
