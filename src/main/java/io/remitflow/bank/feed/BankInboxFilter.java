package io.remitflow.bank.feed;

import io.remitflow.intake.InboxFilter;
import java.time.Clock;
import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * A file whose format has an end is complete when it is there. MT940 and CSV have none: they get time to settle.
 */
@Component("bankInboxFilter")
class BankInboxFilter extends InboxFilter {

    private static final Pattern BAI2_END = Pattern.compile("(?s).*(^|\\n)\\s*99,[^\\n]*\\s*$");
    private static final Pattern MARKUP_END = Pattern.compile("(?is).*</(\\w+:)?(Document|OFX)\\s*>\\s*$");

    BankInboxFilter(Clock clock, @Value("${remitflow.inbox.settle-time}") Duration settleTime) {
        super(clock, settleTime);
    }

    @Override
    protected boolean looksUnfinished(String beginning, String end) {
        if (beginning.stripLeading().startsWith("01,")) {
            return !BAI2_END.matcher(end).matches();
        }
        if (beginning.stripLeading().startsWith("<") || beginning.stripLeading().startsWith("OFXHEADER")) {
            return !MARKUP_END.matcher(end).matches();
        }
        return true;
    }
}
