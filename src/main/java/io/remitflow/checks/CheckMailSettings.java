package io.remitflow.checks;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The mailboxes to which scans are sent.
 *
 * @param mailboxes at most one of an organization; none: no mail is fetched
 */
@ConfigurationProperties("remitflow.check-mail")
public record CheckMailSettings(
        @DefaultValue List<Mailbox> mailboxes,
        @DefaultValue("60s") Duration pollEvery) {

    public CheckMailSettings {
        mailboxes = List.copyOf(mailboxes);
    }

    /**
     * A mailbox of one organization.
     *
     * @param organization its code
     * @param server such as {@code imaps://imap.example.org:993}
     * @param authservId under which the receiving mail server states in Authentication-Results what it found out
     */
    public record Mailbox(
            String organization,
            String server,
            String username,
            String password,
            @DefaultValue("INBOX") String folder,
            String authservId) {

        @Override
        public String toString() {
            return "Mailbox[%s, %s]".formatted(organization, server);
        }
    }
}
