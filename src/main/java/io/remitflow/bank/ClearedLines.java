package io.remitflow.bank;

import io.remitflow.core.CardNumbers;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.JournalEntry;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Lines that were cleared by the key they carry, without a person: what they are can be undone, too. */
@Service
@Transactional
public class ClearedLines {

    private static final int MAX_PAGE = 200;

    private final BankRows rows;
    private final MatchRows matches;
    private final MatchBooking booking;
    private final OpenRecords open;
    private final Journal journal;
    private final AuditLog audit;

    ClearedLines(
            BankRows rows, MatchRows matches, MatchBooking booking, OpenRecords open, Journal journal, AuditLog audit) {
        this.rows = rows;
        this.matches = matches;
        this.booking = booking;
        this.open = open;
        this.journal = journal;
        this.audit = audit;
    }

    /** Those of a bank account in a period, the latest first. */
    @Transactional(readOnly = true)
    public List<BankLine> of(UUID bankAccountId, LocalDate from, LocalDate to, int limit) {
        return rows.cleared(bankAccountId, from, to, Math.clamp(limit, 1, MAX_PAGE));
    }

    /** What undoing it would do. Looks only; {@link #undo} checks again. */
    @Transactional(readOnly = true)
    public BankMatches.UndoEffects undoEffects(UUID lineId) {
        BankLine line = cleared(lineId);
        JournalEntry entry = entry(line);
        return new BankMatches.UndoEffects(
                List.of(line),
                List.of(record(line, entry)),
                List.of(entry),
                line.amount(),
                booking.kept(line, entry).orElse(null));
    }

    /**
     * A person says that the line is not what its key says: its entry is reversed, the line is in bank suspense, and what it
     * had cleared is open again. The matcher does not suggest the two again.
     *
     * @return the match that keeps what was undone
     * @throws RuleViolation {@link Refusal#MATCH_NOT_UNDOABLE} if it was not cleared by its key, or not any more, or if
     *     something depends on it
     */
    public UUID undo(UUID lineId, String reason) {
        rows.lock();
        BankLine line = cleared(lineId);
        JournalEntry entry = entry(line);
        String why = CardNumbers.removedFrom(BankMatches.reason(reason, "say in 1 to 300 characters why it is undone"));
        booking.kept(line, entry).ifPresent(kept -> {
            throw new RuleViolation(Refusal.MATCH_NOT_UNDOABLE, kept);
        });
        BankMatch.Record record = record(line, entry);
        UUID match = matches.insertUndoneClearing(line, record, entry.id(), why);
        booking.reverse(line, entry, why);
        audit.record(
                "bank-line.clearing-undone",
                BankBookings.LINE,
                lineId.toString(),
                Map.of("entry", entry.number(), "reason", why));
        return match;
    }

    private BankLine cleared(UUID lineId) {
        BankLine line = rows.line(lineId);
        if (line.state() != BankLine.State.CLEARED) {
            throw new RuleViolation(
                    Refusal.MATCH_NOT_UNDOABLE,
                    "this line is not cleared by its key: it is %s"
                            .formatted(line.state().key()));
        }
        return line;
    }

    private JournalEntry entry(BankLine line) {
        UUID id = line.journalEntryId();
        return (id == null ? java.util.Optional.<JournalEntry>empty() : journal.find(id))
                .orElseThrow(() -> RuleViolation.notFound("the entry of the line"));
    }

    private BankMatch.Record record(BankLine line, JournalEntry entry) {
        return open.matched(OpenRecords.REFERENCE, rows.referenceOf(entry.id()), line.amount());
    }
}
