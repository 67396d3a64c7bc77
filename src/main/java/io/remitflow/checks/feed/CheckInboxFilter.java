package io.remitflow.checks.feed;

import io.remitflow.intake.InboxFilter;
import java.time.Clock;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** A PDF ends with its trailer, a JPEG with its end marker, a PNG with its last chunk; others get time to settle. */
@Component("checkInboxFilter")
class CheckInboxFilter extends InboxFilter {

    CheckInboxFilter(Clock clock, @Value("${remitflow.inbox.settle-time}") Duration settleTime) {
        super(clock, settleTime);
    }

    @Override
    protected boolean looksUnfinished(String beginning, String end) {
        if (beginning.startsWith("%PDF-")) {
            return !end.contains("%%EOF");
        }
        if (beginning.startsWith("\u00ff\u00d8\u00ff")) {
            return !end.contains("\u00ff\u00d9");
        }
        return !(beginning.startsWith("\u0089PNG") && end.contains("IEND"));
    }
}
