package io.remitflow.checks.feed;

import io.remitflow.checks.CheckMails;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimePart;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.springframework.stereotype.Component;

/** What the routes of {@code check-mail.camel.yaml} call with each mail they find. */
@Component("checkMailbox")
public class CheckMailbox {

    private static final int MOST_HEADERS = 200_000;

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
        var kept = new Limited();
        if (message.getSize() <= CheckMails.MOST_BYTES) {
            message.writeTo(kept);
        }
        long size = Math.max(message.getSize(), kept.size);
        if (size > CheckMails.MOST_BYTES) {
            byte[] headers = headers(message);
            CurrentOrganization.run(organization.id(), () -> mails.receiveTooLarge(authservId, headers, size));
        } else {
            CurrentOrganization.run(organization.id(), () -> mails.receive(authservId, kept.bytes.toByteArray()));
        }
    }

    private static byte[] headers(Message message) throws MessagingException, IOException {
        if (!(message instanceof MimePart part)) {
            return new byte[0];
        }
        var headers = new ByteArrayOutputStream();
        var lines = part.getAllHeaderLines();
        while (lines.hasMoreElements() && headers.size() < MOST_HEADERS) {
            headers.write(lines.nextElement().getBytes(StandardCharsets.UTF_8));
            headers.write('\r');
            headers.write('\n');
        }
        return headers.toByteArray();
    }

    /** Keeps no more than is allowed, whatever the server said about the size. */
    private static final class Limited extends OutputStream {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private long size;

        @Override
        public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] more, int from, int length) {
            size += length;
            if (size <= CheckMails.MOST_BYTES) {
                bytes.write(more, from, length);
            }
        }
    }
}
