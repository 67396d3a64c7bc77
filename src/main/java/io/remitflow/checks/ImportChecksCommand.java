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
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.stereotype.Component;

/**
 * {@code java -jar remitflow.jar --import-checks=/scans/2026 --organization=mercy}: stages a directory of packets that were
 * scanned before, and ends: with exit code 0 if all are staged, 1 if some are not, 2 if nothing could be begun. Nothing is
 * applied, and running it again stages nothing twice.
 */
@Component
class ImportChecksCommand implements ApplicationRunner {

    private static final Logger log = LoggerFactory.getLogger(ImportChecksCommand.class);

    private final CheckPackets packets;
    private final Organizations organizations;
    private final IntConsumer end;

    @Autowired
    ImportChecksCommand(CheckPackets packets, Organizations organizations, ConfigurableApplicationContext context) {
        this(packets, organizations, (IntConsumer) code -> System.exit(SpringApplication.exit(context, () -> code)));
    }

    ImportChecksCommand(CheckPackets packets, Organizations organizations, IntConsumer end) {
        this.packets = packets;
        this.organizations = organizations;
        this.end = end;
    }

    /** How many files were staged, were known before, were rejected and could not be read. */
    record Outcome(int staged, int known, int rejected, int unreadable) {

        boolean isComplete() {
            return rejected == 0 && unreadable == 0;
        }
    }

    @Override
    public void run(ApplicationArguments arguments) {
        if (arguments.containsOption("import-checks")) {
            end.accept(exitCode(arguments));
        }
    }

    private int exitCode(ApplicationArguments arguments) {
        try {
            Organization organization = organizations
                    .byCode(value(arguments, "organization"))
                    .orElseThrow(() -> RuleViolation.notFound("the organization"));
            Path directory = Path.of(value(arguments, "import-checks"));
            Outcome outcome = CurrentOrganization.call(organization.id(), () -> load(directory));
            log.info(
                    "{} packets staged, {} known before, {} rejected, {} could not be read",
                    outcome.staged(),
                    outcome.known(),
                    outcome.rejected(),
                    outcome.unreadable());
            return outcome.isComplete() ? 0 : 1;
        } catch (RuleViolation | InvalidPathException e) {
            log.error("Nothing was imported: {}", e.getMessage());
            return 2;
        }
    }

    /** Only the files of this directory itself, and no links. What cannot be read or staged stops no other file. */
    Outcome load(Path directory) {
        int staged = 0;
        int known = 0;
        int rejected = 0;
        int unreadable = 0;
        List<Path> files = files(directory);
        for (int i = 0; i < files.size(); i++) {
            Path file = files.get(i);
            // Names of scans are often names of patients, so a log has their place in the directory.
            String place = "File %d of %d in the order of names".formatted(i + 1, files.size());
            try (InputStream bytes = Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                ReceivedPacket received = packets.receive("check-import", String.valueOf(file.getFileName()), bytes);
                if (received.packetId() == null) {
                    rejected++;
                    log.warn("{} is rejected: {}", place, received.file().reason());
                } else if (received.repeated()) {
                    known++;
                } else {
                    staged++;
                }
            } catch (RuleViolation e) {
                rejected++;
                log.warn("{} is rejected: {}", place, e.getMessage());
            } catch (IOException | UncheckedIOException e) {
                unreadable++;
                log.warn("{} cannot be read: {}", place, e.getClass().getSimpleName());
            }
        }
        return new Outcome(staged, known, rejected, unreadable);
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
