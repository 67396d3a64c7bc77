package io.remitflow.ui;

import io.remitflow.identity.Organizations;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** {@code @times} in templates: instants as the organization's people read them. */
@Component("times")
public class Times {

    private static final DateTimeFormatter MINUTES = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

    private final Organizations organizations;
    private final Clock clock;

    Times(Organizations organizations, Clock clock) {
        this.organizations = organizations;
        this.clock = clock;
    }

    /** In the organization's time zone. */
    public String format(@Nullable Instant instant) {
        return instant == null
                ? ""
                : MINUTES.format(instant.atZone(organizations.current().timeZone()));
    }

    /** "12 min", "3 h", "5 days": the time since then, in the largest unit that tells something. */
    public String age(@Nullable Instant since) {
        return since == null ? "" : words(Duration.between(since, clock.instant()));
    }

    /** "in 3 h" or "2 days ago". */
    public String until(@Nullable Instant then) {
        if (then == null) {
            return "";
        }
        var left = Duration.between(clock.instant(), then);
        return left.isNegative() ? words(left.negated()) + " ago" : "in " + words(left);
    }

    public boolean past(@Nullable Instant then) {
        return then != null && then.isBefore(clock.instant());
    }

    private static String words(Duration duration) {
        if (duration.toMinutes() < 1) {
            return "1 min";
        }
        if (duration.toHours() < 1) {
            return duration.toMinutes() + " min";
        }
        if (duration.toHours() < 48) {
            return duration.toHours() + " h";
        }
        return duration.toDays() + " days";
    }
}
