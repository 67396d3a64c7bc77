package io.remitflow.refunds;

import io.remitflow.payments.OutgoingTransferNews;
import io.remitflow.workflow.Timeline;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.joda.money.Money;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Notes at a refund that the bank saw its transfer leave; booking it stays the affair of who paid it out. */
@Component
class TransferredRefunds implements OutgoingTransferNews {

    private static final Pattern NUMBER = Pattern.compile("RF-?(\\d{4})-?(\\d{6})(?!\\d)");

    private final JdbcClient jdbc;
    private final Timeline timeline;

    TransferredRefunds(JdbcClient jdbc, Timeline timeline) {
        this.jdbc = jdbc;
        this.timeline = timeline;
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public boolean left(String content, Money amount) {
        Matcher number = NUMBER.matcher(content.toUpperCase(Locale.ROOT));
        if (!number.find()) {
            return false;
        }
        var refund = jdbc.sql("""
                        select id from billing_refunds where refund_number = :number and refund_amount = :amount
                          and currency = :currency and status in ('processing', 'completed')
                          and refund_method in ('ach', 'wire', 'other')
                        """)
                .param("number", "RF-%s-%s".formatted(number.group(1), number.group(2)))
                .param("amount", amount.getAmountMinorLong())
                .param("currency", amount.getCurrencyUnit().getCode())
                .query(UUID.class)
                .optional();
        refund.ifPresent(id -> timeline.add(Refunds.SUBJECT, id, "Left the bank", "The bank reports the transfer"));
        return refund.isPresent();
    }
}
