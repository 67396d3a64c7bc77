package io.remitflow.checks;

import jakarta.mail.Address;
import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;

/**
 * A mail with what is attached to it. Its texts are not read.
 *
 * @param sender the address in From; empty if there is not exactly one
 * @param problem why nobody should take it without looking; empty: none
 */
record MailContent(
        String sender,
        String subject,
        List<String> authenticationResults,
        List<Attachment> attachments,
        String problem) {

    static final int MOST_ATTACHMENTS = 20;

    private static final int MOST_LEVELS = 8;
    private static final int MOST_PARTS = 200;

    MailContent {
        authenticationResults = List.copyOf(authenticationResults);
        attachments = List.copyOf(attachments);
    }

    /** Its name is whatever the sender wrote. */
    record Attachment(String name, byte[] bytes) {}

    static MailContent read(byte[] mail) {
        var attachments = new ArrayList<Attachment>();
        String sender = "";
        String subject = "";
        List<String> results = List.of();
        try {
            var message = new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(mail));
            sender = sender(message);
            subject = Objects.requireNonNullElse(message.getSubject(), "");
            String[] headers = message.getHeader("Authentication-Results");
            results = headers == null ? List.of() : Arrays.asList(headers);
            collect(message, attachments, 0, new int[1]);
        } catch (MessagingException | IOException | RuntimeException e) {
            return new MailContent(sender, subject, results, attachments, "the mail is damaged");
        }
        String problem = "";
        if (sender.isEmpty()) {
            problem = "it does not name one sender";
        } else if (attachments.isEmpty()) {
            problem = "nothing is attached to it";
        } else if (attachments.size() > MOST_ATTACHMENTS) {
            problem = "it has more than %d attachments".formatted(MOST_ATTACHMENTS);
        }
        return new MailContent(sender, subject, results, attachments, problem);
    }

    private static String sender(MimeMessage message) throws MessagingException {
        String[] headers = message.getHeader("From");
        Address[] from = message.getFrom();
        if (headers == null || headers.length != 1 || from == null || from.length != 1) {
            return "";
        }
        String address = from[0] instanceof InternetAddress internet
                ? Objects.requireNonNullElse(internet.getAddress(), "").toLowerCase(Locale.ROOT)
                : "";
        return address.matches("[\\x21-\\x7e&&[^@<>\"]]{1,64}@[a-z0-9.-]{1,190}") ? address : "";
    }

    private static void collect(Part part, List<Attachment> into, int level, int[] seen)
            throws MessagingException, IOException {
        if (level > MOST_LEVELS || ++seen[0] > MOST_PARTS) {
            throw new MessagingException("it has too many parts");
        }
        if (part.isMimeType("multipart/*") && part.getContent() instanceof Multipart parts) {
            for (int i = 0; i < parts.getCount(); i++) {
                BodyPart child = parts.getBodyPart(i);
                collect(child, into, level + 1, seen);
            }
        } else if (part.isMimeType("message/rfc822") && part.getContent() instanceof Part forwarded) {
            collect(forwarded, into, level + 1, seen);
        } else if (isAttachment(part)) {
            try (InputStream bytes = part.getInputStream()) {
                into.add(new Attachment(
                        Objects.requireNonNullElse(part.getFileName(), "attachment"), bytes.readAllBytes()));
            }
        }
    }

    /** Not the text, and not the pictures that belong to it. */
    private static boolean isAttachment(Part part) throws MessagingException {
        boolean attached = Part.ATTACHMENT.equalsIgnoreCase(part.getDisposition());
        if (part.isMimeType("image/*") && !attached) {
            String[] ids = part.getHeader("Content-ID");
            return ids == null || ids.length == 0;
        }
        return attached || part.getFileName() != null || part.isMimeType("application/pdf");
    }
}
