package io.remitflow.identity;

import io.remitflow.identity.AuditChain.Head;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The heads of the chains, kept outside of the database: whoever can rewrite every table cannot rewrite these.
 *
 * <p>One file per organization in {@code remitflow.audit.anchor-directory}, a line per head: number, hash, time. Put the
 * directory on storage that the database's administrators cannot write to. Without the property there are no anchors, and
 * only the count inside the database shows missing last rows.
 */
@Component
class AuditAnchors {

    private static final Logger log = LoggerFactory.getLogger(AuditAnchors.class);

    private final @Nullable Path directory;

    AuditAnchors(@Value("${remitflow.audit.anchor-directory:}") String directory) {
        this.directory = directory.isBlank() ? null : Path.of(directory);
    }

    synchronized void append(OrganizationId organization, Head head, Instant at) {
        if (directory == null) {
            return;
        }
        try {
            Files.createDirectories(directory);
            Files.writeString(
                    file(directory, organization),
                    "%d %s %s%n".formatted(head.seq(), HexFormat.of().formatHex(head.hash()), at),
                    StandardCharsets.US_ASCII,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            log.error("the head of an audit chain could not be anchored in {}", directory, e);
        }
    }

    /** Shows the anchors of the organization, so many at once, until something is wrong with some. */
    Optional<AuditFault> firstFault(
            OrganizationId organization, int atOnce, Function<List<Anchor>, Optional<AuditFault>> look) {
        if (directory == null || !Files.exists(file(directory, organization))) {
            return Optional.empty();
        }
        Optional<AuditFault> fault = Optional.empty();
        List<Anchor> some = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file(directory, organization), StandardCharsets.US_ASCII)) {
            for (String line = lines.readLine(); line != null && fault.isEmpty(); line = lines.readLine()) {
                String[] parts = line.split(" ", 3);
                if (parts.length == 3) {
                    some.add(new Anchor(Long.parseLong(parts[0]), parts[1]));
                }
                if (some.size() == atOnce) {
                    fault = look.apply(List.copyOf(some));
                    some.clear();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the anchors in " + directory + " cannot be read", e);
        }
        return fault.isPresent() || some.isEmpty() ? fault : look.apply(some);
    }

    private static Path file(Path directory, OrganizationId organization) {
        return directory.resolve(organization + ".anchors");
    }

    record Anchor(long seq, String hash) {}
}
