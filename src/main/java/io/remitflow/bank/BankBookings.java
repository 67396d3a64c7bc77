package io.remitflow.bank;

import static io.remitflow.ledger.StandardAccount.BANK_SUSPENSE;
import static io.remitflow.ledger.StandardAccount.CASH_OPERATING;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.refunds.RefundChecks;
import io.remitflow.remittance.CashEvidence;
import io.remitflow.remittance.CashKind;
import io.remitflow.remittance.CashReceipt;
import io.remitflow.remittance.Settlements;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
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
    private static final int AT_ONCE = 100;
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

    /** @return how many were booked; none when nothing is left */
    @Transactional
    public int bookSome() {
        rows.lock();
        List<UUID> ids = rows.unbooked(AT_ONCE);
        Map<UUID, KeyedLines.Hit> hits = keyed.among(ids);
        for (BankLine line : rows.lines(ids)) {
            book(line, hits.get(line.id()));
        }
        return ids.size();
    }

    private void book(BankLine line, KeyedLines.@Nullable Hit hit) {
        if (line.amount().isPositive() && isPayerMoney(line)) {
            remittance(line);
        } else if (line.amount().isNegative() && takenBack(line)) {
            log.info("Bank line {} takes a payment of a payer back", line.id());
        } else if (hit != null && clears(line, hit)) {
            clearing(line, hit);
        } else {
            suspense(line);
        }
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
        insert(line, "remittance", traced ? "trace-number" : "payer-money", evidence, receipt.id(), null);
    }

    /** The same service that records money by hand: whoever recorded it before the bank did is not asked again. */
    CashReceipt receive(BankLine line, String traceNumber, String payerIdentifier, String payerHint) {
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
        insert(
                line,
                "taken-back",
                "trace-number",
                "It takes back what came under trace number " + line.traceNumber(),
                receipt.id(),
                null);
        return true;
    }

    /** A check of ours is cleared in its register too; if that does not know it as outstanding, a person must look. */
    private boolean clears(BankLine line, KeyedLines.Hit hit) {
        return !hit.reference().kind().equals("check")
                || line.amount().isPositive()
                || checks.cleared(hit.reference().value(), line.amount().abs(), line.bookedOn(), line.bankReference());
    }

    private void clearing(BankLine line, KeyedLines.Hit hit) {
        UUID entry = journal.post(cash(line, "Bank line cleared against %s".formatted(hit.reference()))
                        .line(new NewEntry.Line(
                                hit.accountCode(),
                                line.amount().isNegative(),
                                line.amount().abs(),
                                hit.reference()))
                        .build())
                .id();
        insert(
                line,
                "clearing",
                "key-and-amount",
                "It carries %s in its amount".formatted(hit.reference()),
                null,
                entry);
    }

    private void suspense(BankLine line) {
        UUID entry = journal.post(cash(line, "Bank line not identified")
                        .move(BANK_SUSPENSE, line.amount().negated(), reference(line))
                        .build())
                .id();
        insert(line, "suspense", "none", "Nothing of ours carries its numbers in its amount", null, entry);
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

    /** Takes a line out of suspense again, with the cash it had brought: its receipt books both anew. */
    void release(BankLine line, LocalDate today) {
        journal.post(
                NewEntry.on(today, MODULE, "bank-line-released:" + line.id(), "Bank line identified as payer money")
                        .inOpenPeriod()
                        .reference(LINE, line.id())
                        .line(new NewEntry.Line(
                                line.accountCode(),
                                line.amount().isNegative(),
                                line.amount().abs(),
                                null))
                        .move(BANK_SUSPENSE, line.amount(), reference(line))
                        .build());
    }

    static ClearingReference reference(BankLine line) {
        return new ClearingReference(LINE, line.id().toString());
    }

    private static String sourceKey(BankLine line) {
        return LINE + ":" + line.id();
    }

    @Transactional(propagation = Propagation.MANDATORY)
    void insert(
            BankLine line,
            String counter,
            String rule,
            String evidence,
            @Nullable UUID receiptId,
            @Nullable UUID journalEntryId) {
        int inserted = jdbc.sql("""
                        insert into accounting_bank_bookings (org_id, line_id, counter, rule, evidence, receipt_id,
                            journal_entry_id, booked_at)
                        values (:org, :line, :counter, :rule, :evidence, :receipt, :entry, :now)
                        on conflict (org_id, line_id) do nothing
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("line", line.id())
                .param("counter", counter)
                .param("rule", rule)
                .param("evidence", evidence)
                .param("receipt", receiptId, Types.OTHER)
                .param("entry", journalEntryId, Types.OTHER)
                .param("now", Timestamp.from(clock.instant()), Types.TIMESTAMP)
                .update();
        if (inserted == 0) {
            throw new RuleViolation(
                    io.remitflow.core.Refusal.CHANGED_MEANWHILE, "bank line %s is booked already".formatted(line.id()));
        }
    }
}
