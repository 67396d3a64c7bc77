package io.remitflow.remittance.feed;

import io.remitflow.intake.InboxFilter;
import java.time.Clock;
import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** An 835 that has begun (ISA) is complete when it ends with an IEA. */
@Component("eraInboxFilter")
class EraInboxFilter extends InboxFilter {

    private static final Pattern LAST_SEGMENT = Pattern.compile("IEA[^\\r\\n]{1,40}\\s*$");

    EraInboxFilter(Clock clock, @Value("${remitflow.inbox.settle-time}") Duration settleTime) {
        super(clock, settleTime);
    }

    @Override
    protected boolean looksUnfinished(String beginning, String end) {
        return beginning.isBlank()
                || (beginning.stripLeading().startsWith("ISA")
                        && !LAST_SEGMENT.matcher(end).find());
    }
}
