package io.remitflow.checks.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.store.FolderException;
import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.remitflow.checks.CheckBooks;
import io.remitflow.checks.CheckMail;
import io.remitflow.checks.CheckMailSettings.Mailbox;
import io.remitflow.checks.CheckMails;
import io.remitflow.checks.CheckPacket;
import io.remitflow.checks.CheckPackets;
import io.remitflow.checks.PacketPdf;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import jakarta.activation.DataHandler;
import jakarta.mail.Flags;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.util.ByteArrayDataSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Scans that somebody sends to the mailbox of an organization. */
@BooksTest
@ExtendWith(OutputCaptureExtension.class)
class CheckMailIntegrationTests {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String US = "mx.hospital.example";
    private static final String SENDER = "scans@lockbox.example";
    private static final String PROVEN = US + "; dmarc=pass header.from=lockbox.example";
    private static final String NOT_PROVEN = US + "; dmarc=fail header.from=lockbox.example";

    @Autowired
    ApplicationContext context;

    @Autowired
    CamelContext camel;

    @LocalServerPort
    int port;

    CheckBooks books;
    GreenMail server;
    GreenMailUser user;
    String route;

    @BeforeEach
    void open() {
        books = new CheckBooks(context);
        server = new GreenMail(ServerSetup.IMAP.dynamicPort());
        server.start();
        user = server.setUser("checks@hospital.example", "checks", "p&ss=w(o)rd?+%20");
        route = CheckMailRoutes.open(
                camel,
                new Mailbox(
                        books.hospital.code(),
                        "imap://127.0.0.1:" + server.getImap().getPort(),
                        "checks",
                        "p&ss=w(o)rd?+%20",
                        "INBOX",
                        US),
                Duration.ofMillis(500));
    }

    @AfterEach
    void close() throws Exception {
        camel.getRouteController().stopRoute(route);
        camel.removeRoute(route);
        server.stop();
    }

    @Test
    void theScansOfAProvenKnownSenderBecomePacketsAndTheMailStays() throws Exception {
        trust(SENDER);
        deliver(mail(SENDER, PROVEN)
                .attach("one.pdf", "application/pdf", packet("1"))
                .attach("two.pdf", "application/pdf", packet("2"))
                .attach("claims.zip", "application/zip", "PK no packet".getBytes(StandardCharsets.US_ASCII)));

        await().atMost(SOON).until(() -> packets().size() == 2);

        assertThat(packets()).extracting(CheckPacket::fileName).containsExactlyInAnyOrder("one.pdf", "two.pdf");
        CheckMail mail = only();
        assertThat(mail.state()).isEqualTo(CheckMail.State.ACCEPTED);
        assertThat(mail.authentication()).isEqualTo("dmarc=pass");
        assertThat(mail.attachments()).containsExactly("one.pdf", "two.pdf", "claims.zip");
        await().atMost(SOON).until(() -> attached(mail.id()).size() == 3);
        assertThat(attached(mail.id()).getLast().problem()).contains("neither a PDF");
        await().atMost(SOON).until(this::isSeen);
        assertThat(inMailbox()).as("it is never deleted").isOne();
    }

    @Test
    void aMailThatIsSeenTwiceMakesNoDifference() throws Exception {
        trust("@lockbox.example");
        byte[] mail = mail(SENDER, PROVEN)
                .attach("one.pdf", "application/pdf", packet("1"))
                .bytes();
        deliver(mail);
        await().atMost(SOON).until(() -> packets().size() == 1);
        await().atMost(SOON).until(this::isSeen);

        deliver(mail);
        await().atMost(SOON).until(() -> inMailbox() == 2 && isSeen());
        deliver(mail(SENDER, PROVEN).subject("Again").attach("same.pdf", "application/pdf", packet("1")));
        await().atMost(SOON).until(() -> mails().size() == 2);
        await().atMost(SOON)
                .until(() -> mails().stream().allMatch(one -> attached(one.id()).size() == 1));

        assertThat(packets()).hasSize(1);
    }

    @Test
    void anUnknownSenderWaitsUntilAPersonAcceptsIt() throws Exception {
        deliver(mail(SENDER, PROVEN).attach("one.pdf", "application/pdf", packet("1")));
        await().atMost(SOON).until(() -> !mails().isEmpty());
        CheckMail mail = only();
        assertThat(mail.state()).isEqualTo(CheckMail.State.QUARANTINED);
        assertThat(mail.reason()).contains("nobody said yet");
        assertThat(packets()).isEmpty();

        var clerk =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(clerk.get("/app/checks").body()).contains("1 in quarantine");
        assertThat(clerk.get("/app/checks/mail").body())
                .contains("one.pdf", SENDER, "dmarc=pass")
                .doesNotContain("trust the sender");
        assertThat(clerk.post("/app/checks/mail/%s/trust".formatted(mail.id()), Map.of())
                        .statusCode())
                .isEqualTo(403);
        assertThat(clerk.post("/app/checks/mail/%s/acceptance".formatted(mail.id()), Map.of())
                        .statusCode())
                .isEqualTo(302);

        assertThat(packets()).extracting(CheckPacket::fileName).containsExactly("one.pdf");
        assertThat(only().state()).isEqualTo(CheckMail.State.ACCEPTED);
        assertThat(clerk.get("/app/checks/mail").body())
                .contains("/app/checks/packets/" + packets().getFirst().id());
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.run(() -> books.bean(CheckMails.class).discard(mail.id(), "Too late")))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.CHANGED_MEANWHILE));
    }

    @Test
    void aKnownNameThatIsNotProvenWaitsToo() throws Exception {
        trust(SENDER);
        // Below what our server wrote stands what the sender wrote.
        deliver(mail(SENDER, NOT_PROVEN, PROVEN).attach("one.pdf", "application/pdf", packet("1")));
        await().atMost(SOON).until(() -> !mails().isEmpty());

        assertThat(only().state()).isEqualTo(CheckMail.State.QUARANTINED);
        assertThat(only().reason()).contains("not proven", "dmarc=fail");
        books.run(() -> books.bean(CheckMails.class).discard(only().id(), "Not ours"));

        assertThat(only().state()).isEqualTo(CheckMail.State.DISCARDED);
        assertThat(packets()).isEmpty();
        assertThat(only().attachments()).as("nothing of it is kept").isEmpty();
    }

    @Test
    void whoeverIsTrustedOnceIsKnownFromThenOn() throws Exception {
        deliver(mail(SENDER, PROVEN).attach("one.pdf", "application/pdf", packet("1")));
        await().atMost(SOON).until(() -> !mails().isEmpty());
        books.run(() -> books.bean(CheckMails.class).accept(only().id(), true));

        deliver(mail(SENDER, PROVEN).attach("two.pdf", "application/pdf", packet("2")));

        await().atMost(SOON).until(() -> packets().size() == 2);
        var senders = books.as(() -> books.bean(CheckMails.class).senders());
        assertThat(senders).extracting(CheckMails.Sender::pattern).containsExactly(SENDER);
    }

    @Test
    void d18_headersOfTheMailDoNotSteerCamelAndNothingOfItIsLogged(CapturedOutput log) throws Exception {
        trust(SENDER);
        deliver(mail(SENDER, PROVEN)
                .subject("Canaryfield, Tweetyanna")
                .header("CamelFileName", "../../etc/canary")
                .header("cAmElExecCommandExecutable", "/bin/sh")
                .header("mailboxOf", "somebody-else")
                .attach("Tweetyanna ../../Canaryfield.pdf", "application/pdf", packet("1")));

        await().atMost(SOON).until(() -> packets().size() == 1);
        assertThat(log.getAll()).doesNotContain("Canaryfield", "Tweetyanna", "p&ss=w(o)rd");
        assertThat(packets().getFirst().fileName()).doesNotContain("/");
    }

    @Test
    void whatIsNoMailWithScansGoesToQuarantine() throws Exception {
        trust(SENDER);
        deliver(mail(SENDER, PROVEN));
        await().atMost(SOON).until(() -> mails().size() == 1);
        assertThat(only().reason()).contains("nothing is attached");

        deliver("From: %s\r\nFrom: boss@hospital.example\r\nSubject: two\r\n\r\nx"
                .formatted(SENDER)
                .getBytes(StandardCharsets.US_ASCII));
        await().atMost(SOON).until(() -> mails().size() == 2);
        assertThat(mails().getFirst().reason()).contains("one sender");

        var many = mail(SENDER, PROVEN);
        for (int i = 0; i < 21; i++) {
            many.attach("scan-%d.pdf".formatted(i), "application/pdf", packet("m" + i));
        }
        deliver(many);
        await().atMost(SOON).until(() -> mails().size() == 3);
        assertThat(mails().getFirst().reason()).contains("more than 20");
        assertThat(packets()).isEmpty();
    }

    @Test
    void aMailThatIsTooLargeIsNotKeptButAPersonIsAskedAboutIt() throws Exception {
        trust(SENDER);
        byte[] mail = mail(SENDER, PROVEN)
                .attach("one.pdf", "application/pdf", packet("1"))
                .bytes();

        receive(new Sized(mail, 52_300_000, 0));
        receive(new Sized(mail, 52_300_000, 0));

        CheckMail large = only();
        assertThat(large.state()).isEqualTo(CheckMail.State.QUARANTINED);
        assertThat(large.sender()).isEqualTo(SENDER);
        assertThat(large.reason()).contains("it has 53 MB", "stays in its mailbox");
        assertThat(large.authentication()).isEqualTo("dmarc=pass");
        assertThat(packets()).isEmpty();
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.run(() -> books.bean(CheckMails.class).accept(large.id(), false)))
                .withMessageContaining("too large");
        var clerk =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(clerk.get("/app/checks/mail").body())
                .contains("53 MB", "Discard")
                .doesNotContain(">Accept<");
        books.run(() -> books.bean(CheckMails.class).discard(large.id(), "Uploaded by hand"));
        assertThat(only().state()).isEqualTo(CheckMail.State.DISCARDED);

        // A server that does not say how large it is.
        receive(new Sized(mail, -1, 41));
        assertThat(mails()).hasSize(2);
        assertThat(mails().getFirst().reason()).contains("it has 42 MB");
    }

    @Test
    void aSenderIsAnAddressOrADomain() {
        for (String wrong : List.of("scans", "@", "a@b", "*@example.org", "a b@example.org", "@example.org\nx@y.org")) {
            assertThatExceptionOfType(RuleViolation.class).as(wrong).isThrownBy(() -> trust(wrong));
        }
    }

    private void receive(MimeMessage message) throws Exception {
        var exchange = new DefaultExchange(camel);
        exchange.setProperty("mailboxOf", books.hospital.code());
        exchange.setProperty("authservId", US);
        exchange.getIn().setBody(message);
        context.getBean(CheckMailbox.class).receive(exchange);
    }

    /** As its server describes it, and with so many million bytes more. */
    private static final class Sized extends MimeMessage {

        private final int size;
        private final int millions;

        Sized(byte[] mail, int size, int millions) throws MessagingException {
            super(Session.getInstance(new Properties()), new ByteArrayInputStream(mail));
            this.size = size;
            this.millions = millions;
        }

        @Override
        public int getSize() {
            return size;
        }

        @Override
        public void writeTo(OutputStream to) throws IOException, MessagingException {
            super.writeTo(to);
            for (int i = 0; i < millions; i++) {
                to.write(new byte[1_000_000]);
            }
        }
    }

    private void trust(String sender) {
        books.run(() -> books.bean(CheckMails.class).addSender(sender));
    }

    private byte[] packet(String number) {
        return packets.computeIfAbsent(
                number,
                one -> PacketPdf.from("The Enclave")
                        .to("Hospital")
                        .check(one, books.today(), "The Enclave", "100.00", "One hundred and 00/100")
                        .digital());
    }

    private final Map<String, byte[]> packets = new java.util.HashMap<>();

    private List<CheckPacket> packets() {
        return books.as(() -> books.bean(CheckPackets.class).list(null, 10));
    }

    private List<CheckMail> mails() {
        return books.as(() -> books.bean(CheckMails.class).list(null, 10));
    }

    private CheckMail only() {
        assertThat(mails()).hasSize(1);
        return mails().getFirst();
    }

    private List<CheckMails.Attached> attached(UUID mail) {
        return books.as(() -> books.bean(CheckMails.class).attached(mail));
    }

    private void deliver(Drawn mail) throws Exception {
        deliver(mail.bytes());
    }

    private void deliver(byte[] mail) throws MessagingException {
        user.deliver(new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(mail)));
    }

    private boolean isSeen() throws FolderException {
        return messages().stream().allMatch(message -> message.getFlags().contains(Flags.Flag.SEEN));
    }

    private int inMailbox() throws FolderException {
        return messages().size();
    }

    private List<com.icegreen.greenmail.store.StoredMessage> messages() throws FolderException {
        return Objects.requireNonNull(server.getManagers().getImapHostManager().getInbox(user))
                .getMessages();
    }

    private static Drawn mail(String sender, String... authenticationResults) throws MessagingException {
        var mail = new Drawn();
        mail.message.addHeader("From", sender);
        for (int i = authenticationResults.length - 1; i >= 0; i--) {
            mail.results.addFirst(authenticationResults[i]);
        }
        return mail;
    }

    /** A mail as it lies in the mailbox. */
    private static final class Drawn {

        private final MimeMessage message = new MimeMessage(Session.getInstance(new Properties()));
        private final java.util.ArrayDeque<String> results = new java.util.ArrayDeque<>();
        private final MimeMultipart parts = new MimeMultipart();
        private String subject = "Checks of today";

        Drawn subject(String text) {
            subject = text;
            return this;
        }

        Drawn header(String name, String value) throws MessagingException {
            message.addHeader(name, value);
            return this;
        }

        Drawn attach(String name, String type, byte[] bytes) throws MessagingException {
            var part = new MimeBodyPart();
            part.setDataHandler(new DataHandler(new ByteArrayDataSource(bytes, type)));
            part.setFileName(name);
            parts.addBodyPart(part);
            return this;
        }

        byte[] bytes() throws Exception {
            var text = new MimeBodyPart();
            text.setText("See the attachments.");
            parts.addBodyPart(text, 0);
            message.setSubject(subject);
            message.setContent(parts);
            message.saveChanges();
            var bytes = new ByteArrayOutputStream();
            // The server that received it puts its results on top, in this order.
            for (String result : results) {
                bytes.write("Authentication-Results: %s\r\n".formatted(result).getBytes(StandardCharsets.US_ASCII));
            }
            message.writeTo(bytes);
            return bytes.toByteArray();
        }
    }
}
