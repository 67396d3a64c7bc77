package io.remitflow.refunds;

import io.remitflow.core.BusinessDays;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.NumberSeries;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Person;
import io.remitflow.identity.Secrets;
import io.remitflow.identity.Users;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.ProcessMessages;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * ACH files: all approved ACH refunds of the organization that may leave, in one batch, released by a person who
 * neither requested nor approved any of them.
 */
@Service
@Transactional
public class AchBatches {

    private static final int LARGEST_BATCH = 2_000;
    private static final String MODIFIERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private final AchRows batches;
    private final RefundRows refunds;
    private final RefundApprovals approvals;
    private final RefundBooking booking;
    private final AchOriginators originators;
    private final AchDestinations destinations;
    private final Payments payments;
    private final PatientAccounts accounts;
    private final Users users;
    private final Organizations organizations;
    private final NumberSeries numbers;
    private final Secrets secrets;
    private final ProcessMessages messages;
    private final AuditLog audit;
    private final Clock clock;

    AchBatches(
            AchRows batches,
            RefundRows refunds,
            RefundApprovals approvals,
            RefundBooking booking,
            AchOriginators originators,
            AchDestinations destinations,
            Payments payments,
            PatientAccounts accounts,
            Users users,
            Organizations organizations,
            NumberSeries numbers,
            Secrets secrets,
            ProcessMessages messages,
            AuditLog audit,
            Clock clock) {
        this.batches = batches;
        this.refunds = refunds;
        this.approvals = approvals;
        this.booking = booking;
        this.originators = originators;
        this.destinations = destinations;
        this.payments = payments;
        this.accounts = accounts;
        this.users = users;
        this.organizations = organizations;
        this.numbers = numbers;
        this.secrets = secrets;
        this.messages = messages;
        this.audit = audit;
        this.clock = clock;
    }

    /** @param obstacle why the signed-in person cannot release it now; null: it would be in the batch */
    public record Candidate(
            Refund refund,
            @Nullable AchDestination destination,
            @Nullable String obstacle) {}

    /** What waits for a batch, as the signed-in person sees it. */
    @Transactional(readOnly = true)
    public List<Candidate> waiting() {
        Person person = users.find(CurrentUser.id()).orElse(null);
        return refunds.readyForAch(LARGEST_BATCH).stream()
                .map(refund -> {
                    AchDestination destination =
                            destinations.find(refund.achDestinationId()).orElse(null);
                    return new Candidate(refund, destination, obstacle(refund, destination, person));
                })
                .toList();
    }

    /**
     * Books everything that may leave and writes the file; all or nothing. The route {@code ach-outbox} hands it to the
     * bank afterwards.
     *
     * @throws RuleViolation if nothing may leave, or the originator is not set up
     */
    public UUID release() {
        AchOriginator originator = originators.lock();
        Person person = users.find(CurrentUser.id()).orElseThrow(() -> RuleViolation.notFound("the person"));
        List<RefundCase> leaving = new ArrayList<>();
        String first = null;
        for (Refund refund : refunds.readyForAch(LARGEST_BATCH)) {
            RefundCase locked = refunds.lock(refund.id());
            AchDestination destination =
                    destinations.find(locked.state().achDestinationId()).orElse(null);
            String obstacle = isReady(locked.state())
                    ? obstacle(locked.state(), destination, person)
                    : "it is no longer waiting for a batch";
            if (obstacle == null) {
                leaving.add(locked);
            } else if (first == null) {
                first = refund.number() + ": " + obstacle;
            }
        }
        if (leaving.isEmpty()) {
            throw new RuleViolation(
                    Refusal.REFUND_NOT_IN_STATE,
                    first == null ? "no approved refund waits for a batch" : "nothing may leave now; " + first);
        }
        return release(originator, person, leaving);
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public List<AchBatch> list(int limit) {
        return batches.list(limit);
    }

    @Transactional(readOnly = true)
    public AchBatch get(UUID id) {
        return batches.find(id).orElseThrow(() -> RuleViolation.notFound("the batch"));
    }

    @Transactional(readOnly = true)
    public List<AchBatch.Entry> entries(UUID id) {
        return batches.entries(get(id));
    }

    /** The file with full account numbers, for a person who uploads it to the bank; that they took it is recorded. */
    public byte[] file(UUID id) {
        AchBatch batch = get(id);
        audit.record("ach-file-taken", "ach-batch", id.toString(), Map.of("file", batch.fileName()));
        return content(id);
    }

    /** Takes a file that nobody has begun to write; committed before it is written, so that no crash writes it twice. */
    public Optional<AchBatch> takeToSend() {
        return batches.takeToSend(clock.instant());
    }

    /** For the route only. */
    @Transactional(readOnly = true)
    public byte[] content(UUID id) {
        return secrets.decrypt(batches.content(id)).getBytes(StandardCharsets.US_ASCII);
    }

    public void sent(UUID id) {
        batches.sent(id, clock.instant());
        audit.record("ach-file-sent", "ach-batch", id.toString(), Map.of());
    }

    /**
     * A person looked whether the bank has a file whose writing was interrupted.
     *
     * @param arrived false: it is written again
     */
    public void settleSending(UUID id, boolean arrived) {
        AchBatch batch = get(id);
        if (batch.state() != AchBatch.State.SENDING) {
            throw new RuleViolation(Refusal.REFUND_NOT_IN_STATE, "batch %s is not in doubt".formatted(batch.number()));
        }
        if (arrived) {
            batches.sent(id, clock.instant());
        } else {
            batches.sendAgain(id);
        }
        audit.record("ach-file-settled", "ach-batch", id.toString(), Map.of("arrived", arrived));
    }

    private UUID release(AchOriginator originator, Person person, List<RefundCase> leaving) {
        booking.lock(leaving.stream().map(refund -> refund.state().id()).toList());
        UUID id = Ids.next();
        LocalDateTime now =
                LocalDateTime.ofInstant(clock.instant(), organizations.current().timeZone());
        long sequence = batches.count() + 1;
        String number = numbers.next("ACH");
        LocalDate effective = effectiveOn(now, originator.cutOff());
        LocalDate last = BusinessDays.after(effective, originator.returnWindowDays());
        long trace = batches.entryCount();
        List<NachaFile.Entry> entries = new ArrayList<>();
        for (RefundCase refund : leaving) {
            entries.add(entry(refund.state(), originator.odfi(), ++trace));
        }
        NachaFile file = new NachaFile(
                originator,
                now,
                modifier(now.toLocalDate()),
                sequence % 10_000_000,
                effective,
                number.substring(6).replace("-", ""),
                entries);
        String text = file.text();
        batches.insert(
                id,
                new AchRows.NewBatch(
                        number,
                        sequence,
                        number + ".ach",
                        effective,
                        last,
                        entries.size(),
                        file.totalMinor(),
                        file.entryHash(),
                        secrets.encrypt(text),
                        digest(text),
                        person.id()),
                clock.instant());
        String finalAt = last.plusDays(1)
                .atStartOfDay(organizations.current().timeZone())
                .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
        for (int i = 0; i < leaving.size(); i++) {
            RefundCase refund = leaving.get(i);
            batches.insertEntry(id, refund.state(), entries.get(i).trace());
            booking.release(refund, number, person.id());
            messages.publish("refunds.ach-sent", refund.state().id().toString(), Map.of("achFinalAt", finalAt));
        }
        audit.record(
                "ach-batch-released",
                "ach-batch",
                id.toString(),
                Map.of("number", number, "entries", entries.size(), "amountMinor", file.totalMinor()));
        return id;
    }

    private NachaFile.Entry entry(Refund refund, RoutingNumber odfi, long trace) {
        AchDestination destination =
                destinations.find(refund.achDestinationId()).orElseThrow(() -> RuleViolation.notFound("the account"));
        return new NachaFile.Entry(
                new RoutingNumber(destination.routingNumber()),
                destinations.numberOf(destination.id()),
                destination.type(),
                refund.amount().getAmountMinorLong(),
                refund.number(),
                payee(refund),
                odfi.withoutCheckDigit() + "%07d".formatted(trace % 10_000_000));
    }

    private String payee(Refund refund) {
        var account = accounts.get(refund.accountId());
        String family = account.familyName();
        String given = account.givenName();
        return family == null ? account.number() : given == null ? family : given + " " + family;
    }

    private @Nullable String obstacle(Refund refund, @Nullable AchDestination destination, @Nullable Person person) {
        if (destination == null) {
            return "it has no bank account yet";
        }
        if (!destination.usable()) {
            return "its bank account cannot be used any more";
        }
        if (!refund.amount().getCurrencyUnit().getCode().equals("USD")) {
            return "ACH carries US dollars only";
        }
        if (refund.amount().isGreaterThan(payments.get(refund.paymentId()).refundable())) {
            return "its payment no longer covers it";
        }
        return Authority.toSendByAch(refund, destination, approvals.ofVersion(refund), person)
                .map(Authority.Refused::reason)
                .orElse(null);
    }

    private static boolean isReady(Refund refund) {
        return refund.status() == RefundStatus.PROCESSING
                && refund.method() == RefundMethod.ACH
                && refund.step().equals(RefundSteps.AWAIT_ACH)
                && refund.holdReason() == null
                && !refund.left();
    }

    /** The next business day; after the cut-off or on a day without business, the one after it. */
    static LocalDate effectiveOn(LocalDateTime now, LocalTime cutOff) {
        LocalDate today = now.toLocalDate();
        boolean inTime = BusinessDays.isBusinessDay(today) && now.toLocalTime().isBefore(cutOff);
        return BusinessDays.after(today, inTime ? 1 : 2);
    }

    private char modifier(LocalDate today) {
        int before = batches.countOn(today, organizations.current().timeZone().getId());
        if (before >= MODIFIERS.length()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "36 files a day are all that an ACH file can tell apart");
        }
        return MODIFIERS.charAt(before);
    }

    private static String digest(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
