package io.remitflow.intake;

import io.remitflow.core.Ids;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.component.file.GenericFile;

/**
 * A file that a route found in {@code <inbox>/<organization code>/<kind>}.
 *
 * <p>It leaves that directory under a generated name; the name it came with is text in the reason file and the database.
 */
public final class InboxFile {

    /** Read by the route's option {@code move}. */
    private static final String MOVE_TO = "inboxMoveTo";

    private final Exchange exchange;
    private final GenericFile<?> file;
    private final String directory;

    private InboxFile(Exchange exchange, GenericFile<?> file) {
        this.exchange = exchange;
        this.file = file;
        String path = file.getRelativeFilePath().replace('\\', '/');
        this.directory = path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "";
    }

    public static InboxFile of(Exchange exchange) {
        if (exchange.getIn().getBody() instanceof GenericFile<?> file) {
            return new InboxFile(exchange, file);
        }
        throw new IllegalArgumentException("the route %s does not read files".formatted(exchange.getFromRouteId()));
    }

    /** The first directory below the inbox. */
    public String organizationCode() {
        return directory.contains("/") ? directory.substring(0, directory.indexOf('/')) : directory;
    }

    public String name() {
        return file.getFileNameOnly();
    }

    /** A link that took the file's place meanwhile is not followed. */
    public InputStream open() throws IOException {
        if (file.getFile() instanceof File local) {
            return Files.newInputStream(local.toPath(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        }
        return exchange.getIn().getBody(InputStream.class);
    }

    public void archive(UUID fileId) {
        exchange.setProperty(MOVE_TO, "%s/archive/%s".formatted(directory, fileId));
    }

    public void reject(UUID fileId, String reason) {
        exchange.setProperty(MOVE_TO, "%s/rejected/%s".formatted(directory, fileId));
        exchange.getContext()
                .createProducerTemplate()
                .sendBodyAndHeader(
                        exchange.getFromEndpoint(),
                        "%s%n%s%n".formatted(DisplayNames.clean(name()), reason),
                        Exchange.FILE_NAME,
                        "%s/rejected/%s.reason.txt".formatted(directory, fileId));
    }

    /** For what was not even stored. */
    public void reject(String reason) {
        reject(Ids.next(), reason);
    }
}
