package io.remitflow.bank;

import static io.remitflow.ledger.StandardAccount.BANK_SUSPENSE;
import static io.remitflow.ledger.StandardAccount.CASH_OPERATING;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.PostedEntry;
import io.remitflow.refunds.RefundChecks;
import io.remitflow.remittance.CashEvidence;
import io.remitflow.remittance.CashKind;
import io.remitflow.remittance.CashReceipt;
import io.remitflow.remittance.Settlements;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Brings each line into the books once: money with a trace number to the settlement of its remittance, money with a key to
 * what waits for it in clearing, everything else to bank suspense, as of the day the bank booked it.
 */
@Component
class BankBookings {

    static final String MODULE = "bank";
    static final String LINE = "bank-line";

    private static final Logger log = LoggerFactory.getLogger(BankBookings.class);
    private static final int AT_ONCE = 1_000;
    private static final int MAX_HINT = 200;
    private static final int MAX_TRACE = 50;

    /** What NACHA prescribes as the description of a payer's EFT, and how banks introduce it. */
    private static final Pattern PAYER_MONEY = Pattern.compile("(?i)\\b(DES:\\s*)?HCCLAIMPMT\\b.*");

    private final BankRows rows;
    private final KeyedLines keyed;
    private final Settlements settlements;
    private final RefundChecks checks;
    private final Journal journal;
    private final JdbcClient jdbc;
    private final Clock clock;

    BankBookings(
            BankRows rows,
            KeyedLines keyed,
            Settlements settlements,
            RefundChecks checks,
            Journal journal,
            JdbcClient jdbc,
            Clock clock) {
        this.rows = rows;
        this.keyed = keyed;
        this.settlements = settlements;
        this.checks = checks;
        this.journal = journal;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * Compares all lines that wait with what is open in clearing.
     *
     * @return up to which position; empty if no line waits
     */
    @Transactional
    public OptionalLong compare() {
        rows.lock();
        return rows.planned(() -> {
            OptionalLong last = rows.lastUnbooked();
            last.ifPresent(keyed::compare);
            return last;
        });
    }

    /** @return how many were booked; none when nothing is left up to that position */
    @Transactional
    public int bookSome(long upTo) {
        rows.lock();
        Batch batch = rows.planned(() -> batch(upTo));
        List<Planned> entries = new ArrayList<>();
        for (BankLine line : batch.lines()) {
            KeyedLines.Hit hit = batch.hits().get(line.id());
            if (line.amount().isPositive() && isPayerMoney(line)) {
                remittance(line);
            } else if (line.amount().isNegative() && takenBack(line)) {
                log.info("Bank line {} takes a payment of a payer back", line.id());
            } else if (hit != null && clears(line, hit)) {
                entries.add(clearing(line, hit));
            } else {
                entries.add(suspense(
                        line,
                        Objects.requireNonNull(batch.waiting().get(line.id())).orElse(null)));
            }
        }
        post(entries);
        rows.booked(List.copyOf(batch.waiting().keySet()));
        return batch.waiting().size();
    }

    private record Batch(
            Map<UUID, Optional<BankRows.Finding>> waiting, Map<UUID, KeyedLines.Hit> hits, List<BankLine> lines) {}

    private Batch batch(long upTo) {
        Map<UUID, Optional<BankRows.Finding>> waiting = rows.unbooked(upTo, AT_ONCE);
        List<UUID> ids = List.copyOf(waiting.keySet());
        return new Batch(waiting, keyed.among(ids), rows.lines(ids));
    }

    /** A line with the entry that brings it into the books. */
    private record Planned(BankLine line, NewEntry entry, String counter, String rule, String evidence) {}

    private void post(List<Planned> entries) {
        List<PostedEntry> posted =
                journal.postAll(entries.stream().map(Planned::entry).toList());
        List<Booking> bookings = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Planned each = entries.get(i);
            bookings.add(new Booking(
                    each.line().id(),
                    each.counter(),
                    each.rule(),
                    each.evidence(),
                    null,
                    posted.get(i).id()));
        }
        insert(bookings);
    }

    private static boolean isPayerMoney(BankLine line) {
        return hasTrace(line) || PAYER_MONEY.matcher(line.description()).find();
    }

    private static boolean hasTrace(BankLine line) {
        return line.traceNumber().length() <= MAX_TRACE
                && line.traceNumber().chars().anyMatch(c -> c < 128 && Character.isLetterOrDigit(c));
    }

    private void remittance(BankLine line) {
        boolean traced = hasTrace(line);
        CashReceipt receipt =
                receive(line, traced ? line.traceNumber() : "", traced ? line.payerIdentifier() : "", payerHint(line));
        String evidence = traced ? "It repeats trace number " + line.traceNumber() : "It is described as HCCLAIMPMT";
        insert(List.of(new Booking(
                line.id(), "remittance", traced ? "trace-number" : "payer-money", evidence, receipt.id(), null)));
    }

    /** The same service that records money by hand: whoever recorded it before the bank did is not asked again. */
    private CashReceipt receive(BankLine line, String traceNumber, String payerIdentifier, String payerHint) {
        Money amount = line.amount();
        CashReceipt receipt = settlements.cashSeen(new CashEvidence(
                CashKind.EFT,
                sourceKey(line),
                traceNumber,
                payerIdentifier,
                payerHint,
                amount,
                Money.zero(amount.getCurrencyUnit()),
                line.bookedOn()));
        if (!line.accountCode().equals(CASH_OPERATING.code())) {
            journal.post(NewEntry.on(
                            line.bookedOn(),
                            MODULE,
                            "bank-line-account:" + line.id(),
                            "Payer money %s arrived on another account".formatted(receipt.number()))
                    .inOpenPeriod()
                    .reference(LINE, line.id())
                    .referenceNumber(receipt.number())
                    .debit(line.accountCode(), amount, null)
                    .credit(CASH_OPERATING, amount)
                    .build());
        }
        return receipt;
    }

    /** What stands before the description is the payer's name; what follows may name the payee. */
    private static String payerHint(BankLine line) {
        String text = line.counterparty().isEmpty()
                ? PAYER_MONEY.matcher(line.description()).replaceFirst("").strip()
                : line.counterparty();
        return PAYER_MONEY.matcher(line.description()).find()
                        || !line.counterparty().isEmpty()
                ? text.substring(0, Math.min(text.length(), MAX_HINT))
                : "";
    }

    /** The bank takes back exactly what it had credited under the same trace number. */
    private boolean takenBack(BankLine line) {
        if (!hasTrace(line)) {
            return false;
        }
        Optional<UUID> receiptId = jdbc.sql("""
                        select b.receipt_id from accounting_bank_lines l
                        join accounting_bank_bookings b on b.org_id = l.org_id and b.line_id = l.id and b.counter = 'remittance'
                        join billing_bank_receipts r on r.org_id = b.org_id and r.id = b.receipt_id and r.state = 'received'
                        where l.org_id = :org and l.bank_account_id = :account and upper(l.trace_number) = :trace
                          and l.amount = :amount and l.booked_on <= :day
                        order by l.booked_on desc limit 1
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("account", line.bankAccountId())
                .param("trace", line.traceNumber().toUpperCase(Locale.ROOT))
                .param("amount", -line.amount().getAmountMinorLong())
                .param("day", line.bookedOn())
                .query(UUID.class)
                .optional();
        if (receiptId.isEmpty()) {
            return false;
        }
        CashReceipt receipt = settlements.receipt(receiptId.get());
        if (line.bookedOn().isBefore(receipt.bankDate())) {
            return false;
        }
        settlements.takeBack(receipt.id(), line.bookedOn(), "The bank took it back on " + line.bookedOn());
        if (!line.accountCode().equals(CASH_OPERATING.code())) {
            journal.post(NewEntry.on(
                            line.bookedOn(),
                            MODULE,
                            "bank-line-account:" + line.id(),
                            "Payer money %s left another account".formatted(receipt.number()))
                    .inOpenPeriod()
                    .reference(LINE, line.id())
                    .referenceNumber(receipt.number())
                    .debit(CASH_OPERATING, line.amount().abs())
                    .credit(line.accountCode(), line.amount().abs(), null)
                    .build());
        }
        insert(List.of(new Booking(
                line.id(),
                "taken-back",
                "trace-number",
                "It takes back what came under trace number " + line.traceNumber(),
                receipt.id(),
                null)));
        return true;
    }

    /** A check of ours is cleared in its register too; if that does not know it as outstanding, a person must look. */
    private boolean clears(BankLine line, KeyedLines.Hit hit) {
        return !hit.reference().kind().equals("check")
                || line.amount().isPositive()
                || checks.cleared(hit.reference().value(), line.amount().abs(), line.bookedOn(), line.bankReference());
    }

    private static Planned clearing(BankLine line, KeyedLines.Hit hit) {
        NewEntry entry = cash(line, "Bank line cleared against %s".formatted(hit.reference()))
                .line(new NewEntry.Line(
                        hit.accountCode(),
                        line.amount().isNegative(),
                        line.amount().abs(),
                        hit.reference()))
                .build();
        return new Planned(
                line, entry, "clearing", "key-and-amount", "It carries %s in its amount".formatted(hit.reference()));
    }

    private static Planned suspense(BankLine line, BankRows.@Nullable Finding finding) {
        NewEntry entry = cash(line, "Bank line not identified")
                .move(BANK_SUSPENSE, line.amount().negated(), reference(line))
                .build();
        return new Planned(line, entry, "suspense", "none", evidence(finding));
    }

    private static String evidence(BankRows.@Nullable Finding finding) {
        String found = finding == null ? "unknown" : finding.key();
        String reference = finding == null ? "" : finding.reference();
        return switch (found) {
            case "several" -> "Several lines carry one reference in its amount, or this one carries several";
            case "currency" -> "It carries %s, which is open in another currency".formatted(reference);
            case "amount" -> "It carries %s, which is open in another amount".formatted(reference);
            case "settled" -> "It carries %s, which is settled already".formatted(reference);
            default -> "Nothing of ours carries its numbers in its amount";
        };
    }

    /** The cash side of a line: a debit for money that came in. */
    private static NewEntry.Builder cash(BankLine line, String description) {
        return NewEntry.on(line.bookedOn(), MODULE, sourceKey(line), description)
                .inOpenPeriod()
                .reference(LINE, line.id())
                .line(new NewEntry.Line(
                        line.accountCode(),
                        line.amount().isPositive(),
                        line.amount().abs(),
                        null));
    }

    static ClearingReference reference(BankLine line) {
        return new ClearingReference(LINE, line.id().toString());
    }

    private static String sourceKey(BankLine line) {
        return LINE + ":" + line.id();
    }

    private record Booking(
            UUID lineId,
            String counter,
            String rule,
            String evidence,
            @Nullable UUID receiptId,
            @Nullable UUID journalEntryId) {}

    private void insert(List<Booking> bookings) {
        int inserted = jdbc.sql("""
                        insert into accounting_bank_bookings (org_id, line_id, counter, rule, evidence, receipt_id,
                            journal_entry_id, booked_at)
                        select :org, line, counter, rule, evidence, receipt, entry, :now
                        from unnest(cast(:lines as uuid[]), :counters, :rules, :evidence, cast(:receipts as uuid[]),
                                    cast(:entries as uuid[])) as t (line, counter, rule, evidence, receipt, entry)
                        on conflict (org_id, line_id) do nothing
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("lines", column(bookings, booking -> booking.lineId().toString()))
                .param("counters", column(bookings, Booking::counter))
                .param("rules", column(bookings, Booking::rule))
                .param("evidence", column(bookings, Booking::evidence))
                .param("receipts", column(bookings, booking -> text(booking.receiptId())))
                .param("entries", column(bookings, booking -> text(booking.journalEntryId())))
                .param("now", Timestamp.from(clock.instant()), Types.TIMESTAMP)
                .update();
        if (inserted < bookings.size()) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "one of these bank lines is booked already");
        }
    }

    private static @Nullable String text(@Nullable UUID id) {
        return id == null ? null : id.toString();
    }

    private static @Nullable String[] column(List<Booking> bookings, Function<Booking, @Nullable String> value) {
        @Nullable String[] column = new @Nullable String[bookings.size()];
        for (int i = 0; i < column.length; i++) {
            column[i] = value.apply(bookings.get(i));
        }
        return column;
    }
}
