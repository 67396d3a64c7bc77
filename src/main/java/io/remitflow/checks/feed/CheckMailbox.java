package io.remitflow.checks.feed;

import io.remitflow.checks.CheckMails;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** What the routes of {@code check-mail.camel.yaml} call with each mail they find. */
@Component("checkMailbox")
public class CheckMailbox {

    private static final Logger log = LoggerFactory.getLogger(CheckMailbox.class);

    private final CheckMails mails;
    private final Organizations organizations;

    CheckMailbox(CheckMails mails, Organizations organizations) {
        this.mails = mails;
        this.organizations = organizations;
    }

    /** What cannot be kept now is thrown, so that the mail stays unseen in its mailbox and is fetched again. */
    public void receive(Exchange exchange) throws MessagingException, IOException {
        String code = exchange.getProperty("mailboxOf", String.class);
        String authservId = exchange.getProperty("authservId", "", String.class);
        var organization = organizations
                .byCode(code)
                .orElseThrow(() -> new IllegalStateException("no organization has the code " + code));
        if (!(exchange.getIn().getBody() instanceof Message message)) {
            throw new IllegalStateException("the route %s does not read mails".formatted(exchange.getFromRouteId()));
        }
        byte[] bytes = bytes(message);
        if (bytes.length == 0) {
            log.warn("A mail for {} is larger than {} bytes and stays in its mailbox", code, CheckMails.MOST_BYTES);
            return;
        }
        CurrentOrganization.run(organization.id(), () -> mails.receive(authservId, bytes));
    }

    /** @return empty: it is too large */
    private static byte[] bytes(Message message) throws MessagingException, IOException {
        if (message.getSize() > CheckMails.MOST_BYTES) {
            return new byte[0];
        }
        var bytes = new ByteArrayOutputStream();
        var limited = new Limited(bytes);
        message.writeTo(limited);
        return limited.exceeded ? new byte[0] : bytes.toByteArray();
    }

    /** Keeps no more than is allowed, whatever the server said about the size. */
    private static final class Limited extends OutputStream {

        private final ByteArrayOutputStream to;
        private boolean exceeded;

        Limited(ByteArrayOutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            if (to.size() + length > CheckMails.MOST_BYTES) {
                exceeded = true;
            } else {
                to.write(bytes, from, length);
            }
        }
    }
}
