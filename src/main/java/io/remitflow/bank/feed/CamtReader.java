package io.remitflow.bank.feed;

import io.remitflow.bank.StatementClosing;
import io.remitflow.bank.StatementHandler;
import io.remitflow.bank.StatementHeader;
import io.remitflow.bank.StatementLine;
import io.remitflow.bank.StatementRejected;
import io.remitflow.bank.StatementRejected.Reason;
import io.remitflow.core.Amounts;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads CAMT.053 of every version (001.02 and later) by local names.
 *
 * <p>Only booked entries count. {@code CdtDbtInd} is the direction the money went; {@code RvslInd} says that it takes an
 * earlier entry back and does not turn the direction once more. A batch whose transactions add up to it is taken as its
 * transactions. Counts and sums that are stated, of entries and of the transactions of a batch, must be those that are there.
 */
final class CamtReader {

    private static final Pattern STATEMENT =
            Pattern.compile("urn:iso:std:iso:20022:tech:xsd:camt\\.053\\.001\\.\\d\\d");
    private static final Pattern OTHER_REPORT = Pattern.compile("urn:iso:std:iso:20022:tech:xsd:camt\\.05[24]\\..*");
    private static final int MAX_DEPTH = 40;
    private static final int MAX_DETAILS = 50_000;

    private final StatementHandler handler;
    private final Deque<String> path = new ArrayDeque<>();
    private final StringBuilder text = new StringBuilder();
    private @Nullable Statement statement;
    private int statements;
    private boolean ended;

    CamtReader(StatementHandler handler) {
        this.handler = handler;
    }

    /** A statement under way. */
    private static final class Statement {
        String id = "";
        String number = "";
        String iban = "";
        String other = "";
        String currency = "";

        @Nullable Long opening;

        @Nullable LocalDate openedOn;

        @Nullable Long closing;

        @Nullable LocalDate closedOn;

        boolean begun;
        Balance balance = new Balance();
        final CamtSummary summary = new CamtSummary();

        @Nullable Entry entry;
    }

    private static final class Balance {
        String code = "";
        String amount = "";
        String currency = "";
        String direction = "";
        String date = "";
    }

    private static class Movement {
        String amount = "";
        String currency = "";
        String direction = "";
        String bankReference = "";
        String endToEnd = "";
        String checkNumber = "";
        String debtor = "";
        String creditor = "";
        final List<String> description = new ArrayList<>();

        void say(String words) {
            if (!words.isBlank() && description.size() < 200) {
                description.add(words);
            }
        }
    }

    private static final class Entry extends Movement {
        boolean reversal;
        String status = "";
        String bookedOn = "";
        String valueOn = "";
        String typeCode = "";
        final List<Movement> details = new ArrayList<>();
        final List<Batch> batches = new ArrayList<>();

        @Nullable Movement detail;

        String place = "";
    }

    /** What an entry says about the transactions that make it ({@code NtryDtls/Btch}), and which of its details these are. */
    private static final class Batch {
        final String place;
        final int from;
        int to;
        String count = "";
        String total = "";
        String currency = "";
        String direction = "";

        Batch(String place, int from) {
            this.place = place;
            this.from = from;
            this.to = from;
        }
    }

    void read(InputStream bytes) {
        try {
            XMLStreamReader xml = factory().createXMLStreamReader(bytes);
            while (xml.hasNext()) {
                event(xml.next(), xml);
            }
        } catch (XMLStreamException e) {
            if (e.getNestedException() instanceof MarkupLimit.Exceeded
                    || String.valueOf(e.getMessage()).contains(MarkupLimit.MESSAGE)) {
                throw new StatementRejected(Reason.TOO_LARGE, MarkupLimit.MESSAGE);
            }
            throw new StatementRejected(
                    Reason.WRONG_STRUCTURE,
                    "The XML is broken",
                    "line "
                            + Math.max(
                                    1,
                                    e.getLocation() == null
                                            ? 1
                                            : e.getLocation().getLineNumber()));
        }
        if (!ended) {
            throw new StatementRejected(Reason.TRUNCATED, "The XML ends too early");
        }
        if (statements == 0) {
            throw new StatementRejected(Reason.WRONG_STRUCTURE, "The message holds no statement (Stmt)");
        }
    }

    /** Whatever a document declares, nothing is fetched and nothing is expanded. */
    private static XMLInputFactory factory() {
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setXMLResolver((publicId, systemId, base, namespace) -> {
            throw new XMLStreamException("nothing is fetched");
        });
        return factory;
    }

    private void event(int event, XMLStreamReader xml) {
        switch (event) {
            case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
                throw new StatementRejected(
                        Reason.UNSAFE_XML, "The XML declares a document type or entities (DOCTYPE): not allowed");
            case XMLStreamConstants.START_ELEMENT -> start(xml);
            case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                if (text.length() < MarkupLimit.MAX_BYTES) {
                    text.append(xml.getText());
                }
            }
            case XMLStreamConstants.END_ELEMENT -> {
                end(place(xml));
                path.removeLast();
                text.setLength(0);
                ended = path.isEmpty();
            }
            default -> {}
        }
    }

    private void start(XMLStreamReader xml) {
        String name = xml.getLocalName();
        if (path.isEmpty()) {
            requireStatement(xml.getNamespaceURI());
        }
        path.addLast(name);
        text.setLength(0);
        if (path.size() > MAX_DEPTH) {
            throw new StatementRejected(Reason.TOO_LARGE, "The XML is nested too deeply", place(xml));
        }
        String currency = xml.getAttributeValue(null, "Ccy");
        switch (at()) {
            case "Stmt" -> {
                statement = new Statement();
                statements++;
            }
            case "Stmt/Bal" -> required().balance = new Balance();
            case "Stmt/Bal/Amt" -> required().balance.currency = currency == null ? "" : currency;
            case "Stmt/Ntry" -> {
                var entry = new Entry();
                entry.place = place(xml);
                required().entry = entry;
            }
            case "Stmt/Ntry/Amt" -> entry().currency = currency == null ? "" : currency;
            case "Stmt/Ntry/NtryDtls" -> {
                entry().batches.add(new Batch(place(xml), entry().details.size()));
                if (entry().batches.size() > MAX_DETAILS) {
                    throw new StatementRejected(Reason.TOO_LARGE, "An entry has too many batches", place(xml));
                }
            }
            case "Stmt/Ntry/NtryDtls/Btch/TtlAmt" -> batch().currency = currency == null ? "" : currency;
            case "Stmt/Ntry/NtryDtls/TxDtls" -> {
                entry().detail = new Movement();
                entry().details.add(detail());
                if (entry().details.size() > MAX_DETAILS) {
                    throw new StatementRejected(Reason.TOO_LARGE, "An entry has too many transactions", place(xml));
                }
            }
            case "Stmt/Ntry/NtryDtls/TxDtls/Amt", "Stmt/Ntry/NtryDtls/TxDtls/AmtDtls/TxAmt/Amt" ->
                detail().currency = currency == null ? "" : currency;
            default -> {}
        }
    }

    private static void requireStatement(@Nullable String namespace) {
        String uri = namespace == null ? "" : namespace;
        if (OTHER_REPORT.matcher(uri).matches()) {
            throw new StatementRejected(
                    Reason.NOT_A_STATEMENT,
                    uri.contains("camt.054")
                            ? "This is a notification (CAMT.054), detail of a statement, not a statement"
                            : "This is an interim report (CAMT.052), not a statement");
        }
        if (!STATEMENT.matcher(uri).matches()) {
            throw new StatementRejected(Reason.UNKNOWN_FORMAT, "This XML is not a bank statement (CAMT.053)");
        }
    }

    /** The path from the statement on. */
    private String at() {
        return path.size() < 3 ? "" : path.stream().skip(2).collect(Collectors.joining("/"));
    }

    private void end(String place) {
        if (statement == null) {
            return;
        }
        String value = text.toString().strip();
        switch (at()) {
            case "Stmt" -> statementEnds(place);
            case "Stmt/Id" -> required().id = value;
            case "Stmt/ElctrncSeqNb" -> required().number = value;
            case "Stmt/LglSeqNb" -> required().number = required().number.isEmpty() ? value : required().number;
            case "Stmt/Acct/Id/IBAN" -> required().iban = value;
            case "Stmt/Acct/Id/Othr/Id" -> required().other = value;
            case "Stmt/Acct/Ccy" -> required().currency = value;
            case "Stmt/Bal/Tp/CdOrPrtry/Cd" -> required().balance.code = value;
            case "Stmt/Bal/Amt" -> required().balance.amount = value;
            case "Stmt/Bal/CdtDbtInd" -> required().balance.direction = value;
            case "Stmt/Bal/Dt/Dt", "Stmt/Bal/Dt/DtTm" -> required().balance.date = value;
            case "Stmt/Bal" -> balance(place);
            case "Stmt/Ntry/Amt" -> entry().amount = value;
            case "Stmt/Ntry/CdtDbtInd" -> entry().direction = value;
            case "Stmt/Ntry/RvslInd" -> entry().reversal = value.equals("true") || value.equals("1");
            case "Stmt/Ntry/Sts" -> entry().status = entry().status.isEmpty() ? value : entry().status;
            case "Stmt/Ntry/Sts/Cd" -> entry().status = value;
            case "Stmt/Ntry/BookgDt/Dt", "Stmt/Ntry/BookgDt/DtTm" -> entry().bookedOn = value;
            case "Stmt/Ntry/ValDt/Dt", "Stmt/Ntry/ValDt/DtTm" -> entry().valueOn = value;
            case "Stmt/Ntry/AcctSvcrRef" -> entry().bankReference = value;
            case "Stmt/Ntry/BkTxCd/Prtry/Cd" -> entry().typeCode = value;
            case "Stmt/Ntry/BkTxCd/Domn/Fmly/SubFmlyCd" ->
                entry().typeCode = entry().typeCode.isEmpty() ? value : entry().typeCode;
            case "Stmt/Ntry/AddtlNtryInf" -> entry().say(value);
            case "Stmt/Ntry/NtryDtls/Btch/NbOfTxs" -> batch().count = value;
            case "Stmt/Ntry/NtryDtls/Btch/TtlAmt" -> batch().total = value;
            case "Stmt/Ntry/NtryDtls/Btch/CdtDbtInd" -> batch().direction = value;
            case "Stmt/Ntry/NtryDtls" -> batch().to = entry().details.size();
            case "Stmt/Ntry" -> entryEnds();
            default -> {
                if (at().startsWith("Stmt/TxsSummry/")) {
                    required().summary.says(at().substring("Stmt/TxsSummry/".length()), value, place);
                } else if (at().startsWith("Stmt/Ntry/NtryDtls/TxDtls/")) {
                    detail(at().substring("Stmt/Ntry/NtryDtls/TxDtls/".length()), value);
                }
            }
        }
    }

    private void detail(String name, String value) {
        Movement detail = detail();
        switch (name) {
            case "Amt" -> detail.amount = value;
            case "AmtDtls/TxAmt/Amt" -> detail.amount = detail.amount.isEmpty() ? value : detail.amount;
            case "CdtDbtInd" -> detail.direction = value;
            case "Refs/AcctSvcrRef" -> detail.bankReference = value;
            case "Refs/EndToEndId" -> detail.endToEnd = value.equals("NOTPROVIDED") ? "" : value;
            case "Refs/ChqNb" -> detail.checkNumber = value;
            case "RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm" -> detail.debtor = value;
            case "RltdPties/Cdtr/Nm", "RltdPties/Cdtr/Pty/Nm" -> detail.creditor = value;
            case "RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "AddtlTxInf" -> detail.say(value);
            default -> {}
        }
    }

    private void balance(String place) {
        Statement current = required();
        Balance balance = current.balance;
        boolean opens = balance.code.equals("OPBD") || balance.code.equals("PRCD");
        if (!opens && !balance.code.equals("CLBD")) {
            return;
        }
        String currency = FileAmounts.currency(balance.currency, place);
        if (current.currency.isEmpty()) {
            current.currency = currency;
        }
        requireCurrency(current, currency, place);
        long minor = FileAmounts.point(balance.amount, currency, place) * direction(balance.direction, place);
        LocalDate on = balance.date.isEmpty() ? null : date(balance.date, place);
        if (!opens) {
            current.closing = minor;
            current.closedOn = on;
        } else if (current.opening == null || balance.code.equals("OPBD")) {
            current.opening = minor;
            current.openedOn = on;
        }
    }

    private void begin(String place) {
        Statement current = required();
        if (current.begun) {
            return;
        }
        current.begun = true;
        String account = current.iban.isEmpty() ? current.other : current.iban;
        if (account.isEmpty()) {
            throw new StatementRejected(Reason.MISSING_VALUE, "The account of the statement is missing", place);
        }
        if (current.opening == null) {
            throw new StatementRejected(Reason.MISSING_VALUE, "The opening balance (OPBD) is missing", place);
        }
        FileAmounts.currency(current.currency, place);
        handler.opened(new StatementHeader(
                account,
                null,
                current.currency,
                FileText.clean(current.number.isEmpty() ? current.id : current.number, 35),
                current.openedOn,
                current.opening));
    }

    private void statementEnds(String place) {
        begin(place);
        Statement current = required();
        if (current.closing == null) {
            throw new StatementRejected(Reason.MISSING_VALUE, "The closing balance (CLBD) is missing", place);
        }
        current.summary.require(current.currency);
        handler.closed(new StatementClosing(current.closedOn, current.closing));
        statement = null;
    }

    private void entryEnds() {
        Entry entry = entry();
        Statement current = required();
        current.entry = null;
        if (!entry.status.equals("BOOK")) {
            if (entry.status.isEmpty()) {
                throw new StatementRejected(Reason.MISSING_VALUE, "The status of an entry is missing", entry.place);
            }
            if (!current.summary.isSilent()) {
                begin(entry.place);
                current.summary.holds(
                        false,
                        direction(entry.direction, entry.place),
                        FileAmounts.point(entry.amount, current.currency, entry.place));
            }
            return;
        }
        begin(entry.place);
        requireCurrency(current, entry.currency, entry.place);
        long minor = FileAmounts.point(entry.amount, current.currency, entry.place);
        requireUnsigned(minor, entry.place);
        int direction = direction(entry.direction, entry.place);
        if (entry.bookedOn.isEmpty()) {
            throw new StatementRejected(Reason.MISSING_VALUE, "The booking date of an entry is missing", entry.place);
        }
        current.summary.holds(true, direction, minor);
        for (Batch batch : entry.batches) {
            requireBatch(entry, batch, current.currency);
        }
        if (isBatch(entry, current.currency)) {
            long sum = 0;
            for (Movement detail : entry.details) {
                requireCurrency(current, detail.currency, entry.place);
                long part = FileAmounts.point(detail.amount, current.currency, entry.place);
                requireUnsigned(part, entry.place);
                int turned = detail.direction.isEmpty() ? direction : direction(detail.direction, entry.place);
                sum = Math.addExact(sum, turned * part);
                emit(entry, detail, turned * part);
            }
            if (sum != direction * minor) {
                throw new StatementRejected(
                        Reason.WRONG_CONTROL_TOTAL,
                        "The transactions of a batch do not add up to its amount",
                        entry.place);
            }
        } else {
            emit(entry, entry.details.isEmpty() ? entry : entry.details.getFirst(), direction * minor);
        }
    }

    /** A batch whose transactions are told elsewhere (CAMT.054), or by one that stands for all of them, has nothing to compare. */
    private static void requireBatch(Entry entry, Batch batch, String currency) {
        List<Movement> listed = entry.details.subList(batch.from, batch.to);
        if (listed.isEmpty() || listed.size() == 1 && standsForAll(listed.getFirst(), entry, batch, currency)) {
            return;
        }
        if (!batch.count.isEmpty() && FileAmounts.minor(batch.count, batch.place) != listed.size()) {
            throw new StatementRejected(
                    Reason.WRONG_CONTROL_COUNT,
                    "A batch says it has %s transactions, but it has %d"
                            .formatted(FileText.shown(batch.count), listed.size()),
                    batch.place);
        }
        if (batch.total.isEmpty()
                || !listed.stream().allMatch(detail -> isIn(detail, currency))
                || !batch.currency.equals(currency)) {
            return;
        }
        int direction = direction(batch.direction.isEmpty() ? entry.direction : batch.direction, batch.place);
        long said = direction * FileAmounts.point(batch.total, currency, batch.place);
        long sum = 0;
        for (Movement detail : listed) {
            int turned = direction(detail.direction.isEmpty() ? entry.direction : detail.direction, entry.place);
            sum = Math.addExact(sum, turned * FileAmounts.point(detail.amount, currency, entry.place));
        }
        if (sum != said) {
            throw new StatementRejected(
                    Reason.WRONG_CONTROL_TOTAL,
                    "A batch says its total is %s, but its transactions add up to %s"
                            .formatted(FileText.shown(batch.total), Amounts.format(direction * sum, currency)),
                    batch.place);
        }
    }

    private static boolean standsForAll(Movement only, Entry entry, Batch batch, String currency) {
        if (!isIn(only, currency)) {
            return true;
        }
        long minor = FileAmounts.point(only.amount, currency, entry.place);
        return minor == FileAmounts.point(entry.amount, currency, entry.place)
                || batch.currency.equals(currency) && minor == FileAmounts.point(batch.total, currency, batch.place);
    }

    private static boolean isIn(Movement detail, String currency) {
        return !detail.amount.isEmpty() && detail.currency.equals(currency);
    }

    /** Several transactions, each with its amount in the currency of the account. */
    private static boolean isBatch(Entry entry, String currency) {
        return entry.details.size() > 1 && entry.details.stream().allMatch(detail -> isIn(detail, currency));
    }

    private void emit(Entry entry, Movement movement, long minor) {
        List<String> words = new ArrayList<>(movement.description);
        if (movement != entry) {
            words.addAll(entry.description);
        }
        String counterparty = minor > 0 ? movement.debtor : movement.creditor;
        handler.line(new StatementLine(
                date(entry.bookedOn, entry.place),
                entry.valueOn.isEmpty() ? null : date(entry.valueOn, entry.place),
                minor,
                entry.reversal,
                FileText.clean(entry.typeCode, 35),
                FileText.clean(movement.bankReference.isEmpty() ? entry.bankReference : movement.bankReference, 100),
                FileText.clean(movement.endToEnd, 100),
                FileText.clean(movement.checkNumber, 35),
                FileText.clean(counterparty, 200),
                FileText.clean(String.join(" ", words)),
                TraceNumbers.in(String.join("", movement.description)),
                entry.place));
    }

    private static void requireUnsigned(long minor, String place) {
        if (minor < 0) {
            throw new StatementRejected(
                    Reason.WRONG_AMOUNT, "An amount has a sign; its direction is in CdtDbtInd", place);
        }
    }

    private static void requireCurrency(Statement statement, String currency, String place) {
        if (statement.currency.isEmpty()) {
            statement.currency = FileAmounts.currency(currency, place);
        }
        if (!statement.currency.equals(currency)) {
            throw new StatementRejected(
                    Reason.WRONG_CURRENCY,
                    "The account is in %s, this amount is in '%s'"
                            .formatted(statement.currency, FileText.shown(currency)),
                    place);
        }
    }

    private static int direction(String word, String place) {
        return switch (word) {
            case "CRDT" -> 1;
            case "DBIT" -> -1;
            default -> throw new StatementRejected(Reason.MISSING_VALUE, "CdtDbtInd says neither CRDT nor DBIT", place);
        };
    }

    private static LocalDate date(String text, String place) {
        try {
            return LocalDate.parse(text.length() > 10 ? text.substring(0, 10) : text);
        } catch (DateTimeException e) {
            throw new StatementRejected(Reason.WRONG_DATE, "'%s' is not a date".formatted(FileText.shown(text)), place);
        }
    }

    private Statement required() {
        if (statement == null) {
            throw new IllegalStateException("no statement is under way");
        }
        return statement;
    }

    private Entry entry() {
        Entry entry = required().entry;
        if (entry == null) {
            throw new IllegalStateException("no entry is under way");
        }
        return entry;
    }

    private Batch batch() {
        return entry().batches.getLast();
    }

    private Movement detail() {
        Movement detail = entry().detail;
        if (detail == null) {
            throw new IllegalStateException("no transaction is under way");
        }
        return detail;
    }

    private static String place(XMLStreamReader xml) {
        return "line " + xml.getLocation().getLineNumber();
    }
}
