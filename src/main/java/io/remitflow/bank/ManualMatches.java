package io.remitflow.bank;

import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.JournalEntry;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * What a person knows and the matcher cannot: lines in bank suspense matched by hand with records of ours whose sum is the
 * same to the cent, with each other, with an account, or with an entry that had booked them before.
 */
@Service
@Transactional
public class ManualMatches {

    /** Lines, and records, of one match. */
    public static final int MOST = 50;

    private static final int MAX_FOUND = 200;

    private final BankRows rows;
    private final MatchRows matches;
    private final MatchBooking booking;
    private final OpenRecords open;
    private final ChartOfAccounts chart;
    private final Journal journal;
    private final Organizations organizations;
    private final Users users;
    private final AuditLog audit;

    ManualMatches(
            BankRows rows,
            MatchRows matches,
            MatchBooking booking,
            OpenRecords open,
            ChartOfAccounts chart,
            Journal journal,
            Organizations organizations,
            Users users,
            AuditLog audit) {
        this.rows = rows;
        this.matches = matches;
        this.booking = booking;
        this.open = open;
        this.chart = chart;
        this.journal = journal;
        this.organizations = organizations;
        this.users = users;
        this.audit = audit;
    }

    /**
     * What to look for.
     *
     * @param text an amount, or part of a number, payer or description; null or blank: any
     * @param account only lines of this bank account; null: of any
     */
    public record Search(
            @Nullable String text,
            @Nullable LocalDate from,
            @Nullable LocalDate to,
            @Nullable UUID account) {

        public static final Search ANY = new Search(null, null, null, null);
    }

    /** @param kind settlement or reference */
    public record Picked(String kind, UUID id) {}

    /** What a person picked from both sides. No records: the lines take each other back. */
    public record Selection(List<UUID> lines, List<Picked> records) {

        public Selection {
            lines = List.copyOf(lines);
            records = List.copyOf(records);
        }
    }

    /**
     * What matching a selection would do.
     *
     * @param lineSum of what is in the currency of the first line; all has to be
     * @param difference what the lines are more than the records; has to be zero
     * @param shares which part of which line would pay which record
     * @param withdrawn suggestions that would be withdrawn, because they are about some of the same
     * @param problem why it cannot be matched like this; null if it can
     */
    public record Preview(
            List<BankLine> lines,
            List<BankMatch.Record> records,
            Money lineSum,
            Money recordSum,
            Money difference,
            List<Share> shares,
            int withdrawn,
            @Nullable String problem) {

        public boolean isPossible() {
            return problem == null;
        }
    }

    /** Lines in bank suspense, those with a suggestion too, newest first. */
    @Transactional(readOnly = true)
    public List<BankLine> lines(Search search, int limit) {
        return rows.inSuspense(
                search.text(),
                amount(search.text()).orElse(null),
                search.from(),
                search.to(),
                search.account(),
                Math.clamp(limit, 1, MAX_FOUND));
    }

    /** Settlements and clearing references that wait for money, oldest first. */
    @Transactional(readOnly = true)
    public List<BankMatch.Record> records(Search search, int limit) {
        return open.find(
                search.text(),
                amount(search.text()).orElse(null),
                search.from(),
                search.to(),
                Math.clamp(limit, 1, MAX_FOUND));
    }

    /** Looks only; {@link #match} checks again. */
    @Transactional(readOnly = true)
    public Preview preview(Selection selection) {
        List<BankLine> lines = linesOf(selection);
        List<BankMatch.Record> records = recordsOf(selection);
        CurrencyUnit currency = Stream.concat(
                        lines.stream().map(BankLine::amount), records.stream().map(BankMatch.Record::amount))
                .map(Money::getCurrencyUnit)
                .findFirst()
                .orElse(organizations.current().currency());
        Money lineSum = sum(lines.stream().map(BankLine::amount), currency);
        Money recordSum = sum(records.stream().map(BankMatch.Record::amount), currency);
        String problem = null;
        try {
            requireMatchable(lines, records);
        } catch (RuleViolation e) {
            problem = e.getMessage();
        }
        return new Preview(
                lines,
                records,
                lineSum,
                recordSum,
                lineSum.minus(recordSum),
                problem == null ? Share.of(lines, records) : List.of(),
                matches.suggestionsAbout(ids(lines, records)),
                problem);
    }

    private static Money sum(Stream<Money> amounts, CurrencyUnit currency) {
        return amounts.filter(amount -> amount.getCurrencyUnit().equals(currency))
                .reduce(Money.zero(currency), Money::plus);
    }

    /**
     * A person says that these belong together. Everything is checked and booked in this transaction; suggestions about some of
     * the same are withdrawn. The same selection again is the same match.
     *
     * @param reason what the person knows it from
     */
    public UUID match(Selection selection, String reason) {
        rows.lock();
        List<BankLine> lines = linesOf(selection);
        List<BankMatch.Record> chosen = recordsOf(selection);
        String why = evidenceGiven(reason);
        Optional<UUID> known = matches.accepted(lines, chosen);
        if (known.isPresent()) {
            return known.get();
        }
        requireMatchable(lines, chosen);
        String shape = chosen.isEmpty()
                ? "%d lines that take each other back".formatted(lines.size())
                : "%d to %d with equal sums".formatted(lines.size(), chosen.size());
        return book(BankMatch.BY_HAND, "Matched by a person", shape, why, lines, chosen);
    }

    /**
     * A person says that nothing of ours waits for a line: it is a fee, interest or the like. The same again is the same match.
     *
     * @param reason what the person knows it from
     */
    public UUID book(UUID lineId, LineUse use, String reason) {
        rows.lock();
        BankLine line = rows.line(lineId);
        var account = chart.get(use.account());
        List<BankMatch.Record> to = List.of(open.account(account, line.amount(), line.bookedOn()));
        String why = evidenceGiven(reason);
        Optional<UUID> known = matches.accepted(List.of(line), to);
        if (known.isPresent()) {
            return known.get();
        }
        requireInSuspense(List.of(line));
        return book(BankMatch.BOOKED, "Booked to an account by a person", use.title(), why, List.of(line), to);
    }

    /**
     * A person says that an entry had booked this money on the account of the bank before the bank showed it, such as cash
     * that was deposited: what the line itself booked there is taken back. The same again is the same match.
     *
     * @param reason what the person knows it from
     */
    public UUID bookedBefore(UUID lineId, UUID entryId, String reason) {
        rows.lock();
        BankLine line = rows.line(lineId);
        JournalEntry entry = journal.find(entryId).orElseThrow(() -> RuleViolation.notFound("the entry"));
        List<BankMatch.Record> to = List.of(open.entry(entry, line.amount()));
        String why = evidenceGiven(reason);
        Optional<UUID> known = matches.accepted(List.of(line), to);
        if (known.isPresent()) {
            return known.get();
        }
        requireInSuspense(List.of(line));
        requireBooks(entry, line);
        return book(
                BankMatch.BOOKED_BEFORE,
                "Booked before the bank showed it",
                "entry " + entry.number(),
                why,
                List.of(line),
                to);
    }

    private void requireBooks(JournalEntry entry, BankLine line) {
        Money onAccount = entry.lines().stream()
                .filter(each -> each.accountCode().equals(line.accountCode()))
                .map(each -> each.debit().minus(each.credit()))
                .reduce(Money.zero(line.amount().getCurrencyUnit()), Money::plus);
        if (matches.hasLine(entry.id())) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "this entry has a line of the bank already");
        }
        if (matches.isOfBank(entry.id())
                || entry.isReversal()
                || entry.isReversed()
                || !onAccount.equals(line.amount())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "this entry does not book the amount of the line on the account of the bank");
        }
    }

    private UUID book(
            String rule,
            String title,
            String what,
            String reason,
            List<BankLine> lines,
            List<BankMatch.Record> chosen) {
        matches.withdraw(ids(lines, chosen));
        UUID id = matches.insertByHand(
                new MatchRows.NewMatch(rule, title, evidence(what, reason), 0, false, List.of(), lines, chosen));
        BankMatch match = matches.lock(id);
        booking.book(match, chosen);
        matches.accepted(id);
        audit.record(
                "bank-match." + rule,
                BankMatches.SUBJECT,
                id.toString(),
                Map.of("lines", lines.size(), "records", chosen.size(), "reason", reason));
        matches.lapse();
        return id;
    }

    private String evidence(String what, String reason) {
        var person = users.find(CurrentUser.id()).orElseThrow();
        String roles = person.roles().stream().map(Role::title).sorted().collect(Collectors.joining(", "));
        return "%s; matched by %s (%s), evidence given: %s".formatted(what, person.displayName(), roles, reason);
    }

    private static String evidenceGiven(String reason) {
        return CardNumbers.removedFrom(BankMatches.reason(reason, "say in 1 to 300 characters what you know it from"));
    }

    private List<BankLine> linesOf(Selection selection) {
        Set<UUID> ids = new HashSet<>(selection.lines());
        if (ids.size() > MOST) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "at most %d lines are matched at once".formatted(MOST));
        }
        List<BankLine> lines = rows.lines(List.copyOf(ids));
        if (lines.size() != ids.size()) {
            throw RuleViolation.notFound("the bank line");
        }
        return lines;
    }

    private List<BankMatch.Record> recordsOf(Selection selection) {
        Set<Picked> picked = new HashSet<>(selection.records());
        if (picked.size() > MOST) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "at most %d records are matched at once".formatted(MOST));
        }
        List<BankMatch.Record> records = new ArrayList<>();
        picked.forEach(each -> records.add(open.current(each.kind(), each.id())));
        records.sort(Comparator.comparing(BankMatch.Record::date).thenComparing(BankMatch.Record::id));
        return records;
    }

    private static void requireMatchable(List<BankLine> lines, List<BankMatch.Record> records) {
        if (lines.isEmpty() || records.isEmpty() && lines.size() < 2) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "pick at least one bank line and a record, or lines that take each other back");
        }
        requireInSuspense(lines);
        long currencies = Stream.concat(
                        lines.stream().map(BankLine::amount), records.stream().map(BankMatch.Record::amount))
                .map(Money::getCurrencyUnit)
                .distinct()
                .count();
        if (currencies > 1) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "all of it has to be in one currency");
        }
        for (BankMatch.Record record : records) {
            if (record.amount().isZero()
                    || record.isSettlement() && !record.amount().isPositive()) {
                throw new RuleViolation(
                        Refusal.CHANGED_MEANWHILE, "%s waits for no money any more".formatted(record.title()));
            }
        }
        boolean settling = records.stream().anyMatch(BankMatch.Record::isSettlement);
        boolean moneyOut = Stream.concat(
                        lines.stream().map(BankLine::amount), records.stream().map(BankMatch.Record::amount))
                .anyMatch(Money::isNegative);
        if (settling && moneyOut) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a payment of a payer is matched with money that came in, and nothing else");
        }
        BankMatches.requireEqual(lines, records);
    }

    private static void requireInSuspense(List<BankLine> lines) {
        for (BankLine line : lines) {
            if (line.state() != BankLine.State.SUSPENSE && line.state() != BankLine.State.SUGGESTED) {
                throw new RuleViolation(
                        Refusal.CHANGED_MEANWHILE,
                        "the line of %s over %s is not in bank suspense any more"
                                .formatted(line.bookedOn(), Amounts.format(line.amount())));
            }
        }
    }

    private static Set<UUID> ids(List<BankLine> lines, List<BankMatch.Record> records) {
        return Stream.concat(
                        lines.stream().map(BankLine::id),
                        records.stream().filter(record -> !record.isAccount()).map(BankMatch.Record::id))
                .collect(Collectors.toSet());
    }

    private Optional<Money> amount(@Nullable String text) {
        try {
            return Optional.ofNullable(text)
                    .map(String::strip)
                    .filter(plain -> !plain.isEmpty())
                    .map(plain -> Amounts.parse(
                            plain.replace(",", ""),
                            organizations.current().currency().getCode()));
        } catch (RuleViolation e) {
            return Optional.empty();
        }
    }
}
