package io.remitflow.refunds;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestServices;
import io.remitflow.receivables.PatientContacts;
import io.remitflow.workflow.Timeline;
import jakarta.mail.internet.MimeMessage;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mail.javamail.JavaMailSenderImpl;
import org.springframework.transaction.support.TransactionTemplate;

/** Patients read that their money is back; a mail server that is down only delays that. */
@BooksTest
class RefundMailIntegrationTests {

    private static final String PATIENT = "ana.nunez@example.org";

    @Autowired
    ApplicationContext context;

    @Autowired
    RefundLetters letters;

    @Autowired
    PatientContacts contacts;

    @Autowired
    Organizations organizations;

    PayoutBooks books;

    @BeforeEach
    void openHospital() {
        books = new PayoutBooks(context);
        books.books.hospital.runAs(Role.BILLING_CLERK, () -> contacts.change(books.account, PATIENT));
    }

    @Test
    void tellsThePatientOnceHowMuchCameBackAndNothingElse() throws Exception {
        UUID refund = requireNonNull(books.paidByCheck("120.00", null, 60_001).refundId());
        GreenMail server = new GreenMail(ServerSetup.SMTP.dynamicPort());
        server.start();
        try {
            RefundMail mail = mail(server.getSmtp().getPort());
            mail.run();
            mail.run();

            assertThat(server.getReceivedMessages()).hasSize(1);
            MimeMessage letter = server.getReceivedMessages()[0];
            String number = books.books.refund(refund).number();
            assertThat(letter.getSubject()).isEqualTo("Refund " + number);
            assertThat(letter.getAllRecipients()).extracting(Object::toString).containsExactly(PATIENT);
            assertThat(GreenMailUtil.getBody(letter))
                    .contains("returned 120.00 USD to you by check", number, "https://pay.example.org")
                    .doesNotContainIgnoringCase("Ana")
                    .doesNotContain("N=C3=BA=C3=B1ez", "Núñez");
        } finally {
            server.stop();
        }
    }

    @Test
    void i2_aServerThatIsDownDelaysTheLetterAndNothingElse() {
        RefundMail down = mail(1);
        UUID refund = requireNonNull(books.paidByCheck("120.00", null, 60_002).refundId());
        assertThat(books.books.refund(refund).status()).isEqualTo(RefundStatus.COMPLETED);
        down.run();
        down.run();
        assertThat(state(refund)).isEqualTo("waiting 1 MailSendException");

        due(refund);
        GreenMail server = new GreenMail(ServerSetup.SMTP.dynamicPort());
        server.start();
        try {
            mail(server.getSmtp().getPort()).run();
            assertThat(server.getReceivedMessages()).hasSize(1);
        } finally {
            server.stop();
        }
        assertThat(state(refund)).startsWith("sent 2");
    }

    @Test
    void i2_aLetterThatIsRefusedAgainAndAgainIsParkedForAPerson() {
        UUID refund = requireNonNull(books.paidByCheck("120.00", null, 60_003).refundId());
        RefundMail down = mail(1);

        for (int i = 0; i < RefundLetters.ATTEMPTS + 2; i++) {
            due(refund);
            down.run();
        }

        assertThat(state(refund)).startsWith("parked " + RefundLetters.ATTEMPTS);
    }

    @Test
    void refusesWhatIsNoAddressAndWritesNoLetterWithoutOne() {
        for (String wrong : new String[] {"ana", "a@b", "a@b.org\nBcc: x@y.org", "a@b.org, c@d.org", "<a@b.org>"}) {
            assertThatExceptionOfType(RuleViolation.class)
                    .as(wrong)
                    .isThrownBy(() -> books.books.hospital.runAs(
                            Role.BILLING_CLERK, () -> contacts.change(books.account, wrong)));
        }
        books.books.hospital.runAs(Role.BILLING_CLERK, () -> contacts.change(books.account, ""));
        UUID refund = requireNonNull(books.paidByCheck("120.00", null, 60_004).refundId());
        assertThat(JdbcClient.create(TestServices.postgres().superuser())
                        .sql("select count(*) from refund_letters where refund_id = ?")
                        .param(refund)
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void b10_aNodeWhoseClockIsTenMinutesAheadTakesNoLetterThatAnotherOneIsSending() {
        books.paidByCheck("120.00", null, 60_005);
        var ahead = new RefundLetters(
                context.getBean(JdbcClient.class),
                context.getBean(RefundRows.class),
                context.getBean(Timeline.class),
                Clock.offset(Clock.systemUTC(), Duration.ofMinutes(10)));

        assertThat(inTransaction(() -> letters.take(10))).hasSize(1);
        assertThat(inTransaction(() -> ahead.take(10))).isEmpty();
    }

    private <T> T inTransaction(Supplier<T> work) {
        return requireNonNull(books.books.hospital.call(
                () -> context.getBean(TransactionTemplate.class).execute(status -> work.get())));
    }

    private RefundMail mail(int port) {
        JavaMailSenderImpl sender = new JavaMailSenderImpl();
        sender.setHost("127.0.0.1");
        sender.setPort(port);
        sender.getJavaMailProperties().setProperty("mail.smtp.connectiontimeout", "2000");
        return new RefundMail(
                letters,
                contacts,
                organizations,
                Optional.of(sender),
                "billing@example.org",
                URI.create("https://pay.example.org"));
    }

    private static void due(UUID refund) {
        JdbcClient.create(TestServices.postgres().superuser())
                .sql("update refund_letters set next_attempt_at = now() - interval '1 minute' where refund_id = ?")
                .param(refund)
                .update();
    }

    private static String state(UUID refund) {
        return JdbcClient.create(TestServices.postgres().superuser())
                .sql(
                        "select state || ' ' || attempts || ' ' || coalesce(last_error, '') from refund_letters where refund_id = ?")
                .param(refund)
                .query(String.class)
                .single();
    }
}
