package io.remitflow.checks;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Scans that come by mail.
 *
 * <p>Attachments of a known sender for whom our own mail server vouches become packets like any upload. Every other mail
 * waits in quarantine until a person accepts or discards it. A mail that is fetched again changes nothing.
 */
@Service
public class CheckMails {

    /** Subject of timelines and audit entries. */
    public static final String SUBJECT = "check-mail";

    /** A larger mail stays in its mailbox; a person is told of it. */
    public static final int MOST_BYTES = 40_000_000;

    private static final Logger log = LoggerFactory.getLogger(CheckMails.class);
    private static final String SOURCE = "check-mail";
    private static final int MAX_NAME = 200;

    private final CheckMailRows rows;
    private final CheckPackets packets;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;

    CheckMails(
            CheckMailRows rows,
            CheckPackets packets,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions) {
        this.rows = rows;
        this.packets = packets;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
    }

    /** Whose scans are taken without asking: an address, or @ and a domain. */
    public record Sender(UUID id, String pattern, Instant since) {}

    /**
     * What became of an attachment.
     *
     * @param packetId null: it is none, or is not looked at yet
     */
    public record Attached(
            String name, @Nullable String problem, @Nullable UUID packetId) {}

    /**
     * Keeps a mail and, if nothing speaks against it, takes its attachments over. Committed when it returns.
     *
     * @param authservId under which our receiving mail server states what it found out about senders
     */
    public void receive(String authservId, byte[] mail) {
        receive(authservId, digest(mail), MailContent.read(mail), mail);
    }

    /**
     * Notes that a mail came which is too large to be kept, so that a person looks at it in its mailbox.
     *
     * @param headers as they stand in the mail; what it is known by, together with its size
     */
    public void receiveTooLarge(String authservId, byte[] headers, long size) {
        MailContent read = MailContent.read(headers);
        var content = new MailContent(
                read.sender(),
                read.subject(),
                read.authenticationResults(),
                List.of(),
                "it has %d MB, and more than %d MB are not taken over: it stays in its mailbox"
                        .formatted(Math.ceilDiv(size, 1_000_000L), MOST_BYTES / 1_000_000));
        receive(authservId, "%s-%d".formatted(digest(headers), size), content, null);
    }

    private void receive(String authservId, String digest, MailContent content, byte @Nullable [] mail) {
        if (Boolean.TRUE.equals(transactions.execute(status -> rows.isKnown(digest)))) {
            return;
        }
        SenderProof proof = SenderProof.of(content.authenticationResults(), authservId, content.sender());
        UUID id = Ids.next();
        String reason = Objects.requireNonNull(transactions.execute(status -> {
            String against = against(content, proof);
            rows.lockQuarantine();
            if (rows.insert(
                    id,
                    digest,
                    content,
                    shortened(FreeText.clean(content.subject())),
                    proof.text(),
                    content.attachments().stream().map(CheckMails::shownName).toList(),
                    against.isEmpty() ? null : against,
                    mail)) {
                if (!against.isEmpty() && rows.quarantined() == 1) {
                    // However many come after it, it is one task.
                    messages.publish(CheckReviewSteps.MAIL_QUARANTINED, id.toString(), Map.of("mailId", id.toString()));
                }
                timeline.add(SUBJECT, id, against.isEmpty() ? "Received" : "Put into quarantine", against);
                audit.record(
                        "check-mail-received",
                        SUBJECT,
                        id.toString(),
                        Map.of("attachments", content.attachments().size(), "quarantined", !against.isEmpty()));
            }
            return against;
        }));
        if (reason.isEmpty()) {
            deliver(id);
        } else {
            log.info("Mail {} with scans waits in quarantine", id);
        }
    }

    /**
     * A person vouches for it.
     *
     * @param remember whether its sender is known from now on
     */
    public void accept(UUID id, boolean remember) {
        transactions.executeWithoutResult(status -> {
            CheckMail mail = inQuarantine(id);
            if (!mail.kept()) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT,
                        "the mail is too large to be taken over: upload its scans from the mailbox, and discard it here");
            }
            UUID by = CurrentUser.id().value();
            rows.decided(id, CheckMail.State.ACCEPTED, by, null);
            if (remember && !mail.sender().isEmpty()) {
                addSender(mail.sender(), by);
            }
            tellIfCleared();
            timeline.add(SUBJECT, id, "Accepted", remember ? "Its sender is known from now on" : "");
            audit.record("check-mail-accepted", SUBJECT, id.toString(), Map.of("remembered", remember));
        });
        deliver(id);
    }

    /** Nothing of it is kept but that it came. */
    @Transactional
    public void discard(UUID id, String reason) {
        String why = Checks.required(reason);
        inQuarantine(id);
        rows.decided(id, CheckMail.State.DISCARDED, CurrentUser.id().value(), why);
        tellIfCleared();
        timeline.add(SUBJECT, id, "Discarded", why);
        audit.record("check-mail-discarded", SUBJECT, id.toString(), Map.of());
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public List<CheckMail> list(CheckMail.@Nullable State state, int limit) {
        return rows.list(state, Math.clamp(limit, 1, 200));
    }

    @Transactional(readOnly = true)
    public CheckMail get(UUID id) {
        return rows.find(id).orElseThrow(CheckMails::unknown);
    }

    @Transactional(readOnly = true)
    public List<Attached> attached(UUID id) {
        return rows.files(id);
    }

    /** How many wait for a person. */
    @Transactional(readOnly = true)
    public long quarantined() {
        return rows.quarantined();
    }

    @Transactional(readOnly = true)
    public List<Sender> senders() {
        return rows.senders();
    }

    @Transactional
    public void addSender(String pattern) {
        String clean = pattern.strip().toLowerCase(Locale.ROOT);
        if (!clean.matches("[\\x21-\\x7e&&[^@<>\"*]]{0,64}@[a-z0-9-]+(\\.[a-z0-9-]+)+") || clean.length() > MAX_NAME) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a sender is an address, such as scans@example.org, or @ and a domain");
        }
        addSender(clean, CurrentUser.id().value());
    }

    @Transactional
    public void removeSender(UUID id) {
        String pattern = rows.removeSender(id).orElseThrow(() -> RuleViolation.notFound("the sender"));
        audit.record("check-mail-sender-removed", SUBJECT, id.toString(), Map.of("pattern", pattern));
    }

    /** Goes on with mails that were accepted, but not taken over. */
    void resumeInterrupted() {
        List<UUID> interrupted = transactions.execute(status -> rows.undelivered(Duration.ofMinutes(5)));
        Objects.requireNonNull(interrupted).forEach(this::deliver);
    }

    /** By the same door as every scan. Repeating it changes nothing: the same bytes are received once. */
    private void deliver(UUID id) {
        byte[] mail = transactions.execute(status -> rows.content(id).orElse(null));
        if (mail == null) {
            return;
        }
        int position = 0;
        for (MailContent.Attachment attachment : MailContent.read(mail).attachments()) {
            position++;
            take(id, position, attachment);
        }
        transactions.executeWithoutResult(status -> rows.delivered(id));
    }

    private void take(UUID id, int position, MailContent.Attachment attachment) {
        String name = shownName(attachment);
        UUID fileId = null;
        String problem = null;
        try {
            fileId = packets.receive(SOURCE, attachment.name(), new ByteArrayInputStream(attachment.bytes()))
                    .file()
                    .id();
        } catch (RuleViolation refused) {
            problem = String.valueOf(refused.getMessage());
        }
        UUID file = fileId;
        String why = problem;
        transactions.executeWithoutResult(status -> rows.insertFile(id, position, name, file, why));
    }

    private String against(MailContent mail, SenderProof proof) {
        if (!mail.problem().isEmpty()) {
            return mail.problem();
        }
        if (!rows.isKnownSender(mail.sender())) {
            return "nobody said yet that scans of this sender are taken";
        }
        return proof.proven() ? "" : "the sender is not proven: " + proof.text();
    }

    private void tellIfCleared() {
        if (rows.quarantined() == 0) {
            messages.publish(
                    CheckReviewSteps.QUARANTINE_CLEARED,
                    CurrentOrganization.id().value().toString(),
                    Map.of());
        }
    }

    private CheckMail inQuarantine(UUID id) {
        rows.lockQuarantine();
        CheckMail mail = rows.lock(id).orElseThrow(CheckMails::unknown);
        if (mail.state() != CheckMail.State.QUARANTINED) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE,
                    "the mail is %s already".formatted(mail.state().key()));
        }
        return mail;
    }

    private void addSender(String pattern, UUID by) {
        rows.addSender(pattern, by);
        audit.record("check-mail-sender-added", SUBJECT, pattern, Map.of("pattern", pattern));
    }

    private static String shownName(MailContent.Attachment attachment) {
        return shortened(FreeText.clean(attachment.name()));
    }

    private static String shortened(String text) {
        return text.substring(0, Math.min(text.length(), MAX_NAME));
    }

    private static String digest(byte[] mail) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(mail));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RuleViolation unknown() {
        return RuleViolation.notFound("the mail");
    }
}
