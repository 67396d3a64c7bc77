package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Secrets;
import io.remitflow.intake.IntakeFile;
import io.remitflow.intake.IntakeFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** What banks return of our ACH refunds, what they tell us to change, and what they tell of payments that came in. */
@Service
public class AchReturns {

    private static final int LARGEST_FILE = 20_000_000;
    private static final String NO_LONGER_IN_USE =
            "The bank account it is about is no longer in use; nothing was changed";

    private final JdbcClient jdbc;
    private final IntakeFiles files;
    private final AchRows batches;
    private final RefundRows refunds;
    private final RefundBooking booking;
    private final AchDestinations destinations;
    private final AchAdvices advices;
    private final Secrets secrets;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    AchReturns(
            JdbcClient jdbc,
            IntakeFiles files,
            AchRows batches,
            RefundRows refunds,
            RefundBooking booking,
            AchDestinations destinations,
            AchAdvices advices,
            Secrets secrets,
            AuditLog audit,
            TransactionTemplate transactions,
            Clock clock) {
        this.jdbc = jdbc;
        this.files = files;
        this.batches = batches;
        this.refunds = refunds;
        this.booking = booking;
        this.destinations = destinations;
        this.advices = advices;
        this.secrets = secrets;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** Stores the file and does what it says, all of it or, if it is damaged, nothing; a file already known changes nothing. */
    public IntakeFile receive(String source, String originalName, InputStream bytes) {
        UUID id = files.receive(source, originalName, bytes).file().id();
        if (files.find(id).orElseThrow().state() == IntakeFile.State.RECEIVED) {
            try {
                NachaReader.Content content = NachaReader.read(text(id));
                transactions.executeWithoutResult(status -> apply(id, content));
            } catch (RuleViolation refused) {
                if (refused.refusal() != Refusal.FILE_REJECTED) {
                    throw refused;
                }
                files.reject(id, String.valueOf(refused.getMessage()));
            }
        }
        return files.find(id).orElseThrow();
    }

    /** What waits for a person first, then the newest. */
    @Transactional(readOnly = true)
    public List<AchReturn> list(boolean openOnly, int limit) {
        return jdbc.sql("""
                        select r.*, coalesce(f.currency, 'USD') as currency from refund_ach_returns r
                        left join billing_refunds f on f.org_id = r.org_id and f.id = r.refund_id
                        where not :open or r.state in ('unmatched', 'waiting')
                        order by (r.state in ('unmatched', 'waiting')) desc, r.id desc limit :limit
                        """)
                .param("open", openOnly)
                .param("limit", Math.clamp(limit, 1, 500))
                .query(AchReturns::item)
                .list();
    }

    @Transactional(readOnly = true)
    public AchReturn get(UUID id) {
        return find(id, "").orElseThrow(() -> RuleViolation.notFound("the return"));
    }

    @Transactional(readOnly = true)
    public long openCount() {
        return jdbc.sql("select count(*) from refund_ach_returns where state in ('unmatched', 'waiting')")
                .query(Long.class)
                .single();
    }

    /**
     * The signed-in person lets a notice of change take effect: the payee's bank account is entered as the bank says. If
     * another one took the place of the account that the notice is about, nothing changes, and the notice says so.
     */
    @Transactional
    public void confirm(UUID id) {
        AchReturn notice = lockOpen(id);
        UUID accountId = notice.accountId();
        if (notice.state() != AchReturn.State.WAITING || accountId == null) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "only a notice of change about a known account can be confirmed");
        }
        // What is corrected is the account the money was sent to: another one of this patient may be at another bank.
        AchDestination before = destinations
                .find(batches.entry(entryOf(id)).orElseThrow().destinationId())
                .orElseThrow();
        if (!before.usable()) {
            decide(id, AchReturn.State.DISMISSED, NO_LONGER_IN_USE);
            return;
        }
        Correction correction = Correction.of(
                notice.code(),
                corrected(id),
                before.routingNumber(),
                destinations.numberOf(before.id()),
                before.type());
        destinations.enter(accountId, correction.routing(), correction.number(), correction.type(), "notice");
        decide(id, AchReturn.State.CONFIRMED, notice.note());
    }

    /**
     * The signed-in person asked the bank, and the money is back although the file did not say it as it should: the whole
     * refund is taken back, as for any other return. Why is kept with it and in the history of the refund.
     */
    @Transactional
    public void takeBack(UUID id, String reason) {
        UUID refundId = get(id).refundId();
        String why = RefundReturns.howKnown(reason);
        if (refundId == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "nobody knows which refund this is a return of");
        }
        // The refund first, as for what a file says.
        refunds.lock(refundId);
        AchReturn open = lockOpen(id);
        AchRows.Sent entry = batches.entry(entryOf(id)).orElseThrow();
        if (open.notice()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a notice of change returns no money");
        }
        if (entry.returnCode() != null) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE, "this refund was returned before, as " + entry.returnCode());
        }
        batches.returned(entry.id(), open.code(), clock.instant());
        booking.takeBack(refundId, open.code(), "The bank returned it as %s. %s".formatted(open.code(), why));
        if (refunds.get(refundId).status() != RefundStatus.RETURNED) {
            throw new RuleViolation(Refusal.REFUND_NOT_IN_STATE, "its refund is not one that can come back now");
        }
        decide(id, AchReturn.State.APPLIED, "%s. Taken back: %s".formatted(open.note(), why));
    }

    /** The signed-in person looked, and there is nothing to do. */
    @Transactional
    public void dismiss(UUID id) {
        decide(id, AchReturn.State.DISMISSED, lockOpen(id).note());
    }

    private void apply(UUID fileId, NachaReader.Content content) {
        if (files.lock(fileId).state() != IntakeFile.State.RECEIVED) {
            return;
        }
        content.advices().forEach(advice -> advices.record(fileId, advice));
        booking.lock(content.items().stream()
                .filter(item -> !item.notice())
                .flatMap(item -> batches.ofTrace(item.originalTrace()).stream())
                .map(AchRows.Sent::refundId)
                .toList());
        for (NachaReader.Item item : content.items()) {
            if (item.notice()) {
                note(fileId, item);
            } else {
                takeBack(fileId, item);
            }
        }
        files.accept(fileId);
        audit.record(
                "ach-returns-received",
                "file",
                fileId.toString(),
                Map.of(
                        "items",
                        content.items().size(),
                        "advices",
                        content.advices().size()));
    }

    private void takeBack(UUID fileId, NachaReader.Item item) {
        AchRows.Sent entry = batches.ofTrace(item.originalTrace()).orElse(null);
        AchReturnCodes.Code code = AchReturnCodes.of(item.code()).orElse(null);
        if (entry == null) {
            insert(fileId, item, null, AchReturn.State.UNMATCHED, "No entry of ours has this trace number", null);
            return;
        }
        // The refund first: a return and its repetition in another file take turns.
        refunds.lock(entry.refundId());
        entry = batches.entry(entry.id()).orElseThrow();
        if (entry.returnCode() != null) {
            insert(fileId, item, entry, AchReturn.State.REPEATED, "Returned before as " + entry.returnCode(), null);
        } else if (code == null) {
            insert(
                    fileId,
                    item,
                    entry,
                    AchReturn.State.UNMATCHED,
                    "This code is not one for refunds; ask the bank",
                    null);
        } else if (entry.amountMinor() != item.amountMinor()) {
            insert(fileId, item, entry, AchReturn.State.UNMATCHED, "The amount is not the one that was sent", null);
        } else {
            batches.returned(entry.id(), item.code(), clock.instant());
            booking.takeBack(entry.refundId(), item.code(), "The bank returned it. " + code.words());
            if (code.destinationUnusable()) {
                destinations.unusable(entry.destinationId(), item.code() + " " + code.meaning());
            }
            insert(fileId, item, entry, AchReturn.State.APPLIED, code.words(), null);
        }
    }

    private void note(UUID fileId, NachaReader.Item item) {
        AchRows.Sent entry = batches.ofTrace(item.originalTrace()).orElse(null);
        if (entry == null) {
            insert(fileId, item, null, AchReturn.State.UNMATCHED, "No entry of ours has this trace number", null);
            return;
        }
        // Each is encrypted with a value of its own, so that only the clear texts can be compared.
        boolean known = jdbc
                .sql("""
                        select corrected_encrypted from refund_ach_returns
                        where entry_id = :entry and kind = 'notice' and code = :code
                        """)
                .param("entry", entry.id())
                .param("code", item.code())
                .query((row, index) -> row.getBytes(1))
                .list()
                .stream()
                .anyMatch(before -> secrets.decrypt(before).equals(item.corrected()));
        String shown = Correction.shown(item.code(), item.corrected());
        if (known) {
            insert(fileId, item, entry, AchReturn.State.REPEATED, "Told before", shown);
        } else if (shown == null) {
            insert(fileId, item, entry, AchReturn.State.UNMATCHED, "This change is for a person to make", null);
        } else {
            insert(fileId, item, entry, AchReturn.State.WAITING, "Change the bank account as its bank says?", shown);
        }
    }

    private String text(UUID fileId) {
        try (InputStream stored = files.open(fileId)) {
            byte[] bytes = stored.readNBytes(LARGEST_FILE + 1);
            if (bytes.length > LARGEST_FILE) {
                throw new RuleViolation(Refusal.FILE_REJECTED, "line 1: a file of returns has at most 20 MB");
            }
            return new String(bytes, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void insert(
            UUID fileId,
            NachaReader.Item item,
            AchRows.@Nullable Sent entry,
            AchReturn.State state,
            String note,
            @Nullable String shown) {
        UUID refundId = entry == null ? null : entry.refundId();
        jdbc.sql("""
                        insert into refund_ach_returns (org_id, id, file_id, position, kind, code, original_trace, amount,
                            entry_id, refund_id, account_id, state, note, corrected_encrypted, corrected_shown, recorded_at)
                        values (:org, :id, :file, :position, :kind, :code, :trace, :amount, :entry, :refund, :account, :state,
                            :note, :corrected, :shown, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("file", fileId)
                .param("position", item.line())
                .param("kind", item.notice() ? "notice" : "return")
                .param("code", item.code())
                .param("trace", item.originalTrace())
                .param("amount", item.amountMinor())
                .param("entry", entry == null ? null : entry.id(), java.sql.Types.OTHER)
                .param("refund", refundId, java.sql.Types.OTHER)
                .param(
                        "account",
                        refundId == null ? null : refunds.get(refundId).accountId(),
                        java.sql.Types.OTHER)
                .param("state", state.key())
                .param("note", note)
                .param("corrected", item.notice() ? secrets.encrypt(item.corrected()) : null, java.sql.Types.BINARY)
                .param("shown", shown)
                .param("now", Timestamp.from(clock.instant()))
                .update();
    }

    private String corrected(UUID id) {
        return secrets.decrypt(jdbc.sql("select corrected_encrypted from refund_ach_returns where id = :id")
                .param("id", id)
                .query((row, index) -> row.getBytes(1))
                .single());
    }

    private AchReturn lockOpen(UUID id) {
        AchReturn found = find(id, " for no key update of r").orElseThrow(() -> RuleViolation.notFound("the return"));
        if (!found.state().open()) {
            throw new RuleViolation(Refusal.TASK_ALREADY_DECIDED, "somebody decided about this already");
        }
        return found;
    }

    private UUID entryOf(UUID id) {
        return jdbc.sql("select entry_id from refund_ach_returns where id = :id")
                .param("id", id)
                .query(UUID.class)
                .single();
    }

    private void decide(UUID id, AchReturn.State state, String note) {
        jdbc.sql("""
                        update refund_ach_returns set state = :state, note = :note, decided_by = :by, decided_at = :now
                        where id = :id
                        """)
                .param("state", state.key())
                .param("note", note)
                .param("by", CurrentUser.id().value())
                .param("now", Timestamp.from(clock.instant()))
                .param("id", id)
                .update();
        audit.record("ach-return-" + state.key(), "ach-return", id.toString(), Map.of());
    }

    private Optional<AchReturn> find(UUID id, String suffix) {
        return jdbc.sql("""
                        select r.*, coalesce(f.currency, 'USD') as currency from refund_ach_returns r
                        left join billing_refunds f on f.org_id = r.org_id and f.id = r.refund_id
                        where r.id = :id
                        """ + suffix).param("id", id).query(AchReturns::item).optional();
    }

    private static AchReturn item(ResultSet row, int index) throws SQLException {
        return new AchReturn(
                row.getObject("id", UUID.class),
                row.getString("kind").equals("notice"),
                row.getString("code"),
                row.getString("original_trace"),
                Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                uuid(row, "refund_id"),
                uuid(row, "account_id"),
                AchReturn.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getString("note"),
                row.getString("corrected_shown"),
                row.getTimestamp("recorded_at").toInstant());
    }

    private static @Nullable UUID uuid(ResultSet row, String column) throws SQLException {
        return row.getObject(column, UUID.class);
    }

    /** A bank account as a notice of change would have it. */
    record Correction(String routing, String number, AchDestination.Type type) {

        static Correction of(String code, String corrected, String routing, String number, AchDestination.Type type) {
            String text = corrected + " ".repeat(Math.max(0, 29 - corrected.length()));
            return switch (code) {
                case "C01" -> new Correction(routing, text.substring(0, 17).strip(), type);
                case "C02" -> new Correction(text.substring(0, 9), number, type);
                case "C03" ->
                    new Correction(text.substring(0, 9), text.substring(12, 29).strip(), type);
                case "C05" -> new Correction(routing, number, type(text.substring(0, 2)));
                case "C06" -> new Correction(routing, text.substring(0, 17).strip(), type(text.substring(20, 22)));
                case "C07" ->
                    new Correction(text.substring(0, 9), text.substring(9, 26).strip(), type(text.substring(26, 28)));
                default -> throw new RuleViolation(Refusal.INVALID_INPUT, "no such change can be made by itself");
            };
        }

        /** Null: a change that only a person can make. */
        static @Nullable String shown(String code, String corrected) {
            try {
                Correction now = of(code, corrected, "", "", AchDestination.Type.CHECKING);
                String account = now.number().isEmpty() ? "" : "account ending " + AchDestinations.last4(now.number());
                String bank = now.routing().isEmpty() ? "" : "routing number " + now.routing();
                String kind = code.equals("C05") || code.equals("C06") || code.equals("C07")
                        ? now.type().key()
                        : "";
                return String.join(
                        ", ",
                        java.util.stream.Stream.of(bank, account, kind)
                                .filter(part -> !part.isEmpty())
                                .toList());
            } catch (RuleViolation unknown) {
                return null;
            }
        }

        private static AchDestination.Type type(String transactionCode) {
            return transactionCode.startsWith("3") ? AchDestination.Type.SAVINGS : AchDestination.Type.CHECKING;
        }
    }
}
