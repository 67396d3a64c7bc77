package io.remitflow.refunds;

import io.remitflow.payments.OutgoingTransferNews;
import io.remitflow.refunds.RefundPayouts.Seen;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.joda.money.Money;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Finds the refund whose number stands in a transfer that left the bank, and completes it if the amount is the same. */
@Component
class TransferredRefunds implements OutgoingTransferNews {

    private static final Pattern NUMBER = Pattern.compile("(?<![A-Z0-9])RF-?(\\d{4})-?(\\d{6})(?!\\d)");

    private final RefundPayouts payouts;

    TransferredRefunds(RefundPayouts payouts) {
        this.payouts = payouts;
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public boolean left(String content, Money amount, String reference) {
        Matcher number = NUMBER.matcher(content.toUpperCase(Locale.ROOT));
        if (!number.find()) {
            return false;
        }
        String found = "RF-%s-%s".formatted(number.group(1), number.group(2));
        // Two numbers in one transfer: nobody can say which refund it paid.
        while (number.find()) {
            if (!found.equals("RF-%s-%s".formatted(number.group(1), number.group(2)))) {
                return false;
            }
        }
        return payouts.transferSeen(found, amount, reference) != Seen.UNEXPECTED;
    }
}
