package io.remitflow.checks;

import io.remitflow.checks.PaperCheckRows.NewCheck;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.intake.IntakeFile;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.intake.Received;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** Scanned packets: received once, read once, and staged as checks that a person reviews. Nothing is applied here. */
@Service
public class CheckPackets {

    /** Subject of timelines and audit entries. */
    public static final String SUBJECT = "check-packet";

    private static final int MOST_CHECKS = 200;
    private static final int MOST_READINGS = 3;
    private static final String BY_HAND = "manual";

    private final PacketRows packets;
    private final Checks checks;
    private final CheckReaders readers;
    private final IntakeFiles files;
    private final NumberSeries numbers;
    private final Organizations organizations;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final TransactionTemplate ownTransactions;

    CheckPackets(
            PacketRows packets,
            Checks checks,
            CheckReaders readers,
            IntakeFiles files,
            NumberSeries numbers,
            Organizations organizations,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            TransactionTemplate transactions,
            PlatformTransactionManager transactionManager) {
        this.packets = packets;
        this.checks = checks;
        this.readers = readers;
        this.files = files;
        this.numbers = numbers;
        this.organizations = organizations;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.transactions = transactions;
        this.ownTransactions = new TransactionTemplate(transactionManager);
        ownTransactions.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    }

    /** Keeps the bytes and, if they are a packet, asks for its reading. The same bytes again change nothing. */
    public ReceivedPacket receive(String source, String originalName, InputStream bytes) {
        Received received = files.receive(source, originalName, bytes);
        UUID fileId = received.file().id();
        if (received.file().state() == IntakeFile.State.RECEIVED && files.begin(fileId)) {
            take(fileId);
        }
        IntakeFile file = files.find(fileId).orElseThrow();
        UUID packet = transactions.execute(
                status -> packets.ofFile(fileId).map(CheckPacket::id).orElse(null));
        if (packet == null && file.state() == IntakeFile.State.ACCEPTED) {
            throw new RuleViolation(Refusal.FILE_REJECTED, "These bytes were received before, as something else");
        }
        return new ReceivedPacket(file, packet, received.repeated());
    }

    /** Goes on with files that were stored, but not looked at. */
    void resumeInterrupted() {
        for (String source : List.of("check-inbox", "check-upload", "check-import", "check-mail")) {
            for (IntakeFile file : files.undecided(source, Duration.ofMinutes(5), 20)) {
                if (files.begin(file.id())) {
                    take(file.id());
                }
            }
        }
    }

    /**
     * Reads the packet and stages its checks. Once: repeating it changes nothing. A packet whose reading was begun some times
     * and never came to an end is left to people: it may have ended the application.
     */
    public void read(UUID packetId) {
        CheckPacket packet = known(packetId);
        if (packet.isRead()) {
            return;
        }
        // Committed before a byte is looked at.
        boolean begun =
                Boolean.TRUE.equals(ownTransactions.execute(status -> packets.beginReading(packetId, MOST_READINGS)));
        stage(packetId, begun ? reading(packet) : neverEnds());
    }

    private CheckReading reading(CheckPacket packet) {
        try {
            return readers.read(content(packet));
        } catch (RuntimeException e) {
            // The reader is away, which is not the packet's fault.
            ownTransactions.executeWithoutResult(status -> packets.readingFailed(packet.id()));
            throw e;
        }
    }

    private static CheckReading neverEnds() {
        return CheckReading.nothing(
                BY_HAND,
                "Its reading was begun %d times and never came to an end: enter by hand what it shows"
                        .formatted(MOST_READINGS));
    }

    /** For a packet that no reader gets done with: a person enters what is in it. */
    public void enterByHand(UUID packetId) {
        if (known(packetId).isRead()) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "the packet was read meanwhile");
        }
        stage(packetId, CheckReading.nothing(BY_HAND, "A person enters what is in it"));
    }

    @Transactional(readOnly = true)
    public CheckPacket get(UUID id) {
        return known(id);
    }

    /** Newest first; {@code after} is the id of the last one already seen. */
    @Transactional(readOnly = true)
    public List<CheckPacket> list(@Nullable UUID after, int limit) {
        return packets.list(after, Math.clamp(limit, 1, 200));
    }

    /** Those that nobody has read yet, the one that waits longest first. */
    @Transactional(readOnly = true)
    public List<CheckPacket> unread(int limit) {
        return packets.unread(Math.clamp(limit, 1, 200));
    }

    /** A page as a picture, from 1. */
    public byte[] page(UUID packetId, int page) {
        return PacketInspection.png(content(known(packetId)), page);
    }

    private CheckPacket known(UUID id) {
        return Objects.requireNonNull(transactions.execute(
                status -> packets.find(id).orElseThrow(() -> RuleViolation.notFound("the packet"))));
    }

    private void take(UUID fileId) {
        try {
            PacketContent content = PacketInspection.inspect(bytes(fileId));
            transactions.executeWithoutResult(status -> accept(fileId, content));
        } catch (RuleViolation refused) {
            if (refused.refusal() != Refusal.FILE_REJECTED) {
                throw refused;
            }
            files.reject(fileId, String.valueOf(refused.getMessage()));
        }
    }

    private void accept(UUID fileId, PacketContent content) {
        if (files.lock(fileId).state() != IntakeFile.State.RECEIVED) {
            return;
        }
        UUID id = Ids.next();
        files.accept(fileId);
        packets.insert(id, numbers.next("CP"), fileId, content);
        timeline.add(SUBJECT, id, "Received", "%d pages".formatted(content.pageCount()));
        audit.record("check-packet-received", SUBJECT, id.toString(), Map.of("pages", content.pageCount()));
        messages.publish(CheckReviewSteps.PACKET_RECEIVED, id.toString(), Map.of("packetId", id.toString()));
    }

    void stage(UUID packetId, CheckReading reading) {
        transactions.executeWithoutResult(status -> {
            CheckPacket packet = packets.lock(packetId).orElseThrow();
            if (packet.isRead()) {
                return;
            }
            List<NewCheck> found = new ArrayList<>();
            CurrencyUnit currency = organizations.current().currency();
            reading.checks().stream().limit(MOST_CHECKS).forEach(one -> found.add(newCheck(one, packet, currency)));
            if (found.isEmpty()) {
                found.add(blank(packet));
            }
            found.forEach(one -> checks.stage(packetId, currency.getCode(), one));
            packets.staged(packetId, reading.reader(), FreeText.cleanOrNull(note(reading)));
            timeline.add(
                    SUBJECT,
                    packetId,
                    "Read",
                    "%d checks, by %s".formatted(reading.checks().size(), reading.reader()));
        });
    }

    /** What was read and is not staged is told, so that somebody looks for it in the picture. */
    private static @Nullable String note(CheckReading reading) {
        List<String> notes = new ArrayList<>();
        if (reading.note() != null) {
            notes.add(reading.note());
        }
        if (reading.checks().size() > MOST_CHECKS) {
            notes.add(
                    "The reader found %d checks, of which the first %d are here: send the rest as a packet of their own"
                            .formatted(reading.checks().size(), MOST_CHECKS));
        }
        if (reading.checks().stream().anyMatch(check -> check.lines().size() > Checks.MAX_LINES)) {
            notes.add("A stub has more than %d lines: compare it with the picture".formatted(Checks.MAX_LINES));
        }
        return notes.isEmpty() ? null : String.join(". ", notes);
    }

    private PacketContent content(CheckPacket packet) {
        return new PacketContent(bytes(packet.fileId()), packet.mediaType(), packet.pageCount());
    }

    private byte[] bytes(UUID fileId) {
        try (InputStream stream = files.open(fileId)) {
            byte[] bytes = stream.readNBytes(PacketInspection.MOST_BYTES + 1);
            if (bytes.length > PacketInspection.MOST_BYTES) {
                throw new RuleViolation(
                        Refusal.FILE_REJECTED,
                        "The file is larger than %,d bytes".formatted(PacketInspection.MOST_BYTES));
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static NewCheck newCheck(CheckReading.Found found, CheckPacket packet, CurrencyUnit currency) {
        Money courtesy = money(found.courtesyAmount(), currency);
        Money legal = money(found.legalAmount(), currency);
        List<RemittanceLine> lines = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < found.lines().size(); i++) {
            CheckReading.Line line = found.lines().get(i);
            Money amount = money(line.amount(), currency);
            if (amount != null && lines.size() < Checks.MAX_LINES) {
                lines.add(new RemittanceLine(
                        lines.size() + 1, line.invoiceNumber(), line.date(), amount.getAmountMinorLong(), null));
                numbers.add(i + 1);
            }
        }
        Money proposed = legal == null ? courtesy : legal;
        var fields = new CheckFields(
                found.checkNumber(),
                found.date(),
                found.payerName(),
                found.payeeName(),
                found.memo(),
                proposed != null && proposed.isPositive() ? proposed : null,
                lines,
                Set.of());
        int first = Math.clamp(found.firstPage(), 1, packet.pageCount());
        return new NewCheck(
                Checks.cleaned(fields),
                courtesy == null ? null : courtesy.getAmountMinorLong(),
                legal == null ? null : legal.getAmountMinorLong(),
                found.signed(),
                found.confidence() == null ? null : Math.clamp(found.confidence(), 0, 100),
                first,
                Math.clamp(found.lastPage(), first, packet.pageCount()),
                FieldBox.withLines(found.boxes(), numbers));
    }

    private static NewCheck blank(CheckPacket packet) {
        var fields = new CheckFields(null, null, null, null, null, null, List.of(), Set.of());
        return new NewCheck(fields, null, null, null, null, 1, packet.pageCount(), Map.of());
    }

    /** What no ledger accepts was misread. */
    private static @Nullable Money money(@Nullable BigDecimal amount, CurrencyUnit currency) {
        if (amount == null || amount.abs().compareTo(BigDecimal.valueOf(1_000_000_000)) > 0) {
            return null;
        }
        try {
            return Money.of(currency, Objects.requireNonNull(amount), RoundingMode.UNNECESSARY);
        } catch (ArithmeticException e) {
            return null;
        }
    }
}
