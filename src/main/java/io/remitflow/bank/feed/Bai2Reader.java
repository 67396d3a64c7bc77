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
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads BAI2: file (01, 99), groups (02, 98), accounts (03, 49), transactions (16), each continued by 88.
 *
 * <p>Totals and counts of all three levels are checked. The total of an account is the algebraic sum of every amount in
 * its 03 and its 16s, continuations included; the sign of a transaction is in its type code.
 */
final class Bai2Reader {

    /** Several records on one line: a slash, blanks, the next record. */
    private static final Pattern NEXT_RECORD = Pattern.compile("/\\s+(?=(?:01|02|03|16|49|88|98|99),)");

    private static final Pattern RECORD = Pattern.compile("(01|02|03|16|49|88|98|99),.*", Pattern.DOTALL);
    private static final int MAX_CONTINUATIONS = 500;
    private static final String OPENING_LEDGER = "010";
    private static final String CLOSING_LEDGER = "015";

    private final LineSource source;
    private final StatementHandler handler;

    private @Nullable Record pending;
    private boolean fileEnded;
    private int records;

    // The group under way.
    private boolean inFile;
    private boolean inGroup;
    private LocalDate asOf = LocalDate.EPOCH;
    private String groupCurrency = "USD";
    private int groups;
    private long fileTotal;
    private long groupTotal;
    private int groupAccounts;
    private int groupRecords;

    // The account under way.
    private boolean inAccount;
    private String currency = "USD";
    private long accountTotal;
    private int accountRecords;
    private @Nullable Long closing;

    Bai2Reader(LineSource source, StatementHandler handler) {
        this.source = source;
        this.handler = handler;
    }

    /** A record with what continues it. */
    private static final class Record {

        final String code;
        final String place;
        /** Each without its code and closing slash. */
        final List<String> pieces = new ArrayList<>();

        Record(String code, String text, String place) {
            this.code = code;
            this.place = place;
            pieces.add(text);
        }
    }

    void read() throws IOException {
        for (String line = source.next(); line != null; line = source.next()) {
            if (line.isBlank()) {
                continue;
            }
            for (String text : NEXT_RECORD.split(line)) {
                physical(text);
            }
        }
        flush();
        if (!fileEnded) {
            throw new StatementRejected(Reason.TRUNCATED, "The file ends without its trailer (99)", source.place());
        }
    }

    private void physical(String line) {
        String text = line.stripLeading();
        Matcher record = RECORD.matcher(text);
        if (!record.matches()) {
            continued(line, true);
            return;
        }
        String code = record.group(1);
        String content = withoutSlash(text.substring(3));
        if (code.equals("88")) {
            records++;
            groupRecords++;
            accountRecords++;
            continued(content, false);
            return;
        }
        flush();
        records++;
        groupRecords++;
        accountRecords++;
        pending = new Record(code, content, source.place());
    }

    /** Text that a line end broke belongs to the piece before it. */
    private void continued(String text, boolean broken) {
        Record record = pending;
        if (record == null) {
            throw new StatementRejected(
                    Reason.WRONG_STRUCTURE, "This line is not a BAI2 record and continues none", source.place());
        }
        if (broken) {
            int last = record.pieces.size() - 1;
            record.pieces.set(last, record.pieces.get(last) + " " + withoutSlash(text.strip()));
        } else {
            record.pieces.add(text);
        }
        if (record.pieces.size() > MAX_CONTINUATIONS || record.pieces.getLast().length() > LineSource.MAX_LINE_BYTES) {
            throw new StatementRejected(Reason.TOO_LARGE, "A record is continued too often", source.place());
        }
    }

    private void flush() {
        Record record = pending;
        pending = null;
        if (record == null) {
            return;
        }
        if (fileEnded) {
            throw new StatementRejected(
                    Reason.WRONG_STRUCTURE, "There is more after the file trailer (99)", record.place);
        }
        switch (record.code) {
            case "01" -> fileStarts(record);
            case "02" -> groupStarts(record);
            case "03" -> accountStarts(record);
            case "16" -> transaction(record);
            case "49" -> accountEnds(record);
            case "98" -> groupEnds(record);
            default -> fileEnds(record);
        }
    }

    private void fileStarts(Record record) {
        require(!inFile, record, "A second file header (01) begins inside of the file");
        inFile = true;
        records = record.pieces.size();
    }

    private void groupStarts(Record record) {
        require(inFile && !inGroup, record, "A group (02) begins where none can");
        List<String> fields = fields(record);
        requireFinal(field(fields, 2), field(fields, 6), record.place);
        asOf = date(field(fields, 3), record.place);
        String code = field(fields, 5);
        groupCurrency = FileAmounts.currency(code.isEmpty() ? "USD" : code, record.place);
        inGroup = true;
        groups++;
        groupTotal = 0;
        groupAccounts = 0;
        groupRecords = record.pieces.size();
    }

    /** What takes back, corrects or tries out another file, or holds for a part of a day, is no statement to book. */
    private static void requireFinal(String status, String modifier, String place) {
        String what = switch (status) {
            case "2" -> "takes back a file sent before (group status 2)";
            case "3" -> "corrects a file sent before (group status 3)";
            case "4" -> "is a test (group status 4)";
            default -> "";
        };
        if (what.isEmpty() && (modifier.equals("1") || modifier.equals("3"))) {
            what = "is an interim report (as-of date modifier %s)".formatted(modifier);
        }
        if (!what.isEmpty()) {
            throw new StatementRejected(
                    Reason.NOT_A_STATEMENT, "This group %s, not a statement".formatted(what), place);
        }
    }

    private void accountStarts(Record record) {
        require(inGroup && !inAccount, record, "An account (03) begins where none can");
        List<String> fields = fields(record);
        String number = field(fields, 0);
        if (number.isEmpty()) {
            throw new StatementRejected(Reason.MISSING_VALUE, "The account number is missing", record.place);
        }
        String code = field(fields, 1);
        currency = code.isEmpty() ? groupCurrency : FileAmounts.currency(code, record.place);
        inAccount = true;
        accountTotal = 0;
        groupAccounts++;
        accountRecords = record.pieces.size();
        var balances = new Balances();
        List<String> carried = List.of();
        for (int i = 0; i < record.pieces.size(); i++) {
            List<String> piece =
                    i == 0 ? fields.subList(Math.min(2, fields.size()), fields.size()) : split(record.pieces.get(i));
            carried = summaries(carried, piece, balances, record.place);
        }
        closing = balances.closing;
        handler.opened(new StatementHeader(number, null, currency, "", asOf, balances.opening));
    }

    private void transaction(Record record) {
        require(inAccount, record, "A transaction (16) stands outside of an account");
        // A text may hold commas, so only the fields before it are split.
        String first = record.pieces.getFirst();
        List<String> fields = List.of(first.split(",", -1));
        String type = field(fields, 0);
        int sign = sign(type, record.place);
        // A remark may do without an amount.
        long amount = sign == 0 && field(fields, 1).isEmpty() ? 0 : FileAmounts.minor(field(fields, 1), record.place);
        accountTotal = Math.addExact(accountTotal, amount);
        int at = afterFunds(fields, 2, record.place);
        LocalDate value = valueDate(fields, record.place);
        String bankReference = FileText.clean(field(fields, at), 100);
        String customerReference = FileText.clean(field(fields, at + 1), 100);
        List<String> text = new ArrayList<>();
        if (at + 2 < fields.size()) {
            text.add(String.join(",", fields.subList(at + 2, fields.size())));
        }
        text.addAll(record.pieces.subList(1, record.pieces.size()));
        handler.line(new StatementLine(
                asOf,
                value,
                sign * amount,
                isReturn(type),
                type,
                bankReference,
                customerReference,
                type.equals("475") ? customerReference : "",
                "",
                FileText.clean(String.join(" ", text)),
                TraceNumbers.in(text.stream().map(String::stripTrailing).toList()),
                record.place));
    }

    private void accountEnds(Record record) {
        require(inAccount, record, "An account ends (49) that did not begin");
        List<String> fields = fields(record);
        total("49, the account", FileAmounts.minor(field(fields, 0), record.place), accountTotal, record);
        count("49, the account", field(fields, 1), accountRecords, "records", record);
        inAccount = false;
        groupTotal = Math.addExact(groupTotal, accountTotal);
        handler.closed(new StatementClosing(asOf, closing));
    }

    private void groupEnds(Record record) {
        require(inGroup && !inAccount, record, "A group ends (98) that did not begin, or whose account did not end");
        List<String> fields = fields(record);
        total("98, the group", FileAmounts.minor(field(fields, 0), record.place), groupTotal, record);
        count("98, the group", field(fields, 1), groupAccounts, "accounts", record);
        count("98, the group", field(fields, 2), groupRecords, "records", record);
        inGroup = false;
        fileTotal = Math.addExact(fileTotal, groupTotal);
    }

    private void fileEnds(Record record) {
        require(inFile && !inGroup, record, "The file ends (99) inside of a group, or never began");
        List<String> fields = fields(record);
        total("99, the file", FileAmounts.minor(field(fields, 0), record.place), fileTotal, record);
        count("99, the file", field(fields, 1), groups, "groups", record);
        count("99, the file", field(fields, 2), records, "records", record);
        fileEnded = true;
    }

    private void total(String what, long said, long computed, Record record) {
        if (said != computed) {
            throw new StatementRejected(
                    Reason.WRONG_CONTROL_TOTAL,
                    "%s, says its control total is %d, but its amounts add up to %d".formatted(what, said, computed),
                    record.place);
        }
    }

    private static void count(String what, String said, int computed, String of, Record record) {
        if (FileAmounts.minor(said, record.place) != computed) {
            throw new StatementRejected(
                    Reason.WRONG_CONTROL_COUNT,
                    "%s, says it has %s %s, but it has %d".formatted(what, FileText.shown(said), of, computed),
                    record.place);
        }
    }

    private static List<String> fields(Record record) {
        return split(record.pieces.getFirst());
    }

    private static List<String> split(String piece) {
        return List.of(piece.strip().split(",", -1));
    }

    private static String field(List<String> fields, int at) {
        return at < fields.size() ? fields.get(at).strip() : "";
    }

    /**
     * Summaries of an account: type, amount, item count, funds type with what it brings. A record may end after any of
     * them, and banks leave a blank field more before the slash.
     *
     * @return what has to be put before the next record: a type whose amount stands there
     */
    private List<String> summaries(List<String> carried, List<String> piece, Balances balances, String place) {
        List<String> fields = new ArrayList<>(carried);
        fields.addAll(piece);
        int at = 0;
        while (at < fields.size()) {
            String type = field(fields, at);
            if (at + 1 == fields.size() && !type.isEmpty()) {
                return List.of(type);
            }
            String text = field(fields, at + 1);
            if (!text.isEmpty()) {
                long amount = FileAmounts.minor(text, place);
                accountTotal = Math.addExact(accountTotal, amount);
                balances.put(type, amount);
            }
            at = afterFunds(fields, at + 3, place);
        }
        return List.of();
    }

    /** The index after the funds type that stands at an index: V brings two fields, S three, D two for each day. */
    private static int afterFunds(List<String> fields, int at, String place) {
        return switch (field(fields, at)) {
            case "V" -> at + 3;
            case "S" -> at + 4;
            case "D" -> {
                long days = FileAmounts.minor(field(fields, at + 1), place);
                if (days < 0 || days > fields.size()) {
                    throw new StatementRejected(Reason.WRONG_STRUCTURE, "The funds type D does not fit", place);
                }
                yield at + 2 + 2 * (int) days;
            }
            case "", "Z", "0", "1", "2" -> at + 1;
            default ->
                throw new StatementRejected(
                        Reason.WRONG_STRUCTURE,
                        "'%s' is not a funds type".formatted(FileText.shown(field(fields, at))),
                        place);
        };
    }

    private static final class Balances {

        private @Nullable Long opening;
        private @Nullable Long closing;

        void put(String type, long amount) {
            if (type.equals(OPENING_LEDGER)) {
                opening = amount;
            } else if (type.equals(CLOSING_LEDGER)) {
                closing = amount;
            }
        }
    }

    private static @Nullable LocalDate valueDate(List<String> fields, String place) {
        return field(fields, 2).equals("V") ? date(field(fields, 3), place) : null;
    }

    private static int sign(String type, String place) {
        if (type.matches("[123]\\d\\d|9[2-5]\\d")) {
            return 1;
        }
        if (type.matches("[456]\\d\\d|9[6-9]\\d")) {
            return -1;
        }
        if (type.equals("890")) {
            // A remark without money.
            return 0;
        }
        throw new StatementRejected(
                Reason.WRONG_STRUCTURE,
                "The type code '%s' does not say whether money came in or left".formatted(FileText.shown(type)),
                place);
    }

    /** Returned items, rejected payments. */
    private static boolean isReturn(String type) {
        return switch (type) {
            case "255", "257", "261", "266", "555", "557", "561" -> true;
            default -> false;
        };
    }

    static LocalDate date(String text, String place) {
        if (text.matches("\\d{6}|\\d{8}")) {
            String digits = text.length() == 8 ? text : "20" + text;
            try {
                return LocalDate.of(
                        Integer.parseInt(digits.substring(0, 4)),
                        Integer.parseInt(digits.substring(4, 6)),
                        Integer.parseInt(digits.substring(6)));
            } catch (DateTimeException e) {
                // Falls through: the digits are no date.
            }
        }
        throw new StatementRejected(Reason.WRONG_DATE, "'%s' is not a date".formatted(FileText.shown(text)), place);
    }

    private static String withoutSlash(String text) {
        String end = text.stripTrailing();
        return end.endsWith("/") ? end.substring(0, end.length() - 1) : text;
    }

    private static void require(boolean holds, Record record, String wrong) {
        if (!holds) {
            throw new StatementRejected(Reason.WRONG_STRUCTURE, wrong, record.place);
        }
    }
}
