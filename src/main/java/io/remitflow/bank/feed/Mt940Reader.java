package io.remitflow.bank.feed;

import io.remitflow.bank.StatementClosing;
import io.remitflow.bank.StatementHandler;
import io.remitflow.bank.StatementHeader;
import io.remitflow.bank.StatementLine;
import io.remitflow.bank.StatementRejected;
import io.remitflow.bank.StatementRejected.Reason;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.Month;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads MT940 as banks write it into files: with or without SWIFT blocks, several statements, several pages of one.
 *
 * <p>A page that ends with an intermediate balance (:62M:) is continued by one that begins with the same (:60M:).
 */
final class Mt940Reader {

    private static final Pattern TAG = Pattern.compile(":(\\d{2}[A-Z]?):(.*)", Pattern.DOTALL);
    private static final Pattern BALANCE = Pattern.compile("([CD])(\\d{6})([A-Z]{3})([\\d,]+)\\s*");

    /** Value date, entry date, direction, funds code, amount, kind, reference of the owner, of the bank, more. */
    private static final Pattern LINE = Pattern.compile(
            "(\\d{6})(\\d{4}| {4})?(RC|RD|EC|ED|C|D)([A-Z])?([\\d,]+)"
                    + "([A-Z]\\w{3})([^\\n]*?)(?://([^\\n]*))?(?:\\n(.*))?",
            Pattern.DOTALL);

    private static final Pattern SUBFIELD = Pattern.compile("\\?(\\d{2})");
    private static final int MAX_FIELD = 8_000;

    private final LineSource source;
    private final StatementHandler handler;

    private @Nullable String tag;
    private StringBuilder value = new StringBuilder();
    private String place = "";

    private String account = "";
    private String number = "";
    private boolean open;
    private boolean accountSeen;
    private @Nullable Balance pageEnd;
    private String pageAccount = "";
    private Balance opening = new Balance(0, "EUR", LocalDate.EPOCH);
    private @Nullable Entry entry;
    private boolean interim;

    Mt940Reader(LineSource source, StatementHandler handler) {
        this.source = source;
        this.handler = handler;
    }

    private record Balance(long minor, String currency, LocalDate on) {}

    private record Entry(StatementLine line, String supplement) {}

    void read() throws IOException {
        for (String line = source.next(); line != null; line = source.next()) {
            Matcher found = TAG.matcher(line);
            if (found.matches()) {
                field();
                tag = found.group(1);
                value = new StringBuilder(found.group(2));
                place = source.place() + ", :" + tag + ":";
            } else if (isEndOfMessage(line)) {
                field();
                messageEnds();
            } else if (tag != null) {
                value.append('\n').append(line);
                if (value.length() > MAX_FIELD) {
                    throw new StatementRejected(Reason.TOO_LARGE, "A field is too long", place);
                }
            }
        }
        field();
        messageEnds();
        if (pageEnd != null) {
            throw new StatementRejected(
                    Reason.TRUNCATED,
                    "The last page ends with an intermediate balance (:62M:); the page with the closing balance is missing",
                    source.place());
        }
    }

    private static boolean isEndOfMessage(String line) {
        String text = line.strip();
        return text.equals("-") || text.startsWith("-}");
    }

    private void field() {
        String field = tag;
        tag = null;
        if (field == null) {
            return;
        }
        String text = value.toString();
        switch (field) {
            case "20" -> {
                messageEnds();
                account = "";
                number = "";
                accountSeen = false;
            }
            case "25" -> {
                if (accountSeen || open) {
                    throw new StatementRejected(
                            Reason.WRONG_STRUCTURE, "An account stands inside of a statement", place);
                }
                accountSeen = true;
                account = text.strip();
            }
            case "28", "28C" -> number = FileText.clean(text, 35);
            case "13D", "34F" -> interim = true;
            case "60F" -> begins(text, false);
            case "60M" -> begins(text, true);
            case "61" -> line(text);
            case "86" -> details(text);
            case "62F" -> ends(text, false);
            case "62M" -> ends(text, true);
            default -> {
                // Available balances and what a bank adds of its own say nothing about the movements.
            }
        }
    }

    private void begins(String text, boolean intermediate) {
        if (open) {
            throw new StatementRejected(Reason.WRONG_STRUCTURE, "A statement has two opening balances", place);
        }
        if (account.isEmpty()) {
            throw new StatementRejected(Reason.MISSING_VALUE, "The account (:25:) is missing", place);
        }
        Balance begin = balance(text);
        Balance before = pageEnd;
        open = true;
        if (intermediate && before != null && pageAccount.equals(account)) {
            if (before.minor() != begin.minor() || !before.currency().equals(begin.currency())) {
                throw new StatementRejected(
                        Reason.WRONG_BALANCE,
                        "This page does not begin with the balance the last one ended with",
                        place);
            }
            pageEnd = null;
            return;
        }
        requireNoOpenPage();
        opening = begin;
        handler.opened(new StatementHeader(account, null, begin.currency(), number, begin.on(), begin.minor()));
    }

    private void requireNoOpenPage() {
        if (pageEnd != null) {
            throw new StatementRejected(
                    Reason.TRUNCATED,
                    "The page that continues the one before is missing (its balance is :62M:)",
                    place);
        }
    }

    private void ends(String text, boolean intermediate) {
        if (!open) {
            throw new StatementRejected(
                    Reason.WRONG_STRUCTURE, "A statement ends without an opening balance (:60F:)", place);
        }
        entry();
        Balance end = balance(text);
        if (!end.currency().equals(opening.currency())) {
            throw new StatementRejected(
                    Reason.WRONG_CURRENCY,
                    "The statement opens in %s and closes in %s".formatted(opening.currency(), end.currency()),
                    place);
        }
        open = false;
        if (intermediate) {
            pageEnd = end;
            pageAccount = account;
        } else {
            handler.closed(new StatementClosing(end.on(), end.minor()));
        }
    }

    /** A page that nothing continues is checked as a statement of its own by whoever comes next. */
    private void messageEnds() {
        if (open) {
            throw new StatementRejected(
                    Reason.TRUNCATED, "The statement has no closing balance (:62F:)", source.place());
        }
        interim = false;
    }

    private void line(String text) {
        if (!open) {
            throw new StatementRejected(
                    interim ? Reason.NOT_A_STATEMENT : Reason.WRONG_STRUCTURE,
                    interim
                            ? "This is an interim report (MT942), not a statement: it has no balances"
                            : "A movement stands before the opening balance (:60F:)",
                    place);
        }
        entry();
        Matcher found = LINE.matcher(text);
        if (!found.matches()) {
            throw new StatementRejected(Reason.WRONG_STRUCTURE, "The movement cannot be read", place);
        }
        LocalDate valueOn = date(found.group(1), place);
        LocalDate bookedOn = entryDate(found.group(2), valueOn);
        long amount = FileAmounts.comma(found.group(5), opening.currency(), place);
        String mark = found.group(3);
        boolean reversal = mark.length() == 2 && mark.charAt(0) == 'R';
        // A reversed credit takes money away, a reversed debit brings it back.
        int sign = reversal == mark.endsWith("D") ? 1 : -1;
        String reference = noReference(found.group(7));
        String kind = found.group(6);
        String supplement = found.group(9) == null ? "" : found.group(9);
        entry = new Entry(
                new StatementLine(
                        bookedOn,
                        valueOn,
                        sign * amount,
                        reversal,
                        kind,
                        noReference(found.group(8)),
                        reference,
                        kind.equals("NCHK") ? reference : "",
                        "",
                        "",
                        TraceNumbers.in(supplement.replace("\n", "")),
                        place),
                supplement);
    }

    private void details(String text) {
        Entry under = entry;
        if (under == null) {
            // After the closing balance it is about the statement as a whole.
            return;
        }
        entry = null;
        StatementLine line = under.line();
        var details = Details.of(text);
        handler.line(new StatementLine(
                line.bookedOn(),
                line.valueOn(),
                line.amountMinor(),
                line.reversal(),
                line.typeCode(),
                line.bankReference(),
                line.reference(),
                line.checkNumber(),
                FileText.clean(details.counterparty(), 200),
                FileText.clean(under.supplement() + " " + details.purpose()),
                line.trace() != null ? line.trace() : TraceNumbers.in(details.purpose()),
                line.place()));
    }

    private void entry() {
        if (entry != null) {
            details("");
        }
    }

    private Balance balance(String text) {
        Matcher found = BALANCE.matcher(text);
        if (!found.matches()) {
            throw new StatementRejected(Reason.WRONG_AMOUNT, "The balance cannot be read", place);
        }
        String currency = FileAmounts.currency(found.group(3), place);
        long minor = FileAmounts.comma(found.group(4), currency, place);
        return new Balance(found.group(1).equals("C") ? minor : -minor, currency, date(found.group(2), place));
    }

    /** Banks that count months of 30 days write 30 February: its last day is meant. */
    private static LocalDate date(String text, String place) {
        if (text.substring(2, 4).equals("02") && text.substring(4).matches("29|30")) {
            return LocalDate.of(2000 + Integer.parseInt(text.substring(0, 2)), Month.FEBRUARY, 1)
                    .plusMonths(1)
                    .minusDays(1);
        }
        return Bai2Reader.date(text, place);
    }

    /** It has no year: of the three that come into question the one nearest to the value date. */
    private LocalDate entryDate(@Nullable String text, LocalDate valueOn) {
        if (text == null || text.isBlank()) {
            return valueOn;
        }
        int month = Integer.parseInt(text.substring(0, 2));
        int day = Integer.parseInt(text.substring(2));
        LocalDate nearest = null;
        for (int years = -1; years <= 1; years++) {
            LocalDate date = dayOf(valueOn.getYear() + years, month, day);
            if (date != null && (nearest == null || daysBetween(valueOn, date) < daysBetween(valueOn, nearest))) {
                nearest = date;
            }
        }
        if (nearest == null) {
            throw new StatementRejected(Reason.WRONG_DATE, "'%s' is not a date (MMDD)".formatted(text), place);
        }
        return nearest;
    }

    private static long daysBetween(LocalDate one, LocalDate other) {
        return Math.abs(ChronoUnit.DAYS.between(one, other));
    }

    private static @Nullable LocalDate dayOf(int year, int month, int day) {
        try {
            return month == 2 && day <= 30
                    ? LocalDate.of(
                            year, month, Math.min(day, YearMonth.of(year, month).lengthOfMonth()))
                    : LocalDate.of(year, month, day);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static String noReference(@Nullable String text) {
        String reference = text == null ? "" : FileText.clean(text, 100);
        return reference.equals("NONREF") ? "" : reference;
    }

    /** What :86: says, with the numbered subfields that many banks use told apart. */
    private record Details(String purpose, String counterparty) {

        static Details of(String text) {
            String joined = text.replace("\n", "");
            Matcher field = SUBFIELD.matcher(joined);
            if (!field.find()) {
                return new Details(text.replace('\n', ' '), "");
            }
            List<String> purpose = new ArrayList<>();
            var counterparty = new StringBuilder();
            int code = Integer.parseInt(field.group(1));
            int from = field.end();
            boolean more = true;
            while (more) {
                more = field.find();
                String part = joined.substring(from, more ? field.start() : joined.length());
                if (code == 32 || code == 33) {
                    counterparty.append(part);
                } else if (code == 0 || (code >= 20 && code <= 29) || (code >= 60 && code <= 63)) {
                    purpose.add(part);
                }
                if (more) {
                    code = Integer.parseInt(field.group(1));
                    from = field.end();
                }
            }
            String kind = purpose.isEmpty() ? "" : purpose.getFirst() + " ";
            return new Details(
                    kind + String.join("", purpose.subList(Math.min(1, purpose.size()), purpose.size())),
                    counterparty.toString());
        }
    }
}
