package io.remitflow.bank;

import static io.remitflow.ledger.StandardAccount.BANK_FEES;
import static io.remitflow.ledger.StandardAccount.BANK_INTEREST;
import static io.remitflow.ledger.StandardAccount.BANK_SUSPENSE;
import static io.remitflow.ledger.StandardAccount.INTEREST_EXPENSE;
import static io.remitflow.ledger.StandardAccount.MERCHANT_FEES;
import static io.remitflow.ledger.StandardAccount.OTHER_OPERATING_REVENUE;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.JournalEntry;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Takes lines out of bank suspense that no record of ours waits for: fees and interest, what another line takes back, and
 * money that an entry had booked before the bank showed it. Always by a new entry, dated on the day of the line or, if that
 * is closed, in the next open period. Each line is explained once; the second time, with the same words, changes nothing.
 */
@Service
@Transactional
public class BankExplanations {

    private static final int MAX_REASON = 300;

    /** What a line may be booked to. Everything else has a process of its own, or is an entry that an accountant writes. */
    private static final List<StandardAccount> ACCOUNTS =
            List.of(BANK_FEES, MERCHANT_FEES, BANK_INTEREST, INTEREST_EXPENSE, OTHER_OPERATING_REVENUE);

    private final BankRows rows;
    private final Journal journal;
    private final AuditLog audit;
    private final JdbcClient jdbc;
    private final Clock clock;

    BankExplanations(BankRows rows, Journal journal, AuditLog audit, JdbcClient jdbc, Clock clock) {
        this.rows = rows;
        this.journal = journal;
        this.audit = audit;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** The accounts that {@link #toAccount} takes. */
    public static List<StandardAccount> accounts() {
        return ACCOUNTS;
    }

    /** @return the entry */
    public UUID toAccount(UUID lineId, String accountCode, String reason) {
        StandardAccount account = ACCOUNTS.stream()
                .filter(each -> each.code().equals(accountCode.strip()))
                .findFirst()
                .orElseThrow(() -> new RuleViolation(
                        Refusal.INVALID_INPUT, "a bank line is not booked to account %s here".formatted(accountCode)));
        String why = required(reason);
        rows.lock();
        Optional<Explanation> known = find(lineId);
        if (known.isPresent()) {
            return same(known.get(), account.code().equals(known.get().accountCode()));
        }
        BankLine line = inSuspense(lineId);
        UUID entry = journal.post(entry(line, line.bookedOn(), why)
                        .move(account, line.amount().negated(), null)
                        .build())
                .id();
        insert(lineId, "account", account.code(), null, null, entry, why);
        note("bank-line.booked", lineId, Map.of("account", account.code(), "reason", why));
        return entry;
    }

    /**
     * Two lines of the same amount that leave nothing to explain: one takes the other back, or they are both sides of a
     * transfer between two accounts of ours.
     *
     * @return the entry
     */
    public UUID offset(UUID lineId, UUID otherId, String reason) {
        String why = required(reason);
        rows.lock();
        Optional<Explanation> known = find(lineId);
        if (known.isPresent()) {
            return same(known.get(), otherId.equals(known.get().otherLineId()));
        }
        BankLine line = inSuspense(lineId);
        BankLine other = inSuspense(otherId);
        if (!line.amount().plus(other.amount()).isZero()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the two lines do not add up to nothing");
        }
        LocalDate date = line.bookedOn().isAfter(other.bookedOn()) ? line.bookedOn() : other.bookedOn();
        UUID entry = journal.post(entry(line, date, why)
                        .move(BANK_SUSPENSE, other.amount(), BankBookings.reference(other))
                        .build())
                .id();
        insert(lineId, "offset", null, otherId, null, entry, why);
        insert(otherId, "offset", null, lineId, null, entry, why);
        note("bank-line.offset", lineId, Map.of("other", otherId.toString(), "reason", why));
        return entry;
    }

    /**
     * An entry had booked this money on the account before the bank showed it, such as cash that was deposited: the line's
     * own booking is taken back against suspense.
     *
     * @return the entry that does
     */
    public UUID alreadyBooked(UUID lineId, UUID cashEntryId, String reason) {
        String why = required(reason);
        rows.lock();
        Optional<Explanation> known = find(lineId);
        if (known.isPresent()) {
            return same(known.get(), cashEntryId.equals(known.get().cashEntryId()));
        }
        BankLine line = inSuspense(lineId);
        requireBooks(cashEntryId, line);
        UUID entry = journal.post(entry(line, line.bookedOn(), why)
                        .line(new NewEntry.Line(
                                line.accountCode(),
                                line.amount().isNegative(),
                                line.amount().abs(),
                                null))
                        .build())
                .id();
        insert(lineId, "cash-entry", null, null, cashEntryId, entry, why);
        note("bank-line.booked-before", lineId, Map.of("entry", cashEntryId.toString(), "reason", why));
        return entry;
    }

    private void requireBooks(UUID entryId, BankLine line) {
        JournalEntry booked = journal.find(entryId).orElseThrow(() -> RuleViolation.notFound("the entry"));
        Money onAccount = booked.lines().stream()
                .filter(each -> each.accountCode().equals(line.accountCode()))
                .map(each -> each.debit().minus(each.credit()))
                .reduce(Money.zero(line.amount().getCurrencyUnit()), Money::plus);
        boolean ofBank = jdbc.sql("""
                        select exists (select from accounting_bank_bookings where org_id = :org and journal_entry_id = :entry)
                            or exists (select from accounting_bank_explanations where org_id = :org and journal_entry_id = :entry)
                        """)
                .param("org", organization())
                .param("entry", entryId)
                .query(Boolean.class)
                .single();
        boolean taken = jdbc.sql(
                        "select exists (select from accounting_bank_explanations where org_id = :org and cash_entry_id = :entry)")
                .param("org", organization())
                .param("entry", entryId)
                .query(Boolean.class)
                .single();
        if (taken) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "this entry has a line of the bank already");
        }
        if (ofBank || !onAccount.equals(line.amount())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "this entry does not book the amount of the line on the account of the bank");
        }
    }

    /** Takes the line out of suspense; the other side is still to be added. */
    private NewEntry.Builder entry(BankLine line, LocalDate date, String reason) {
        return NewEntry.on(date, BankBookings.MODULE, "bank-line-explained:" + line.id(), reason)
                .inOpenPeriod()
                .reference(BankBookings.LINE, line.id())
                .move(BANK_SUSPENSE, line.amount(), BankBookings.reference(line));
    }

    /** A suggestion for the line lapses: it is settled otherwise. */
    private BankLine inSuspense(UUID lineId) {
        BankLine line = rows.line(lineId);
        if (line.state() != BankLine.State.SUSPENSE && line.state() != BankLine.State.SUGGESTED) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "this bank line is not in suspense any more");
        }
        if (line.state() == BankLine.State.SUGGESTED) {
            UUID match = jdbc.sql("""
                            update accounting_bank_matches m set status = 'lapsed', decided_at = :now, reason = 'Settled otherwise'
                            from accounting_bank_match_parts p
                            where m.org_id = :org and m.status = 'suggested' and p.org_id = m.org_id and p.match_id = m.id
                              and p.side = 'line' and p.part_id = :line and p.active
                            returning m.id
                            """)
                    .param("org", organization())
                    .param("line", lineId)
                    .param("now", Timestamp.from(clock.instant()), Types.TIMESTAMP)
                    .query(UUID.class)
                    .single();
            jdbc.sql("update accounting_bank_match_parts set active = false where org_id = :org and match_id = :id")
                    .param("org", organization())
                    .param("id", match)
                    .update();
        }
        return line;
    }

    private record Explanation(
            @Nullable String accountCode,
            @Nullable UUID otherLineId,
            @Nullable UUID cashEntryId,
            UUID entryId) {}

    private static UUID same(Explanation known, boolean agrees) {
        if (!agrees) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "this bank line was explained otherwise meanwhile");
        }
        return known.entryId();
    }

    private Optional<Explanation> find(UUID lineId) {
        return jdbc.sql("""
                        select account_code, other_line_id, cash_entry_id, journal_entry_id from accounting_bank_explanations
                        where org_id = :org and line_id = :line
                        """)
                .param("org", organization())
                .param("line", lineId)
                .query((row, number) -> new Explanation(
                        row.getString(1),
                        row.getObject(2, UUID.class),
                        row.getObject(3, UUID.class),
                        Objects.requireNonNull(row.getObject(4, UUID.class))))
                .optional();
    }

    private void insert(
            UUID lineId,
            String kind,
            @Nullable String accountCode,
            @Nullable UUID otherLineId,
            @Nullable UUID cashEntryId,
            UUID entryId,
            String reason) {
        jdbc.sql("""
                        insert into accounting_bank_explanations (org_id, line_id, kind, account_code, other_line_id,
                            cash_entry_id, journal_entry_id, reason, explained_by, explained_at)
                        values (:org, :line, :kind, :account, :other, :cash, :entry, :reason, :by, :now)
                        """)
                .param("org", organization())
                .param("line", lineId)
                .param("kind", kind)
                .param("account", accountCode, Types.VARCHAR)
                .param("other", otherLineId, Types.OTHER)
                .param("cash", cashEntryId, Types.OTHER)
                .param("entry", entryId)
                .param("reason", reason)
                .param("by", CurrentUser.id().value())
                .param("now", Timestamp.from(clock.instant()), Types.TIMESTAMP)
                .update();
    }

    private void note(String action, UUID lineId, Map<String, Object> facts) {
        audit.record(action, BankBookings.LINE, lineId.toString(), facts);
    }

    private static String required(String reason) {
        if (reason.isBlank() || reason.strip().length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say in 1 to 300 characters what it is");
        }
        return reason.strip();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
