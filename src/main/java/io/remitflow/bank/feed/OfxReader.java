package io.remitflow.bank.feed;

import io.remitflow.bank.StatementClosing;
import io.remitflow.bank.StatementHandler;
import io.remitflow.bank.StatementHeader;
import io.remitflow.bank.StatementLine;
import io.remitflow.bank.StatementRejected;
import io.remitflow.bank.StatementRejected.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads OFX and QFX, both SGML (1.x, whose values have no closing tags) and XML (2.x), of bank and credit card accounts.
 *
 * <p>Both are read as the same stream of tags and values; nothing a document declares is expanded.
 */
final class OfxReader {

    private static final int MAX_TOKEN = 32 * 1024;
    private static final String PLAIN_TEXT = "![CDATA[";
    private static final Pattern ENTITY = Pattern.compile("&(amp|lt|gt|quot|apos|nbsp|#\\d{1,6});");
    private static final Pattern DATE = Pattern.compile("(\\d{8})(\\d{2,6}|\\d{6}[.:].*|\\d*\\[.*)?.*");

    private final InputStream bytes;
    private final StatementHandler handler;
    private final byte[] token = new byte[MAX_TOKEN];
    private int line = 1;

    private boolean inOfx;
    private boolean ended;
    private int statements;
    private boolean inStatement;
    private boolean begun;
    private boolean inTransaction;
    private boolean inPayee;
    private String aggregate = "";
    private String lastOpened = "";
    private Map<String, String> header = new HashMap<>();
    private Map<String, String> transaction = new HashMap<>();
    private String balance = "";
    private String balanceDate = "";

    /** @param bytes buffered */
    OfxReader(InputStream bytes, StatementHandler handler) {
        this.bytes = bytes;
        this.handler = handler;
    }

    void read() throws IOException {
        String open = "";
        int b = bytes.read();
        while (b >= 0) {
            int length = 0;
            while (b >= 0 && b != '<') {
                length = put(length, b);
                b = bytes.read();
            }
            value(open, length);
            open = "";
            if (b < 0) {
                break;
            }
            String tag = tag();
            if (tag.equals(PLAIN_TEXT)) {
                // What a bank marks as plain text belongs to the tag before it.
                value(lastOpened, plainText());
                b = bytes.read();
                continue;
            }
            open = opened(tag);
            b = bytes.read();
        }
        if (!ended) {
            throw new StatementRejected(Reason.TRUNCATED, "The file ends without </OFX>", place());
        }
        if (statements == 0) {
            throw new StatementRejected(Reason.NOT_A_STATEMENT, "The file holds no statement of a bank account");
        }
    }

    private int put(int length, int b) {
        if (b == 0) {
            throw new StatementRejected(Reason.NOT_TEXT, "The file holds binary data, not text", place());
        }
        if (length == MAX_TOKEN) {
            throw new StatementRejected(
                    Reason.TOO_LARGE, "A tag or value is longer than %,d bytes".formatted(MAX_TOKEN), place());
        }
        if (b == '\n') {
            line++;
        }
        token[length] = (byte) b;
        return length + 1;
    }

    private String tag() throws IOException {
        int length = 0;
        int b = bytes.read();
        while (b >= 0 && b != '>') {
            length = put(length, b);
            if (length == PLAIN_TEXT.length() && FileText.decode(token, length).equals(PLAIN_TEXT)) {
                return PLAIN_TEXT;
            }
            b = bytes.read();
        }
        if (b < 0) {
            throw new StatementRejected(Reason.TRUNCATED, "The file ends inside of a tag", place());
        }
        return FileText.decode(token, length);
    }

    private int plainText() throws IOException {
        int length = 0;
        while (true) {
            int b = bytes.read();
            if (b < 0) {
                throw new StatementRejected(Reason.TRUNCATED, "The file ends inside of a text", place());
            }
            length = put(length, b);
            if (length >= 3 && token[length - 1] == '>' && token[length - 2] == ']' && token[length - 3] == ']') {
                return length - 3;
            }
        }
    }

    private String opened(String tag) {
        if (tag.startsWith("!DOCTYPE") || tag.startsWith("!ENTITY")) {
            throw new StatementRejected(
                    Reason.UNSAFE_XML, "The file declares a document type or entities: not allowed", place());
        }
        if (tag.startsWith("?") || tag.startsWith("!")) {
            return "";
        }
        String name = tag.strip().toUpperCase(Locale.ROOT);
        if (name.startsWith("/")) {
            closed(name.substring(1).strip());
            return "";
        }
        boolean empty = name.endsWith("/");
        String plain = empty ? name.substring(0, name.length() - 1).strip() : name;
        starts(plain);
        lastOpened = empty ? "" : plain;
        return lastOpened;
    }

    private void starts(String name) {
        switch (name) {
            case "OFX" -> inOfx = true;
            case "STMTRS", "CCSTMTRS" -> {
                inStatement = true;
                begun = false;
                statements++;
                header = new HashMap<>();
                balance = "";
                balanceDate = "";
            }
            case "STMTTRN" -> {
                begin();
                inTransaction = true;
                transaction = new HashMap<>();
            }
            case "BANKACCTFROM",
                    "CCACCTFROM",
                    "BANKACCTTO",
                    "CCACCTTO",
                    "LEDGERBAL",
                    "AVAILBAL",
                    "CURRENCY",
                    "ORIGCURRENCY" -> aggregate = name;
            case "PAYEE" -> inPayee = true;
            default -> {}
        }
    }

    private void closed(String name) {
        switch (name) {
            case "OFX" -> ended = inOfx;
            case "STMTTRN" -> {
                inTransaction = false;
                transactionEnds();
            }
            case "STMTRS", "CCSTMTRS" -> statementEnds();
            case "PAYEE" -> inPayee = false;
            default -> {
                if (name.equals(aggregate)) {
                    aggregate = "";
                }
            }
        }
    }

    private void value(String name, int length) {
        if (name.isEmpty() || length == 0) {
            return;
        }
        String text = plain(FileText.decode(token, length)).strip();
        if (text.isEmpty() || !inStatement) {
            return;
        }
        if (inTransaction) {
            if (aggregate.isEmpty() || name.equals("CURSYM")) {
                transaction.merge(inPayee && name.equals("NAME") ? "PAYEENAME" : name, text, (a, b) -> a + " " + b);
            }
            return;
        }
        switch (name) {
            case "CURDEF" -> header.put(name, text);
            case "ACCTID" -> {
                if (aggregate.endsWith("ACCTFROM")) {
                    header.put(name, text);
                }
            }
            case "DTSTART", "DTEND" -> header.put(name, text);
            case "BALAMT" -> balance = aggregate.equals("LEDGERBAL") ? text : balance;
            case "DTASOF" -> balanceDate = aggregate.equals("LEDGERBAL") ? text : balanceDate;
            default -> {}
        }
    }

    private void begin() {
        if (!inStatement) {
            throw new StatementRejected(Reason.WRONG_STRUCTURE, "A movement stands outside of a statement", place());
        }
        if (begun) {
            return;
        }
        begun = true;
        String account = header.getOrDefault("ACCTID", "");
        if (account.isEmpty()) {
            throw new StatementRejected(Reason.MISSING_VALUE, "The account (ACCTID) is missing", place());
        }
        handler.opened(new StatementHeader(account, null, currency(), "", optionalDate(header.get("DTSTART")), null));
    }

    private String currency() {
        String currency = header.get("CURDEF");
        if (currency == null) {
            throw new StatementRejected(Reason.MISSING_VALUE, "The currency (CURDEF) is missing", place());
        }
        return FileAmounts.currency(currency, place());
    }

    private void statementEnds() {
        begin();
        inStatement = false;
        Long closing = balance.isEmpty() ? null : FileAmounts.point(decimalPoint(balance), currency(), place());
        LocalDate end = optionalDate(balanceDate.isEmpty() ? header.get("DTEND") : balanceDate);
        handler.closed(new StatementClosing(end, closing));
    }

    private void transactionEnds() {
        String currency = currency();
        String symbol = transaction.getOrDefault("CURSYM", currency);
        if (!symbol.equals(currency)) {
            throw new StatementRejected(
                    Reason.WRONG_CURRENCY,
                    "The account is in %s, this amount is in '%s'".formatted(currency, FileText.shown(symbol)),
                    place());
        }
        String posted = transaction.get("DTPOSTED");
        if (posted == null) {
            throw new StatementRejected(Reason.MISSING_VALUE, "The date of a movement (DTPOSTED) is missing", place());
        }
        String name = Objects.requireNonNullElse(transaction.get("NAME"), transaction.getOrDefault("PAYEENAME", ""));
        String memo = transaction.getOrDefault("MEMO", "");
        String check = transaction.getOrDefault("CHECKNUM", "");
        handler.line(new StatementLine(
                date(posted),
                optionalDate(transaction.get("DTAVAIL")),
                FileAmounts.point(decimalPoint(transaction.getOrDefault("TRNAMT", "")), currency, place()),
                transaction.containsKey("CORRECTFITID"),
                FileText.clean(transaction.getOrDefault("TRNTYPE", ""), 35),
                FileText.clean(transaction.getOrDefault("FITID", ""), 100),
                FileText.clean(transaction.getOrDefault("REFNUM", ""), 100),
                check.matches("0*") ? "" : FileText.clean(check, 35),
                FileText.clean(name, 200),
                FileText.clean(memo.startsWith(name) ? memo : name + " " + memo),
                TraceNumbers.in(memo.isEmpty() ? name : memo),
                place()));
    }

    /** The standard allows a comma instead of the point. */
    private static String decimalPoint(String amount) {
        return amount.indexOf('.') < 0 ? amount.replace(',', '.') : amount;
    }

    private @Nullable LocalDate optionalDate(@Nullable String text) {
        return text == null || text.isEmpty() ? null : date(text);
    }

    private LocalDate date(String text) {
        if (!DATE.matcher(text).matches()) {
            throw new StatementRejected(
                    Reason.WRONG_DATE, "'%s' is not a date".formatted(FileText.shown(text)), place());
        }
        return Bai2Reader.date(text.substring(0, 8), place());
    }

    private static String plain(String text) {
        if (text.indexOf('&') < 0) {
            return text;
        }
        return ENTITY.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(
                        switch (found.group(1)) {
                            case "amp" -> "&";
                            case "lt" -> "<";
                            case "gt" -> ">";
                            case "quot" -> "\"";
                            case "apos" -> "'";
                            case "nbsp" -> " ";
                            default -> character(Integer.parseInt(found.group(1).substring(1)));
                        }));
    }

    private static String character(int code) {
        return Character.isValidCodePoint(code) && !Character.isISOControl(code) ? Character.toString(code) : " ";
    }

    private String place() {
        return "line " + line;
    }
}
