package io.remitflow.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.UserId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Manual entries while people write them. A draft is no part of the books until it is posted. */
@Service
public class JournalDrafts {

    public static final int MAX_LINES = 500;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final JdbcClient jdbc;
    private final Journal journal;
    private final Organizations organizations;
    private final AuditLog audit;
    private final Clock clock;

    JournalDrafts(JdbcClient jdbc, Journal journal, Organizations organizations, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.journal = journal;
        this.organizations = organizations;
        this.audit = audit;
        this.clock = clock;
    }

    @Transactional(readOnly = true)
    public Optional<JournalDraft> find(UUID id) {
        return jdbc.sql("select * from accounting_journal_drafts where org_id = :org and id = :id")
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .query((row, number) -> read(row))
                .optional();
    }

    @Transactional(readOnly = true)
    public List<JournalDraft> open() {
        return jdbc.sql("""
                        select * from accounting_journal_drafts
                         where org_id = :org and status = 'draft' order by entry_date, id
                        """)
                .param("org", CurrentOrganization.id().value())
                .query((row, number) -> read(row))
                .list();
    }

    /** The same key with the same content is the same draft. */
    @Transactional
    public UUID create(DraftContent content, @Nullable String idempotencyKey) {
        requireSound(content);
        if (idempotencyKey != null && (idempotencyKey.isBlank() || idempotencyKey.length() > 200)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an idempotency key has 1 to 200 characters");
        }
        var id = Ids.next();
        String lines = json(content.lines());
        int inserted = jdbc.sql("""
                        insert into accounting_journal_drafts (org_id, id, entry_date, entry_type, reference_number,
                               description, currency, lines, idempotency_key, content_hash, created_by, created_at,
                               updated_by, updated_at)
                        values (:org, :id, :date, :type, :reference, :description, :currency, :lines::jsonb, :key, :hash,
                                :by, :now, :by, :now)
                        on conflict (org_id, idempotency_key) do nothing
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("date", content.date())
                .param("type", content.type().key())
                .param("reference", content.referenceNumber(), Types.VARCHAR)
                .param("description", content.description())
                .param("currency", currency(content))
                .param("lines", lines)
                .param("key", idempotencyKey, Types.VARCHAR)
                .param("hash", hash(content, lines))
                .param("by", user(), Types.OTHER)
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
        return inserted == 1 ? id : createdBefore(content, lines, idempotencyKey);
    }

    @Transactional
    public void update(UUID id, DraftContent content, int version) {
        requireSound(content);
        var draft = lockedDraft(id);
        if (draft.version() != version) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "somebody else has changed this draft");
        }
        jdbc.sql("""
                        update accounting_journal_drafts set entry_date = :date, entry_type = :type,
                               reference_number = :reference, description = :description, currency = :currency,
                               lines = :lines::jsonb, version = version + 1, updated_by = :by, updated_at = :now
                         where org_id = :org and id = :id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("date", content.date())
                .param("type", content.type().key())
                .param("reference", content.referenceNumber(), Types.VARCHAR)
                .param("description", content.description())
                .param("currency", currency(content))
                .param("lines", json(content.lines()))
                .param("by", user(), Types.OTHER)
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
    }

    /** Posting a draft that is posted already changes nothing. */
    @Transactional
    public PostedEntry post(UUID id) {
        var draft = locked(id);
        if (draft.status() == JournalDraft.Status.VOID) {
            throw notADraft();
        }
        if (draft.status() == JournalDraft.Status.POSTED) {
            var entry = journal.find(id).orElseThrow();
            return new PostedEntry(id, entry.number(), true);
        }
        var content = draft.content();
        var entry = NewEntry.on(content.date(), "manual", "manual:" + id, content.description())
                .type(content.type())
                .referenceNumber(content.referenceNumber());
        content.lines().forEach(entry::line);
        var posted = journal.post(id, entry.build());
        jdbc.sql("update accounting_journal_drafts set status = 'posted' where org_id = :org and id = :id")
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .update();
        audit.record("journal-entry.posted", "journal-entry", id.toString(), Map.of("number", posted.number()));
        return posted;
    }

    @Transactional
    public void discard(UUID id, String reason) {
        if (reason.isBlank() || reason.length() > 500) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "discarding needs a reason of at most 500 characters");
        }
        lockedDraft(id);
        jdbc.sql("""
                        update accounting_journal_drafts
                           set status = 'void', voided_by = :by, voided_at = :now, void_reason = :reason
                         where org_id = :org and id = :id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("by", user(), Types.OTHER)
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .param("reason", reason.strip())
                .update();
        audit.record("journal-draft.discarded", "journal-entry", id.toString(), Map.of());
    }

    private UUID createdBefore(DraftContent content, String lines, @Nullable String idempotencyKey) {
        return jdbc.sql("""
                        select id, content_hash from accounting_journal_drafts
                         where org_id = :org and idempotency_key = :key
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("key", idempotencyKey, Types.VARCHAR)
                .query((row, number) -> {
                    if (!row.getString("content_hash").equals(hash(content, lines))) {
                        throw new RuleViolation(
                                Refusal.IDEMPOTENCY_KEY_REUSED, "this idempotency key was used with other content");
                    }
                    return row.getObject("id", UUID.class);
                })
                .single();
    }

    private JournalDraft lockedDraft(UUID id) {
        var draft = locked(id);
        if (draft.status() != JournalDraft.Status.DRAFT) {
            throw notADraft();
        }
        return draft;
    }

    private JournalDraft locked(UUID id) {
        return jdbc.sql("select * from accounting_journal_drafts where org_id = :org and id = :id for no key update")
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .query((row, number) -> read(row))
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("journal entry"));
    }

    private static RuleViolation notADraft() {
        return new RuleViolation(Refusal.ENTRY_NOT_A_DRAFT, "only a draft can be changed, posted or discarded");
    }

    private void requireSound(DraftContent content) {
        if (content.description().isBlank() || content.description().length() > NewEntry.MAX_TEXT) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an entry needs a description of at most 500 characters");
        }
        if (content.referenceNumber() != null && content.referenceNumber().length() > 100) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a reference number has at most 100 characters");
        }
        if (content.type() == EntryType.REVERSING) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a reversal is made from the entry it reverses");
        }
        if (content.lines().size() > MAX_LINES) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a draft has at most %d lines".formatted(MAX_LINES));
        }
        if (content.lines().stream()
                        .map(line -> line.amount().getCurrencyUnit())
                        .distinct()
                        .count()
                > 1) {
            throw new RuleViolation(Refusal.ENTRY_NOT_BALANCED, "one entry cannot mix currencies");
        }
        if (content.lines().stream()
                .anyMatch(line -> line.text() != null && line.text().length() > NewEntry.MAX_TEXT)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the text of a line has at most 500 characters");
        }
    }

    private String currency(DraftContent content) {
        return content.lines().isEmpty()
                ? organizations.current().currency().getCode()
                : content.lines().getFirst().amount().getCurrencyUnit().getCode();
    }

    private static @Nullable UUID user() {
        return CurrentUser.find().map(UserId::value).orElse(null);
    }

    private static JournalDraft read(ResultSet row) throws SQLException {
        UUID createdBy = row.getObject("created_by", UUID.class);
        return new JournalDraft(
                row.getObject("id", UUID.class),
                JournalDraft.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
                new DraftContent(
                        row.getObject("entry_date", LocalDate.class),
                        EntryType.ofKey(row.getString("entry_type")),
                        row.getString("reference_number"),
                        row.getString("description"),
                        lines(row.getString("lines"), row.getString("currency"))),
                row.getInt("version"),
                createdBy == null ? null : new UserId(createdBy),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("void_reason"));
    }

    private static String hash(DraftContent content, String lines) {
        String text = String.join(
                "\u001f",
                content.date().toString(),
                content.type().key(),
                String.valueOf(content.referenceNumber()),
                content.description(),
                lines);
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String json(List<NewEntry.Line> lines) {
        try {
            return JSON.writeValueAsString(lines.stream().map(StoredLine::of).toList());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("lines of a draft cannot be written", e);
        }
    }

    private static List<NewEntry.Line> lines(String json, String currency) {
        try {
            return JSON.readValue(json, new TypeReference<List<StoredLine>>() {}).stream()
                    .map(line -> line.toLine(currency))
                    .toList();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("lines of a draft cannot be read", e);
        }
    }

    /** A line as it lies in the column {@code lines}. */
    private record StoredLine(
            String account,
            boolean debit,
            long amountMinor,
            @Nullable String clearingKind,
            @Nullable String clearingValue,
            @Nullable String text,
            @Nullable UUID costCenter) {

        static StoredLine of(NewEntry.Line line) {
            var clearing = line.clearing();
            return new StoredLine(
                    line.accountCode(),
                    line.debit(),
                    line.amount().getAmountMinorLong(),
                    clearing == null ? null : clearing.kind(),
                    clearing == null ? null : clearing.value(),
                    line.text(),
                    line.costCenterId());
        }

        NewEntry.Line toLine(String currency) {
            var clearing = clearingKind == null || clearingValue == null
                    ? null
                    : new ClearingReference(clearingKind, clearingValue);
            return new NewEntry.Line(
                    account, debit, Amounts.ofMinor(amountMinor, currency), clearing, text, null, null, costCenter);
        }
    }
}
