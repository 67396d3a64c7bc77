package io.remitflow.refunds.feed;

import io.remitflow.intake.InboxFilter;
import java.time.Clock;
import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** An ACH file is complete when it ends with its control record, or with the nines that fill its last block. */
@Component("achReturnInboxFilter")
class AchReturnInboxFilter extends InboxFilter {

    private static final Pattern LAST_RECORD = Pattern.compile("(?s).*9[0-9]{54} *\\s*(9{94}\\s*)*$|.*9{94}\\s*$");

    AchReturnInboxFilter(Clock clock, @Value("${remitflow.inbox.settle-time}") Duration settleTime) {
        super(clock, settleTime);
    }

    @Override
    protected boolean looksUnfinished(String beginning, String end) {
        return beginning.isBlank() || !LAST_RECORD.matcher(end).matches();
    }
}
