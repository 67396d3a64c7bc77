package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import io.remitflow.receivables.PatientContacts;
import io.remitflow.refunds.RefundLetters.Letter;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.mail.MailException;
import org.springframework.mail.javamail.JavaMailSender;
import org.springframework.mail.javamail.MimeMessageHelper;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Mails the letters that wait, over SMTP; without {@code spring.mail.host} they go on waiting.
 *
 * <p>A letter says how much came back, how, and under which number: no name, no diagnosis, no account.
 */
@Component
class RefundMail {

    private static final Logger log = LoggerFactory.getLogger(RefundMail.class);
    private static final int LETTERS_AT_ONCE = 50;

    private final RefundLetters letters;
    private final PatientContacts contacts;
    private final Organizations organizations;
    private final Optional<JavaMailSender> sender;
    private final String from;
    private final URI baseUrl;

    @Autowired
    RefundMail(
            RefundLetters letters,
            PatientContacts contacts,
            Organizations organizations,
            ObjectProvider<JavaMailSender> sender,
            @Value("${remitflow.mail.from}") String from,
            @Value("${remitflow.mail.base-url}") URI baseUrl) {
        this(letters, contacts, organizations, Optional.ofNullable(sender.getIfAvailable()), from, baseUrl);
    }

    RefundMail(
            RefundLetters letters,
            PatientContacts contacts,
            Organizations organizations,
            Optional<JavaMailSender> sender,
            String from,
            URI baseUrl) {
        this.letters = letters;
        this.contacts = contacts;
        this.organizations = organizations;
        this.sender = sender;
        this.from = from;
        this.baseUrl = baseUrl;
    }

    @Scheduled(fixedDelayString = "${remitflow.mail.every:30s}", initialDelayString = "${remitflow.mail.every:30s}")
    void run() {
        sender.ifPresent(
                server -> organizations.having(RefundLetters.DUE).forEach(organization -> send(organization, server)));
    }

    private void send(Organization organization, JavaMailSender server) {
        try {
            CurrentOrganization.run(
                    organization.id(),
                    () -> letters.take(LETTERS_AT_ONCE).forEach(letter -> send(organization, server, letter)));
        } catch (RuntimeException e) {
            log.error(
                    "letters of {} could not be sent: {}",
                    organization.code(),
                    e.getClass().getSimpleName());
        }
    }

    private void send(Organization organization, JavaMailSender server, Letter letter) {
        try {
            String email = contacts.emailOf(letter.refund().accountId()).orElse(null);
            if (email == null) {
                letters.failed(letter, "no address any more");
                return;
            }
            server.send(message(organization, server, letter, email));
            letters.sent(letter);
        } catch (MailException | MessagingException e) {
            log.warn(
                    "letter {} could not be sent: {}", letter.id(), e.getClass().getSimpleName());
            letters.failed(letter, e.getClass().getSimpleName());
        }
    }

    private MimeMessage message(Organization organization, JavaMailSender server, Letter letter, String email)
            throws MessagingException {
        MimeMessage message = server.createMimeMessage();
        MimeMessageHelper mail = new MimeMessageHelper(message, StandardCharsets.UTF_8.name());
        mail.setFrom(from);
        mail.setTo(email);
        mail.setSubject("Refund %s".formatted(letter.refund().number()));
        mail.setText(text(organization, letter));
        // A letter that was sent twice after a crash is recognised as the same one.
        message.setHeader("X-Letter-Id", letter.id().toString());
        return message;
    }

    private String text(Organization organization, Letter letter) {
        Refund refund = letter.refund();
        String amount = Amounts.format(refund.amount()) + " " + refund.amount().getCurrencyUnit();
        String news = switch (letter.kind()) {
            case COMPLETED -> "We have returned %s to you by %s.".formatted(amount, Refunds.words(refund.method()));
            case RETURNED ->
                "We could not deliver your refund of %s. The money is still yours; we will contact you."
                        .formatted(amount);
        };
        return """
                %s

                Our number for it is %s. Please give it when you ask us about this refund.

                %s
                %s
                """.formatted(news, refund.number(), organization.name(), baseUrl);
    }
}
