package io.remitflow.intake;

import io.remitflow.core.Ids;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which files of an inbox a route may read now: no links to elsewhere, and nothing that is still being written.
 *
 * <p>A file that looks unfinished gets time to settle. After that it is read as it is, and rejected with a reason.
 */
public abstract class InboxFilter implements GenericFileFilter<Object> {

    private static final Logger log = LoggerFactory.getLogger(InboxFilter.class);

    /** Enough of a file's beginning or end to recognise its format. */
    private static final int SAMPLE_BYTES = 256;

    private final Clock clock;
    private final Duration settleTime;

    protected InboxFilter(Clock clock, Duration settleTime) {
        this.clock = clock;
        this.settleTime = settleTime;
    }

    /** Whether its writer has probably not finished yet; both samples are empty for an empty file. */
    protected abstract boolean looksUnfinished(String beginning, String end);

    @Override
    public boolean accept(GenericFile<Object> file) {
        if (!(file.getFile() instanceof File local)) {
            return file.isDirectory() || (!isTemporary(file.getFileNameOnly()) && isSettled(file.getLastModified()));
        }
        Path path = local.toPath();
        if (Files.isSymbolicLink(path)) {
            return setAside(path, file.isDirectory());
        }
        return file.isDirectory()
                || (!isTemporary(file.getFileNameOnly()) && (isSettled(local.lastModified()) || isComplete(local)));
    }

    private boolean isSettled(long lastModified) {
        return clock.millis() - lastModified >= settleTime.toMillis();
    }

    private boolean isComplete(File file) {
        try (var bytes = new RandomAccessFile(file, "r")) {
            long size = bytes.length();
            return !looksUnfinished(sample(bytes, 0, size), sample(bytes, Math.max(0, size - SAMPLE_BYTES), size));
        } catch (IOException e) {
            // Gone or not readable yet: the next poll sees it again.
            return false;
        }
    }

    private static String sample(RandomAccessFile bytes, long from, long size) throws IOException {
        var sample = new byte[(int) Math.min(SAMPLE_BYTES, size - from)];
        bytes.seek(from);
        bytes.readFully(sample);
        return new String(sample, StandardCharsets.ISO_8859_1);
    }

    /** The usual names of uploads under way. */
    private static boolean isTemporary(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT);
        return name.endsWith(".part") || name.endsWith(".filepart") || name.endsWith(".tmp") || name.endsWith(".swp");
    }

    /** Moves the link itself, never what it points to. A linked directory is left alone and not entered. */
    private static boolean setAside(Path link, boolean directory) {
        if (directory) {
            return false;
        }
        String id = Ids.next().toString();
        Path rejected = link.resolveSibling("rejected");
        try {
            Files.createDirectories(rejected);
            Files.move(link, rejected.resolve(id));
            Files.writeString(
                    rejected.resolve(id + ".reason.txt"),
                    "%s%nIt is a link to another place; links are not followed%n"
                            .formatted(DisplayNames.clean(link.getFileName().toString())));
            log.warn("A link in an inbox was not followed: {}", id);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return false;
    }
}
