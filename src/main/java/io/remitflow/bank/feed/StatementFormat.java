package io.remitflow.bank.feed;

import io.remitflow.bank.BankFormat;
import io.remitflow.bank.CsvProfile;
import io.remitflow.bank.StatementHandler;
import io.remitflow.bank.StatementReader;
import io.remitflow.bank.StatementRejected;
import io.remitflow.bank.StatementRejected.Reason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** Recognises the format of a statement file by its content, whatever its name says. */
@Component
class StatementFormat implements StatementReader {

    private static final int SAMPLE_BYTES = 4096;
    private static final Pattern BAI2 = Pattern.compile("\\s*01,[^,]*,[^,]*,\\d{6},.*", Pattern.DOTALL);
    private static final Pattern OFX =
            Pattern.compile("(?i)\\s*(OFXHEADER:.*|(<\\?[^>]*>\\s*)*(<!DOCTYPE.*)?<OFX>.*)", Pattern.DOTALL);
    private static final Pattern MT940 = Pattern.compile("(.*\\n)?(\\{4:\\s*)?\\s*:20:.*", Pattern.DOTALL);
    private static final Pattern DOCTYPE = Pattern.compile("<!(DOCTYPE|ENTITY)");
    private static final List<Foreign> FOREIGN = List.of(
            new Foreign("a PDF document", "%PDF"),
            new Foreign("a ZIP archive or an Excel workbook", "PK\u0003\u0004"),
            new Foreign("a GZIP archive", "\u001f\u008b"),
            new Foreign("a JPEG image", "\u00ff\u00d8\u00ff"),
            new Foreign("a PNG image", "\u0089PNG"),
            new Foreign("a TIFF image", "II*\u0000"),
            new Foreign("an old Excel workbook", "\u00d0\u00cf\u0011\u00e0"),
            new Foreign("a remittance (835)", "ISA"),
            new Foreign("an ACH file (NACHA), which belongs into ach-returns", "101 "));

    private record Foreign(String title, String beginning) {}

    @Override
    public BankFormat read(InputStream bytes, List<CsvProfile> profiles, StatementHandler handler) {
        try {
            var buffered = new BufferedInputStream(bytes, 64 * 1024);
            String sample = sample(buffered);
            var check = new BalanceCheck(handler);
            BankFormat format = format(sample);
            switch (format) {
                case BAI2 -> new Bai2Reader(new LineSource(buffered), check).read();
                case MT940 -> new Mt940Reader(new LineSource(buffered), check).read();
                case CAMT053 -> new CamtReader(check).read(new MarkupLimit(buffered));
                case OFX -> new OfxReader(buffered, check).read();
                case CSV -> new CsvReader(new LineSource(buffered), profiles, check).read();
            }
            if (check.statements() == 0) {
                throw new StatementRejected(Reason.NOT_A_STATEMENT, "The file holds no statement");
            }
            return format;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static BankFormat format(String sample) {
        for (Foreign kind : FOREIGN) {
            if (sample.startsWith(kind.beginning)) {
                throw new StatementRejected(
                        Reason.UNKNOWN_FORMAT, "This is %s, not a bank statement".formatted(kind.title));
            }
        }
        if (sample.indexOf('\0') >= 0) {
            throw new StatementRejected(Reason.NOT_TEXT, "The file holds binary data, not text");
        }
        if (BAI2.matcher(sample).matches()) {
            return BankFormat.BAI2;
        }
        if (OFX.matcher(sample).matches()) {
            return BankFormat.OFX;
        }
        if (sample.stripLeading().startsWith("<")) {
            if (DOCTYPE.matcher(sample).find()) {
                throw new StatementRejected(
                        Reason.UNSAFE_XML, "The XML declares a document type or entities (DOCTYPE): not allowed");
            }
            return BankFormat.CAMT053;
        }
        return MT940.matcher(sample).matches() ? BankFormat.MT940 : BankFormat.CSV;
    }

    /** The beginning, one character for each byte; a byte order mark of UTF-8 is passed over. */
    private static String sample(BufferedInputStream bytes) throws IOException {
        bytes.mark(SAMPLE_BYTES + 1);
        byte[] sample = bytes.readNBytes(SAMPLE_BYTES);
        bytes.reset();
        if (sample.length == 0) {
            throw new StatementRejected(Reason.EMPTY, "The file is empty");
        }
        String text = new String(sample, StandardCharsets.ISO_8859_1);
        if (text.startsWith("\u00ff\u00fe") || text.startsWith("\u00fe\u00ff")) {
            throw new StatementRejected(
                    Reason.WRONG_ENCODING, "The file is in UTF-16: ask the bank for UTF-8, or save it as such");
        }
        if (text.startsWith("\u00ef\u00bb\u00bf")) {
            bytes.skipNBytes(3);
            text = text.substring(3);
        }
        if (text.isBlank()) {
            throw new StatementRejected(Reason.EMPTY, "The file holds nothing but blanks");
        }
        return text;
    }
}
