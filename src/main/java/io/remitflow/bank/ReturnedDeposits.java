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
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Lines with which the bank takes back a check that was deposited: the return is recorded and the line cleared at once. */
@Service
@Transactional
public class ReturnedDeposits {

    private final BankRows rows;
    private final ReturnedItems items;
    private final ManualMatches matching;
    private final Clearing clearing;

    ReturnedDeposits(BankRows rows, ReturnedItems items, ManualMatches matching, Clearing clearing) {
        this.rows = rows;
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
        ClearingReference reference = items.returned(receipt.kind(), receipt.id(), code);
        OpenReference owed = clearing.find(StandardAccount.UNDEPOSITED_CHECKS, reference)
                .filter(open -> open.balance().isEqual(line.amount()))
                .orElseThrow(() -> new RuleViolation(
                        Refusal.CHANGED_MEANWHILE,
                        "another check with the number of %s is under way: record the return on its page, then match by hand"
                                .formatted(receipt.number())));
        return matching.match(
                new Selection(List.of(lineId), List.of(new Picked(OpenRecords.REFERENCE, owed.id()))),
                "%s came back: %s".formatted(receipt.number(), code.text()));
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
