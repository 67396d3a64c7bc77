package io.remitflow.bank;

import static io.remitflow.ledger.StandardAccount.BANK_SUSPENSE;
import static io.remitflow.ledger.StandardAccount.CASH_OPERATING;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.FiscalPeriods;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.JournalEntry;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.OpenReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.refunds.RefundChecks;
import io.remitflow.remittance.CashEvidence;
import io.remitflow.remittance.CashKind;
import io.remitflow.remittance.CashReceipt;
import io.remitflow.remittance.Settlement;
import io.remitflow.remittance.Settlements;
import io.remitflow.remittance.Settlements.AssignedMoney;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The entries of an accepted match, and their reversals. Locks are taken in one order: checks, settlements, then whatever a
 * posting takes.
 */
@Component
class MatchBooking {

    private final MatchRows rows;
    private final BankRows lines;
    private final Settlements settlements;
    private final Clearing clearing;
    private final ChartOfAccounts chart;
    private final RefundChecks checks;
    private final Journal journal;
    private final FiscalPeriods periods;
    private final BankAccounts accounts;
    private final Organizations organizations;
    private final ObjectProvider<MatchDependents> dependents;

    MatchBooking(
            MatchRows rows,
            BankRows lines,
            Settlements settlements,
            Clearing clearing,
            ChartOfAccounts chart,
            RefundChecks checks,
            Journal journal,
            FiscalPeriods periods,
            BankAccounts accounts,
            Organizations organizations,
            ObjectProvider<MatchDependents> dependents) {
        this.rows = rows;
        this.lines = lines;
        this.settlements = settlements;
        this.clearing = clearing;
        this.chart = chart;
        this.checks = checks;
        this.journal = journal;
        this.periods = periods;
        this.accounts = accounts;
        this.organizations = organizations;
        this.dependents = dependents;
    }

    /** Takes the lines out of suspense: their money goes to the settlements, and clears the references. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void book(BankMatch match, List<BankMatch.Record> records) {
        List<Share> shares = Share.of(match.lines(), records);
        Map<UUID, OpenReference> references = new LinkedHashMap<>();
        records.stream()
                .filter(BankMatch.Record::isReference)
                .forEach(record ->
                        references.put(record.id(), clearing.find(record.id()).orElseThrow()));
        shares.stream()
                .filter(share -> isOurCheck(share.record(), references))
                .collect(Collectors.toMap(Share::record, share -> share, (first, later) -> first, LinkedHashMap::new))
                .values()
                .forEach(share -> checks.cleared(
                        Objects.requireNonNull(references.get(share.record().id()))
                                .reference()
                                .value(),
                        share.record().amount().abs(),
                        share.line().bookedOn(),
                        share.line().bankReference()));
        settle(match, shares);
        clear(match, shares, records, references);
        shares.forEach(share -> rows.insertShare(match.id(), share));
    }

    private static boolean isOurCheck(BankMatch.Record record, Map<UUID, OpenReference> references) {
        OpenReference reference = references.get(record.id());
        return reference != null
                && isOutgoing(reference)
                && reference.reference().kind().equals("check")
                && record.amount().isNegative();
    }

    /** A check that came back may carry the number of one of ours. */
    private static boolean isOutgoing(OpenReference reference) {
        return reference.accountCode().equals(StandardAccount.OUTGOING_PAYMENTS_CLEARING.code());
    }

    /** Each line's part is a receipt of its own, which leaves suspense on the day on which it comes in. */
    private void settle(BankMatch match, List<Share> shares) {
        Map<BankLine, Map<UUID, Money>> parts = new LinkedHashMap<>();
        shares.stream()
                .filter(share -> share.record().isSettlement())
                .forEach(share -> parts.computeIfAbsent(share.line(), any -> new LinkedHashMap<>())
                        .put(share.record().id(), share.amount()));
        if (parts.isEmpty()) {
            return;
        }
        List<BankLine> paying = List.copyOf(parts.keySet());
        List<CashReceipt> receipts = settlements.cashAssigned(
                parts.entrySet().stream()
                        .map(of -> new AssignedMoney(evidence(match, of.getKey(), of.getValue()), of.getValue()))
                        .toList(),
                match.rule(),
                match.evidence());
        for (int i = 0; i < paying.size(); i++) {
            BankLine line = paying.get(i);
            CashReceipt receipt = receipts.get(i);
            rows.insertEntry(
                    match.id(),
                    new MatchRows.Entry(Objects.requireNonNull(receipt.journalEntryId()), line.id(), receipt.id()));
            UUID released = journal.post(NewEntry.on(
                                    bookedFrom(line),
                                    BankBookings.MODULE,
                                    "bank-match-released:%s:%s".formatted(match.id(), line.id()),
                                    "Bank line identified as payer money %s".formatted(receipt.number()))
                            .inOpenPeriod()
                            .reference(BankMatches.SUBJECT, match.id())
                            .referenceNumber(receipt.number())
                            .debit(BANK_SUSPENSE, receipt.amount(), BankBookings.reference(line))
                            // The cash stays on the account of the line: the receipt booked it on this one.
                            .credit(CASH_OPERATING, receipt.amount())
                            .build())
                    .id();
            rows.insertEntry(match.id(), new MatchRows.Entry(released, line.id(), null));
        }
    }

    private CashEvidence evidence(BankMatch match, BankLine line, Map<UUID, Money> parts) {
        List<Settlement> paid = parts.keySet().stream().map(settlements::get).toList();
        Settlement only = paid.getFirst();
        boolean onePayer = paid.stream()
                .allMatch(settlement -> settlement.payerIdentifier().equals(only.payerIdentifier()));
        Money amount = parts.values().stream().reduce(Money::plus).orElseThrow();
        return new CashEvidence(
                CashKind.EFT,
                "%s:%s:%s".formatted(BankBookings.LINE, line.id(), match.id()),
                paid.size() == 1 ? only.traceNumber() : "",
                onePayer ? only.payerIdentifier() : "",
                onePayer ? only.payerName() : "",
                amount,
                Money.zero(amount.getCurrencyUnit()),
                bookedFrom(line));
    }

    /** The day of the line, or the first day that no approved reconciliation of its account rests on. */
    private LocalDate bookedFrom(BankLine line) {
        BankAccount.Reconciled upTo = accounts.get(line.bankAccountId()).reconciled();
        return upTo == null || line.bookedOn().isAfter(upTo.on())
                ? line.bookedOn()
                : upTo.on().plusDays(1);
    }

    /** What no settlement takes goes from suspense to the references and accounts in one entry. */
    private void clear(
            BankMatch match, List<Share> shares, List<BankMatch.Record> records, Map<UUID, OpenReference> references) {
        Map<UUID, Money> settled = new LinkedHashMap<>();
        shares.stream()
                .filter(share -> share.record().isSettlement())
                .forEach(share -> settled.merge(share.line().id(), share.amount(), Money::plus));
        // A fee belongs to the month in which the bank took it; a reference is cleared when a person says so.
        LocalDate on = records.stream().anyMatch(BankMatch.Record::isReference)
                ? organizations.today()
                : match.lines().stream()
                        .map(this::bookedFrom)
                        .max(LocalDate::compareTo)
                        .orElseThrow();
        // The other one with an entry on the account of the bank: its key says of which line, as that of a release
        // does.
        BankLine before = records.stream().anyMatch(BankMatch.Record::isEntry)
                ? match.lines().getFirst()
                : null;
        String key = before == null
                ? "bank-match:" + match.id()
                : "bank-match-booked-before:%s:%s".formatted(match.id(), before.id());
        var entry = NewEntry.on(on, BankBookings.MODULE, key, "Bank lines identified")
                .inOpenPeriod()
                .reference(BankMatches.SUBJECT, match.id());
        boolean anything = false;
        for (BankLine line : match.lines()) {
            Money taken =
                    settled.getOrDefault(line.id(), Money.zero(line.amount().getCurrencyUnit()));
            Money left = line.amount().minus(taken);
            anything |= !left.isZero();
            entry.move(BANK_SUSPENSE, left, BankBookings.reference(line));
        }
        for (BankMatch.Record record : records) {
            if (record.isSettlement()) {
                continue;
            }
            OpenReference reference = references.get(record.id());
            entry.line(new NewEntry.Line(
                    reference != null
                            ? reference.accountCode()
                            : record.isEntry()
                                    ? match.lines().getFirst().accountCode()
                                    : chart.get(record.id()).code(),
                    record.amount().isNegative(),
                    record.amount().abs(),
                    reference == null ? null : reference.reference()));
        }
        if (anything) {
            rows.insertEntry(
                    match.id(),
                    new MatchRows.Entry(journal.post(entry.build()).id(), before == null ? null : before.id(), null));
        }
        requireCleared(match.lines(), references.keySet());
    }

    /** The posting waited for whoever else moved these references: nothing may be left of them now. */
    private void requireCleared(List<BankLine> explained, Set<UUID> references) {
        boolean cleared = explained.stream()
                        .allMatch(line -> clearing.balance(BANK_SUSPENSE, BankBookings.reference(line))
                                .isZero())
                && references.stream()
                        .allMatch(
                                id -> clearing.find(id).orElseThrow().balance().isZero());
        if (!cleared) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE, "one of these lines or records was settled otherwise meanwhile");
        }
    }

    /** Why the match cannot be taken out of the books again; empty if it can. */
    Optional<String> kept(BankMatch match) {
        if (match.status() != BankMatch.Status.ACCEPTED) {
            return Optional.of("this match is " + match.status().key());
        }
        List<MatchRows.Entry> entries = rows.entries(match.id());
        if (entries.isEmpty()) {
            return Optional.of("it was booked before matches could be undone");
        }
        for (MatchRows.Entry entry : entries) {
            if (entry.receiptId() != null) {
                Optional<String> held = settlements.assignmentHeld(entry.receiptId(), parts(match, entry));
                if (held.isPresent()) {
                    return held;
                }
            } else if (posted(entry).isReversed()) {
                return Optional.of("entry %s was reversed on its own"
                        .formatted(posted(entry).number()));
            }
        }
        return keeping(match.lines(), entries.stream().map(this::posted).toList());
    }

    private Optional<String> keeping(List<BankLine> lines, List<JournalEntry> entries) {
        return dependents.stream()
                .flatMap(each -> each.keeping(lines, entries).stream())
                .findFirst();
    }

    /** Reverses every entry of the match, those of its receipts through the settlements they belong to. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void reverse(BankMatch match, String reason) {
        List<MatchRows.Entry> entries = rows.entries(match.id());
        boolean received = entries.stream().anyMatch(entry -> entry.receiptId() != null);
        for (Share share : shares(match)) {
            if (share.record().isReference() && share.record().amount().isNegative()) {
                clearing.find(share.record().id())
                        .filter(MatchBooking::isOutgoing)
                        .map(OpenReference::reference)
                        .filter(reference -> reference.kind().equals("check"))
                        .ifPresent(reference -> checks.notCleared(
                                reference.value(),
                                share.line().bookedOn(),
                                share.line().bankReference()));
            }
        }
        for (MatchRows.Entry entry : entries) {
            if (entry.receiptId() != null) {
                settlements.assignmentUndone(entry.receiptId(), parts(match, entry), today(entry), reason);
            }
        }
        for (MatchRows.Entry entry : entries) {
            if (entry.receiptId() == null) {
                journal.reverse(
                        entry.journalEntryId(),
                        received ? today(entry) : reversalDate(posted(entry)),
                        reason,
                        "bank-match-undone:" + entry.journalEntryId());
            }
        }
    }

    /** Why a line that was cleared by its key stays so; empty if it need not. */
    Optional<String> kept(BankLine line, JournalEntry entry) {
        return entry.isReversed()
                ? Optional.of("entry %s was reversed on its own".formatted(entry.number()))
                : keeping(List.of(line), List.of(entry));
    }

    /** Reverses what cleared a line by its key and brings it to suspense instead. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void reverse(BankLine line, JournalEntry entry, String reason) {
        ClearingReference reference = entry.lines().stream()
                .flatMap(each -> Stream.ofNullable(each.clearing()))
                .findFirst()
                .orElseThrow();
        if (reference.kind().equals("check") && line.amount().isNegative()) {
            checks.notCleared(reference.value(), line.bookedOn(), line.bankReference());
        }
        LocalDate on = reversalDate(entry);
        journal.reverse(entry.id(), on, reason, "bank-line-not-cleared:" + line.id());
        UUID suspense = journal.post(NewEntry.on(
                                on,
                                BankBookings.MODULE,
                                "bank-line-in-suspense:" + line.id(),
                                "Bank line not identified after all")
                        .inOpenPeriod()
                        .reference(BankBookings.LINE, line.id())
                        .line(new NewEntry.Line(
                                line.accountCode(),
                                line.amount().isPositive(),
                                line.amount().abs(),
                                null))
                        .move(BANK_SUSPENSE, line.amount().negated(), BankBookings.reference(line))
                        .build())
                .id();
        lines.notCleared(line.id(), suspense, "Was cleared against %s, which a person undid".formatted(reference));
    }

    /** One dated into the next period, because its own was closed, is not reversed before its day. */
    private LocalDate today(MatchRows.Entry entry) {
        LocalDate posted = posted(entry).date();
        LocalDate today = organizations.today();
        return posted.isAfter(today) ? posted : today;
    }

    /** As if it had not been, while its month is open: a line is back in the period in which it was worked on. */
    private LocalDate reversalDate(JournalEntry entry) {
        boolean open = periods.all().stream().anyMatch(period -> period.open() && period.contains(entry.date()));
        return open ? entry.date() : organizations.today();
    }

    JournalEntry posted(MatchRows.Entry entry) {
        return journal.find(entry.journalEntryId())
                .orElseThrow(() -> new RuleViolation(Refusal.NOT_FOUND, "the entry of the match is not there"));
    }

    /** As they were when it was accepted. */
    List<Share> shares(BankMatch match) {
        Map<UUID, BankMatch.Record> records =
                match.records().stream().collect(Collectors.toMap(BankMatch.Record::id, record -> record));
        Map<UUID, BankLine> ofMatch = match.lines().stream().collect(Collectors.toMap(BankLine::id, line -> line));
        List<Share> shares = new ArrayList<>();
        for (MatchRows.StoredShare share : rows.shares(match.id())) {
            BankLine line = Objects.requireNonNull(ofMatch.get(share.lineId()));
            shares.add(new Share(
                    line,
                    Objects.requireNonNull(records.get(share.recordId())),
                    Money.ofMinor(line.amount().getCurrencyUnit(), share.amountMinor())));
        }
        return shares;
    }

    private Map<UUID, Money> parts(BankMatch match, MatchRows.Entry entry) {
        Map<UUID, Money> parts = new LinkedHashMap<>();
        shares(match).stream()
                .filter(share ->
                        share.record().isSettlement() && share.line().id().equals(entry.lineId()))
                .forEach(share -> parts.put(share.record().id(), share.amount()));
        return parts;
    }
}
