package io.remitflow.bank;

import io.remitflow.bank.match.Item;
import io.remitflow.bank.match.Limits;
import io.remitflow.bank.match.Match;
import io.remitflow.bank.match.Matcher;
import io.remitflow.bank.match.Outcome;
import io.remitflow.checks.CheckReturnCode;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ledger.JournalEntry;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * What lines in bank suspense may be: suggested by the matcher with a certificate, accepted or declined by a person, and
 * undone again. A match that was declined or undone is not suggested again; the next best one may be.
 */
@Service
@Transactional
public class BankMatches {

    /** Subject of audit entries. */
    public static final String SUBJECT = "bank-match";

    /** Lines that are looked at together. A run looks at the newest ones, and in turn at as many of the older ones. */
    private static final int MAX_LINES = 1_000;

    private static final int MAX_REASON = 300;
    private static final int MAX_PAGE = 200;

    private final BankRows rows;
    private final MatchRows matches;
    private final MatchBooking booking;
    private final OpenRecords open;
    private final ReturnedDeposits returned;
    private final AuditLog audit;
    private final Map<UUID, Search> newest = new ConcurrentHashMap<>();
    private final Map<UUID, Search> older = new ConcurrentHashMap<>();

    BankMatches(
            BankRows rows,
            MatchRows matches,
            MatchBooking booking,
            OpenRecords open,
            ReturnedDeposits returned,
            AuditLog audit) {
        this.rows = rows;
        this.matches = matches;
        this.booking = booking;
        this.open = open;
        this.returned = returned;
        this.audit = audit;
    }

    /**
     * What was searched last.
     *
     * @param of tells lines, records and refusals from others: the same ones would give the same answer
     * @param last of the lines, where the next search of older ones begins; null: it was the oldest
     * @param leftToPeople in words, what was too much to search through
     */
    private record Search(int of, @Nullable UUID last, List<String> leftToPeople) {}

    /** Lets go of suggestions that no longer hold, and looks for new ones. Repeating it changes nothing. */
    public void suggest() {
        rows.lock();
        matches.lapse();
        returned.lapse();
        List<BankLine> lines = unexplained(null);
        if (lines.isEmpty()) {
            newest.remove(organization());
            older.remove(organization());
            return;
        }
        OpenRecords.Open records = open.all();
        search(newest, lines, records);
        if (lines.size() == MAX_LINES) {
            Search before = older.get(organization());
            UUID after =
                    before == null || before.last() == null ? lines.getLast().id() : before.last();
            search(older, unexplained(after), records);
        } else {
            older.remove(organization());
        }
    }

    /** Lines that say that a deposited check came back are told apart before anything else of that amount is looked for. */
    private List<BankLine> unexplained(@Nullable UUID after) {
        List<BankLine> lines = rows.inSuspense(true, after, MAX_LINES);
        return returned.suggest(lines) == 0 ? lines : rows.inSuspense(true, after, MAX_LINES);
    }

    /** What the last search could not decide because there was too much to search through, in words. */
    @Transactional(readOnly = true)
    public List<String> leftToPeople() {
        return Stream.of(newest, older)
                .map(searches -> searches.get(organization()))
                .filter(Objects::nonNull)
                .flatMap(search -> search.leftToPeople().stream())
                .distinct()
                .toList();
    }

    private void search(Map<UUID, Search> searches, List<BankLine> lines, OpenRecords.Open records) {
        Set<UUID> taken = Set.copyOf(matches.recordsInSuggestions());
        List<Item> free = records.items().stream()
                .filter(item -> !taken.contains(
                        Objects.requireNonNull(records.records().get(item.id())).id()))
                .toList();
        List<Item> unexplained = open.items(lines, records);
        Set<Set<String>> refused =
                matches.refused(lines.stream().map(BankLine::id).toList());
        // The search is not repeated every minute for the same lines and records.
        int searched = Objects.hash(Set.copyOf(unexplained), Set.copyOf(free), refused);
        UUID last = lines.size() < MAX_LINES ? null : lines.getLast().id();
        Search before = searches.get(organization());
        if (before != null && before.of() == searched) {
            searches.put(organization(), new Search(searched, last, before.leftToPeople()));
            return;
        }
        Map<String, BankLine> byId =
                lines.stream().collect(Collectors.toMap(line -> line.id().toString(), Function.identity()));
        var matcher = new Matcher(MatchRules.STANDARD, Limits.STANDARD, refused);
        List<String> leftToPeople = new ArrayList<>();
        // The matcher compares numbers: it gets those of one currency at a time.
        Map<CurrencyUnit, List<Item>> waiting = free.stream()
                .collect(Collectors.groupingBy(item -> currency(
                        Objects.requireNonNull(records.records().get(item.id())).amount())));
        unexplained.stream()
                .collect(Collectors.groupingBy(item ->
                        currency(Objects.requireNonNull(byId.get(item.id())).amount())))
                .forEach((currency, items) -> {
                    Outcome outcome = matcher.match(items, waiting.getOrDefault(currency, List.of()));
                    outcome.matches()
                            .forEach(match -> matches.insertSuggestion(suggestion(match, byId, records.records())));
                    leftToPeople.addAll(outcome.beyondLimits());
                });
        searches.put(organization(), new Search(searched, last, List.copyOf(leftToPeople)));
    }

    private static CurrencyUnit currency(Money amount) {
        return amount.getCurrencyUnit();
    }

    private static MatchRows.NewMatch suggestion(
            Match match, Map<String, BankLine> lines, Map<String, BankMatch.Record> records) {
        return new MatchRows.NewMatch(
                match.rule().key(),
                match.rule().title(),
                match.certificate().evidence(),
                match.certificate().considered(),
                match.certificate().undecided(),
                match.certificate().alternatives(),
                match.lines().stream()
                        .map(item -> Objects.requireNonNull(lines.get(item.id())))
                        .toList(),
                match.records().stream()
                        .map(item -> Objects.requireNonNull(records.get(item.id())))
                        .toList());
    }

    /**
     * A person says that it is so. Everything is checked again, then booked in this transaction; the second time changes
     * nothing.
     *
     * @param alternative 0 for the records that were suggested, 1 and on for the other choices of an undecided match
     * @throws RuleViolation {@link Refusal#INVALID_INPUT} for a returned check: say why
     */
    public void accept(UUID id, int alternative) {
        accept(id, alternative, null);
    }

    /** @param code why the bank returned the check, if that is what was suggested: its return is recorded first */
    public void accept(UUID id, int alternative, @Nullable CheckReturnCode code) {
        rows.lock();
        BankMatch match = matches.lock(id);
        if (match.status() == BankMatch.Status.ACCEPTED) {
            return;
        }
        requireOpen(match);
        List<BankMatch.Record> chosen = chosen(match, alternative);
        if (match.isReturnedCheck()) {
            chosen = List.of(returned.accepted(match, code));
        }
        requireStillOpen(match.lines(), chosen);
        booking.book(match, chosen);
        if (!chosen.equals(match.records())) {
            matches.replaceRecords(id, match.lines(), chosen);
        }
        matches.accepted(id);
        audit.record(
                "bank-match.accepted",
                SUBJECT,
                id.toString(),
                Map.of(
                        "rule", match.rule(),
                        "lines", match.lines().size(),
                        "records", chosen.size(),
                        "alternative", alternative));
        matches.lapse();
    }

    /** A person says that it is not so; the lines stay in suspense. */
    public void decline(UUID id, String reason) {
        rows.lock();
        BankMatch match = matches.lock(id);
        if (match.status() == BankMatch.Status.DECLINED) {
            return;
        }
        requireOpen(match);
        String why = reason(reason, "say in 1 to 300 characters why it does not belong together");
        matches.declined(id, why);
        audit.record("bank-match.declined", SUBJECT, id.toString(), Map.of("rule", match.rule(), "reason", why));
    }

    /**
     * What undoing a match would do.
     *
     * @param lines that would be in bank suspense again
     * @param records that would be open again, each with what it waits for then; none for a line booked to an account
     * @param entries that would be reversed
     * @param kept why it cannot be undone; null if it can
     */
    public record UndoEffects(
            List<BankLine> lines,
            List<BankMatch.Record> records,
            List<JournalEntry> entries,
            Money total,
            @Nullable String kept) {

        public UndoEffects {
            lines = List.copyOf(lines);
            records = List.copyOf(records);
            entries = List.copyOf(entries);
        }

        public boolean isPossible() {
            return kept == null;
        }
    }

    /** Looks only; {@link #undo} checks again. */
    @Transactional(readOnly = true)
    public UndoEffects undoEffects(UUID id) {
        BankMatch match = matches.get(id);
        return new UndoEffects(
                match.lines(),
                match.records().stream().filter(record -> !record.isAccount()).toList(),
                matches.entries(id).stream().map(booking::posted).toList(),
                match.lines().stream().map(BankLine::amount).reduce(Money::plus).orElseThrow(),
                booking.kept(match).orElse(null));
    }

    /**
     * Takes an accepted match out of the books again by reversing its entries: its lines are in bank suspense and its records
     * open as before. It is not suggested again, but a person may match the same lines and records by hand.
     *
     * @throws RuleViolation {@link Refusal#MATCH_NOT_UNDOABLE} if it is not accepted (any more), or if something depends on it
     */
    public void undo(UUID id, String reason) {
        rows.lock();
        BankMatch match = matches.lock(id);
        String why = reason(reason, "say in 1 to 300 characters why it is undone");
        booking.kept(match).ifPresent(kept -> {
            throw new RuleViolation(Refusal.MATCH_NOT_UNDOABLE, kept);
        });
        booking.reverse(match, why);
        matches.undone(id, why);
        audit.record(
                "bank-match.undone",
                SUBJECT,
                id.toString(),
                Map.of(
                        "rule", match.rule(),
                        "lines", match.lines().size(),
                        "records", match.records().size(),
                        "reason", why));
    }

    /** Suggestions that wait for a person, newest first. */
    @Transactional(readOnly = true)
    public List<BankMatch> suggestions(@Nullable UUID after, int limit) {
        return matches.suggested(after, Math.clamp(limit, 1, MAX_PAGE)).stream()
                .map(matches::get)
                .toList();
    }

    /** As {@link #suggestions}, about lines of a bank account up to a day. */
    @Transactional(readOnly = true)
    public List<BankMatch> suggestionsOf(UUID bankAccountId, LocalDate to, int limit) {
        return matches.suggestedOf(bankAccountId, to, Math.clamp(limit, 1, MAX_PAGE)).stream()
                .map(matches::get)
                .toList();
    }

    /** How many {@link #suggestionsOf} there are. */
    @Transactional(readOnly = true)
    public int countSuggestionsOf(UUID bankAccountId, LocalDate to) {
        return matches.countSuggestedOf(bankAccountId, to);
    }

    /** What people accepted or matched by hand, undone matches included, the last decision first. */
    @Transactional(readOnly = true)
    public List<BankMatch> decided(@Nullable UUID after, int limit) {
        return matches.decided(after, Math.clamp(limit, 1, MAX_PAGE)).stream()
                .map(matches::get)
                .toList();
    }

    /**
     * Accepted matches of lines of a bank account, the last decision first: of a period, and of older lines if they were decided
     * since an instant.
     */
    @Transactional(readOnly = true)
    public List<BankMatch> acceptedOf(UUID bankAccountId, LocalDate from, LocalDate to, Instant since, int limit) {
        return matches.acceptedOf(bankAccountId, from, to, since, Math.clamp(limit, 1, MAX_PAGE)).stream()
                .map(matches::get)
                .toList();
    }

    @Transactional(readOnly = true)
    public int waiting() {
        return matches.waiting();
    }

    @Transactional(readOnly = true)
    public BankMatch get(UUID id) {
        return matches.get(id);
    }

    /** Which part of which line paid which record; none before it is accepted. */
    @Transactional(readOnly = true)
    public List<Share> shares(UUID id) {
        return booking.shares(matches.get(id));
    }

    private static void requireOpen(BankMatch match) {
        if (match.status() != BankMatch.Status.SUGGESTED) {
            throw new RuleViolation(
                    Refusal.MATCH_NOT_OPEN,
                    "this suggestion is %s".formatted(match.status().key()));
        }
    }

    private static List<BankMatch.Record> chosen(BankMatch match, int alternative) {
        if (alternative < 0 || alternative > match.alternatives().size()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "there is no such choice");
        }
        return alternative == 0 ? match.records() : match.alternatives().get(alternative - 1);
    }

    private void requireStillOpen(List<BankLine> lines, List<BankMatch.Record> records) {
        boolean linesOpen = lines.stream().allMatch(line -> rows.line(line.id()).state() == BankLine.State.SUGGESTED);
        boolean recordsOpen = records.stream()
                .allMatch(record ->
                        open.current(record.kind(), record.id()).amount().equals(record.amount()));
        if (!linesOpen || !recordsOpen) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE, "one of these lines or records was settled otherwise meanwhile");
        }
        requireEqual(lines, records);
    }

    /** To the cent: there is no tolerance. */
    static void requireEqual(List<BankLine> lines, List<BankMatch.Record> records) {
        Optional<Money> difference = Stream.concat(
                        lines.stream().map(BankLine::amount),
                        records.stream().map(record -> record.amount().negated()))
                .reduce(Money::plus);
        if (difference.isPresent() && !difference.get().isZero()) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "the sums of both sides are not equal: they differ by %s"
                            .formatted(Amounts.format(difference.get())));
        }
    }

    static String reason(String reason, String otherwise) {
        if (reason.isBlank() || reason.strip().length() > MAX_REASON) {
            throw new RuleViolation(Refusal.INVALID_INPUT, otherwise);
        }
        return reason.strip();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
