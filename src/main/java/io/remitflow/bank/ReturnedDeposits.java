package io.remitflow.bank;

import io.remitflow.bank.ManualMatches.Picked;
import io.remitflow.bank.ManualMatches.Selection;
import io.remitflow.checks.CheckReturnCode;
import io.remitflow.checks.ReturnedItems;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.OpenReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.payments.UndepositedReceipt;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Lines with which the bank takes back a check that was deposited: the return is recorded and the line cleared at once.
 *
 * <p>Where the bank says that an item came back, and exactly one deposited check is it, that is suggested; a person says so, and why the
 * bank returned it. Amounts agree to the cent.
 */
@Service
@Transactional
public class ReturnedDeposits {

    /** BAI2, MT940 and CAMT (a check that is unpaid or reversed, a payment that is returned). */
    private static final Pattern TYPE = Pattern.compile("555|557|[NSF]RTI|RRTN|UPCQ|CQRV");

    private static final Pattern WORDS =
            Pattern.compile("\\b(RETURN(ED)?|RTN|RTND) (DEPOSIT(ED)? )?(ITEM|CHECK|CHEQUE|CHK)S?\\b"
                    + "|\\bDEPOSIT(ED)? (ITEM|CHECK|CHEQUE|CHK)S? (RETURN(ED)?|RTN|RTND)\\b");

    /** What the bank takes for it is another line. */
    private static final Pattern FEE = Pattern.compile("\\b(FEE|FEES|SERVICE CHARGE)\\b");

    private final BankRows rows;
    private final MatchRows matches;
    private final OpenRecords open;
    private final ReturnedItems items;
    private final ManualMatches matching;
    private final Clearing clearing;

    ReturnedDeposits(
            BankRows rows,
            MatchRows matches,
            OpenRecords open,
            ReturnedItems items,
            ManualMatches matching,
            Clearing clearing) {
        this.rows = rows;
        this.matches = matches;
        this.open = open;
        this.items = items;
        this.matching = matching;
        this.clearing = clearing;
    }

    /** @param named whether the line carries the number of the check */
    public record Candidate(UndepositedReceipt receipt, boolean named) {}

    /** The checks that an unexplained line may take back: those it names first, then the latest. */
    @Transactional(readOnly = true)
    public List<Candidate> candidates(UUID lineId) {
        BankLine line = rows.line(lineId);
        if (!line.amount().isNegative() || !isUnexplained(line)) {
            return List.of();
        }
        return items.candidates(line.amount().abs()).stream()
                .map(receipt -> new Candidate(receipt, isNamed(line, receipt)))
                .sorted(Comparator.comparing(Candidate::named).reversed())
                .toList();
    }

    /**
     * The bank took this check back.
     *
     * @param key of the {@link UndepositedReceipt}
     * @return the match that clears the line
     * @throws RuleViolation {@link Refusal#CHANGED_MEANWHILE} if the line is explained or the check no candidate any more
     */
    public UUID accept(UUID lineId, String key, CheckReturnCode code) {
        rows.lock();
        BankLine line = rows.line(lineId);
        UndepositedReceipt receipt = candidates(lineId).stream()
                .map(Candidate::receipt)
                .filter(each -> each.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new RuleViolation(
                        Refusal.CHANGED_MEANWHILE,
                        "the line of %s over %s takes no such check back (any more)"
                                .formatted(line.bookedOn(), Amounts.format(line.amount()))));
        OpenReference owed = returned(line, receipt, code);
        return matching.match(
                new Selection(List.of(lineId), List.of(new Picked(OpenRecords.REFERENCE, owed.id()))),
                "%s came back: %s".formatted(receipt.number(), code.text()));
    }

    /** What the bank is owed for the check, once its return is recorded. */
    private OpenReference returned(BankLine line, UndepositedReceipt receipt, CheckReturnCode code) {
        ClearingReference reference = items.returned(receipt.kind(), receipt.id(), code);
        return clearing.find(StandardAccount.UNDEPOSITED_CHECKS, reference)
                .filter(owed -> owed.balance().isEqual(line.amount()))
                .orElseThrow(() -> new RuleViolation(
                        Refusal.CHANGED_MEANWHILE,
                        "another check with the number of %s is under way: record the return on its page, then match by hand"
                                .formatted(receipt.number())));
    }

    /** Lets go of suggestions whose check came back otherwise, or is not the only one any more. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void lapse() {
        matches.lapse(matches.suggestedBy(BankMatch.RETURNED_CHECK).stream()
                .filter(id -> !holds(matches.get(id)))
                .toList());
    }

    private boolean holds(BankMatch suggestion) {
        UUID check = suggestion.records().getFirst().id();
        return fit(suggestion.lines().getFirst())
                .filter(fit -> fit.receipt().id().equals(check))
                .isPresent();
    }

    /**
     * Suggests the return of the one check that fits, for each line that says that an item came back.
     *
     * @param lines without a suggestion
     * @return how many have one now
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public int suggest(List<BankLine> lines) {
        List<BankLine> returns = lines.stream()
                .filter(line -> line.amount().isNegative() && saysReturned(line).isPresent())
                .sorted(Comparator.comparing(BankLine::bookedOn).thenComparing(BankLine::id))
                .toList();
        if (returns.isEmpty()) {
            return 0;
        }
        Set<UUID> taken = new HashSet<>(matches.recordsInSuggestions());
        Set<Set<String>> refused =
                matches.refused(returns.stream().map(BankLine::id).toList());
        int suggested = 0;
        for (BankLine line : returns) {
            Fit fit = fit(line).orElse(null);
            if (fit == null || taken.contains(fit.receipt().id())) {
                continue;
            }
            BankMatch.Record check = OpenRecords.returned(fit.receipt());
            if (!refused.contains(Set.of(line.id().toString(), OpenRecords.id(check)))) {
                matches.insertSuggestion(new MatchRows.NewMatch(
                        BankMatch.RETURNED_CHECK,
                        "The bank takes a deposited check back",
                        fit.evidence(),
                        fit.others(),
                        false,
                        List.of(),
                        List.of(line),
                        List.of(check)));
                taken.add(check.id());
                suggested++;
            }
        }
        return suggested;
    }

    /** Records the return that was suggested. @return what the bank is owed for it, which its line clears */
    @Transactional(propagation = Propagation.MANDATORY)
    public BankMatch.Record accepted(BankMatch suggestion, @Nullable CheckReturnCode code) {
        if (code == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say why the bank returned it");
        }
        BankLine line = suggestion.lines().getFirst();
        UUID check = suggestion.records().getFirst().id();
        UndepositedReceipt receipt = candidates(line.id()).stream()
                .map(Candidate::receipt)
                .filter(each -> each.id().equals(check))
                .findFirst()
                .orElseThrow(() -> new RuleViolation(
                        Refusal.CHANGED_MEANWHILE, "the check came back or was deposited anew meanwhile"));
        return open.current(OpenRecords.REFERENCE, returned(line, receipt, code).id());
    }

    /** @param others deposited checks over the same amount */
    private record Fit(UndepositedReceipt receipt, String evidence, int others) {}

    /** The one check that the line takes back; of several none, unless the line names one of them. */
    private Optional<Fit> fit(BankLine line) {
        String says = saysReturned(line).orElse(null);
        if (says == null || !line.amount().isNegative()) {
            return Optional.empty();
        }
        List<Candidate> deposited = items.allCandidates(line.amount().abs()).orElse(List.of()).stream()
                .filter(receipt -> !receipt.receivedOn().isAfter(line.bookedOn()))
                .map(receipt -> new Candidate(receipt, isNamed(line, receipt)))
                .toList();
        List<Candidate> named = deposited.stream().filter(Candidate::named).toList();
        List<Candidate> fitting = line.checkNumber().isBlank() && named.isEmpty() ? deposited : named;
        if (fitting.size() != 1) {
            return Optional.empty();
        }
        UndepositedReceipt receipt = fitting.getFirst().receipt();
        int others = deposited.size() - 1;
        return Optional.of(new Fit(
                receipt,
                "%s; check %s over %s was deposited, and %s"
                        .formatted(
                                says,
                                OpenRecords.numbers(receipt),
                                Amounts.format(receipt.amount()),
                                named.isEmpty()
                                        ? "no other one has this amount"
                                        : others == 0
                                                ? "the line names it"
                                                : "of %d over this amount it is the only one that the line names"
                                                        .formatted(deposited.size())),
                others));
    }

    /** In words, how the bank says that a deposited item came back. */
    private static Optional<String> saysReturned(BankLine line) {
        String words = (line.description() + " " + line.counterparty())
                .toUpperCase(Locale.ROOT)
                .replaceAll("[^A-Z0-9]+", " ");
        if (FEE.matcher(words).find()) {
            return Optional.empty();
        }
        if (TYPE.matcher(line.typeCode()).matches()) {
            return Optional.of("The bank's code %s says that an item came back".formatted(line.typeCode()));
        }
        var found = WORDS.matcher(words);
        return found.find()
                ? Optional.of("The bank calls it \"%s\"".formatted(found.group().toLowerCase(Locale.ROOT)))
                : Optional.empty();
    }

    private static boolean isUnexplained(BankLine line) {
        return line.state() == BankLine.State.SUSPENSE || line.state() == BankLine.State.SUGGESTED;
    }

    private static boolean isNamed(BankLine line, UndepositedReceipt receipt) {
        String said = " %s %s %s %s "
                .formatted(line.checkNumber(), line.reference(), line.bankReference(), line.description())
                .toUpperCase(Locale.ROOT)
                .replaceAll("[^A-Z0-9]+", " ")
                .replaceAll("(?<= )0+(?=[0-9])", "");
        return names(said, receipt.paperNumber()) || names(said, receipt.number());
    }

    private static boolean names(String said, @Nullable String number) {
        return number != null
                && !number.isBlank()
                && said.contains(" "
                        + number.toUpperCase(Locale.ROOT)
                                .replaceAll("[^A-Z0-9]+", " ")
                                .replaceFirst("^0+(?=[0-9])", "")
                        + " ");
    }
}
