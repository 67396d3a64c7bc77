package io.remitflow.checks;

import static java.util.stream.Collectors.groupingBy;

import io.remitflow.checks.Suggestion.Reason;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds the invoice that each line of a remittance pays, among the open ones of all facilities that its payer pays for.
 *
 * <p>Amount and date decide. The printed number is often another system's, so it only tells apart what amount and date
 * leave. The outcome does not depend on the order of lines or invoices, and nothing is guessed.
 */
final class CheckTargeting {

    private final int windowDays;
    private final List<OpenInvoice> pool;
    private final Set<UUID> taken = new HashSet<>();
    private final Map<Integer, Suggestion> decided = new HashMap<>();

    private CheckTargeting(List<OpenInvoice> pool, int windowDays) {
        this.pool = pool;
        this.windowDays = windowDays;
    }

    /**
     * @param windowDays how many days a line's date may lie before or after an invoice's; the last one still counts
     * @return for each line one, in their order
     */
    static List<Suggestion> target(List<RemittanceLine> lines, List<OpenInvoice> pool, int windowDays) {
        return new CheckTargeting(pool, windowDays).suggestions(lines);
    }

    private List<Suggestion> suggestions(List<RemittanceLine> lines) {
        applyChoices(lines);
        boolean first = true;
        while (settle(undecided(lines), first)) {
            first = false;
        }
        undecided(lines).forEach(line -> decided.put(line.number(), unsettled(line)));
        return lines.stream().map(line -> decided.get(line.number())).toList();
    }

    private void applyChoices(List<RemittanceLine> lines) {
        Map<UUID, List<RemittanceLine>> choices = new HashMap<>();
        for (RemittanceLine line : lines) {
            UUID chosen = line.chosenInvoiceId();
            if (chosen != null) {
                choices.computeIfAbsent(chosen, id -> new ArrayList<>()).add(line);
            }
        }
        choices.forEach((id, choosing) -> {
            var invoice = pool.stream().filter(one -> one.id().equals(id)).findFirst();
            invoice.ifPresent(one -> taken.add(one.id()));
            for (RemittanceLine line : choosing) {
                decided.put(
                        line.number(),
                        new Suggestion(
                                line,
                                invoice.orElse(null),
                                invoice.isPresent() ? Reason.CHOSEN : Reason.NOT_OPEN,
                                candidates(line)));
            }
        });
    }

    /** One round: whoever has exactly one invoice left that nobody else wants too gets it. */
    private boolean settle(List<RemittanceLine> lines, boolean first) {
        Map<UUID, List<Suggestion>> wanted = lines.stream()
                .map(line -> wish(line, first))
                .filter(wish -> wish.invoice() != null)
                .collect(groupingBy(wish -> idOf(wish.invoice())));
        wanted.values().removeIf(wishes -> wishes.size() > 1);
        wanted.forEach((id, wishes) -> {
            taken.add(id);
            decided.put(wishes.get(0).line().number(), wishes.get(0));
        });
        return !wanted.isEmpty();
    }

    private Suggestion wish(RemittanceLine line, boolean first) {
        List<OpenInvoice> all = candidates(line);
        List<OpenInvoice> left = left(all);
        List<OpenInvoice> numbered =
                left.stream().filter(invoice -> isPrintedOn(line, invoice)).toList();
        if (line.date() != null && left.size() == 1) {
            Reason reason = first || all.size() == 1 ? Reason.AMOUNT_AND_DATE : Reason.LAST_ONE_LEFT;
            return new Suggestion(line, left.get(0), reason, all);
        }
        return numbered.size() == 1
                ? new Suggestion(line, numbered.get(0), Reason.PRINTED_NUMBER, all)
                : new Suggestion(line, null, Reason.SEVERAL, all);
    }

    private Suggestion unsettled(RemittanceLine line) {
        List<OpenInvoice> all = candidates(line);
        Reason reason;
        if (all.isEmpty()) {
            reason = Reason.NOTHING_OPEN;
        } else if (left(all).isEmpty() || wish(line, true).invoice() != null) {
            reason = Reason.CLAIMED_TWICE;
        } else {
            reason = line.date() == null ? Reason.NO_DATE : Reason.SEVERAL;
        }
        return new Suggestion(line, null, reason, all);
    }

    private List<RemittanceLine> undecided(List<RemittanceLine> lines) {
        return lines.stream()
                .filter(line -> !decided.containsKey(line.number()))
                .toList();
    }

    private List<OpenInvoice> left(List<OpenInvoice> candidates) {
        return candidates.stream()
                .filter(invoice -> !taken.contains(invoice.id()))
                .toList();
    }

    private List<OpenInvoice> candidates(RemittanceLine line) {
        return pool.stream()
                .filter(invoice -> invoice.openMinor() > 0 && invoice.openMinor() == line.amountMinor())
                .filter(invoice -> isInWindow(line.date(), invoice.anchor()))
                .sorted(OpenInvoice.OLDEST_FIRST)
                .toList();
    }

    private boolean isInWindow(@Nullable LocalDate date, @Nullable LocalDate anchor) {
        return date == null || (anchor != null && Math.abs(ChronoUnit.DAYS.between(anchor, date)) <= windowDays);
    }

    private static boolean isPrintedOn(RemittanceLine line, OpenInvoice invoice) {
        return line.invoiceNumber() != null
                && plain(line.invoiceNumber()).equals(plain(invoice.number()))
                && !plain(invoice.number()).isEmpty();
    }

    /** "INV 2026-17" and "inv-2026-17" are one number. */
    private static String plain(String number) {
        return number.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "");
    }

    private static UUID idOf(@Nullable OpenInvoice invoice) {
        return Objects.requireNonNull(invoice).id();
    }
}
