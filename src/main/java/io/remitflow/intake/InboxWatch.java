package io.remitflow.intake;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.intake.InboxDirectories.Inbox;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Looks regularly whether the local inboxes can be read and files be moved there. To a route an inbox that is away looks like
 * one without files, so it goes on and says nothing.
 */
@Component
public class InboxWatch {

    private static final Logger log = LoggerFactory.getLogger(InboxWatch.class);

    /** In one line of the log: a disk that is not mounted takes all away. */
    private static final int MOST_SHOWN = 20;

    private final InboxDirectories directories;
    private final Clock clock;
    private volatile Map<Inbox, Away> away = Map.of();

    InboxWatch(InboxDirectories directories, Clock clock) {
        this.directories = directories;
        this.clock = clock;
    }

    /**
     * An inbox from which nothing is fetched.
     *
     * @param name organization and kind
     * @param problem as in "the inbox <em>is missing</em>"
     * @param since when it was seen first
     */
    public record Away(String name, String problem, Instant since) {}

    /** Those of the current organization, until each is back. */
    public List<Away> away() {
        var organization = CurrentOrganization.id();
        return away.entrySet().stream()
                .filter(entry -> entry.getKey().organization().equals(organization))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** Of all organizations. */
    boolean allThere() {
        return away.isEmpty();
    }

    @Scheduled(fixedDelayString = "${remitflow.inbox.watch-every:15s}", initialDelayString = "15s")
    void look() {
        Map<Inbox, Away> before = away;
        Map<Inbox, Away> now = new LinkedHashMap<>();
        for (Inbox inbox : directories.readLocally()) {
            String problem = problem(inbox.directory());
            if (problem != null) {
                Away known = before.get(inbox);
                now.put(inbox, new Away(inbox.name(), problem, known == null ? clock.instant() : known.since()));
            }
        }
        away = Collections.unmodifiableMap(now);
        List<String> gone = words(now, before);
        if (!gone.isEmpty()) {
            log.error("Inboxes from which no file is fetched until they are back ({}): {}", gone.size(), shown(gone));
        }
        List<String> back = before.keySet().stream()
                .filter(inbox -> !now.containsKey(inbox))
                .map(Inbox::name)
                .toList();
        if (!back.isEmpty()) {
            log.info("Inboxes that are back ({}): {}", back.size(), shown(back));
        }
    }

    private static List<String> words(Map<Inbox, Away> now, Map<Inbox, Away> before) {
        return now.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(before.get(entry.getKey())))
                .map(entry -> entry.getValue().name() + " " + entry.getValue().problem())
                .toList();
    }

    private static String shown(List<String> inboxes) {
        return String.join("; ", inboxes.subList(0, Math.min(MOST_SHOWN, inboxes.size())))
                + (inboxes.size() > MOST_SHOWN ? "; ..." : "");
    }

    /** The end of a sentence that begins with the inbox; null: none. */
    static @Nullable String problem(Path directory) {
        Path organization = Objects.requireNonNull(directory.getParent());
        for (Path each : List.of(organization, directory)) {
            if (Files.isSymbolicLink(each)) {
                return "is a link, and links are not followed";
            }
            if (!Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
                return Files.exists(each, LinkOption.NOFOLLOW_LINKS) ? "is not a directory" : "is missing";
            }
            if (!Files.isReadable(each) || !Files.isExecutable(each)) {
                return "cannot be read";
            }
        }
        return Files.isWritable(directory) ? null : "cannot be written to, so no file can leave it";
    }
}
