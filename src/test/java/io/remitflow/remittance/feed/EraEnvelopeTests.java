package io.remitflow.remittance.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.remittance.EraPatient;
import io.remitflow.remittance.EraPosition;
import io.remitflow.remittance.EraRejected;
import io.remitflow.remittance.EraRejected.Reason;
import io.remitflow.remittance.TransactionBalance;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EraEnvelopeTests {

    private static final String GOOD = EraText.paying("100", "CLP*C1*1*100*100*0*12*P1*11*1", "NM1*QC*1*DOE*JANE");

    @Test
    void readsHeaderAndKeys() {
        var transaction = RecordedEra.of(GOOD).transactions.getFirst();

        assertThat(transaction.paidMinor()).isEqualTo(10_000);
        assertThat(transaction.traceNumber()).isEqualTo("TRACE1");
        assertThat(transaction.payerIdentifier()).isEqualTo("1512345678");
        assertThat(transaction.payer().name()).isEqualTo("INSURANCE OF EXAMPLE");
        assertThat(transaction.payee().identifier()).isEqualTo("1234567893");
        assertThat(transaction.paymentDate()).isEqualTo(LocalDate.of(2026, 1, 5));
        assertThat(transaction.controlKey()).isEqualTo("PAYER|HOSPITAL|000000905|905|0001");
        assertThat(transaction.paymentKey()).isEqualTo("1512345678|TRACE1|10000|2026-01-05|1234567893");
        assertThat(RecordedEra.of(GOOD).claims.getFirst().claimKey()).isEqualTo("C1|P1|1|10000|10000||");
    }

    @Test
    void keepsThePatientOutOfItsTextForm() {
        assertThat(RecordedEra.of(GOOD).claims.getFirst().patient())
                .isEqualTo(new EraPatient("DOE", "JANE", null, null));
        assertThat(RecordedEra.of(GOOD).claims.getFirst().toString()).doesNotContain("DOE");
    }

    @ParameterizedTest
    @CsvSource({
        "'SE*8*', 'SE*9*', WRONG_CONTROL_COUNT, SE01",
        "'SE*8*', 'SE*x*', WRONG_CONTROL_COUNT, SE01",
        "'SE*8*', 'SE**', MISSING_ELEMENT, SE01",
        "'*0001~GE', '*0002~GE', WRONG_CONTROL_NUMBER, SE02",
        "'GE*1', 'GE*2', WRONG_CONTROL_COUNT, GE01",
        "'GE*1*905', 'GE*1*906', WRONG_CONTROL_NUMBER, GE02",
        "'IEA*1', 'IEA*2', WRONG_CONTROL_COUNT, IEA01",
        "'IEA*1*000000905', 'IEA*1*000000906', WRONG_CONTROL_NUMBER, IEA02",
    })
    void b6_d3_rejectsWrongTrailers(String right, String wrong, Reason reason, String place) {
        assertThat(GOOD).contains(right);

        var rejected = RecordedEra.of(GOOD.replace(right, wrong)).rejected();

        assertThat(rejected.reason()).isEqualTo(reason);
        assertThat(rejected.position().words()).contains(place);
    }

    @Test
    void b6_acceptsATrailerWithoutTheLeadingZerosOfItsHeader() {
        assertThat(RecordedEra.of(GOOD.replace("IEA*1*000000905", "IEA*1*905")).rejected)
                .isNull();
    }

    @Test
    void d3_rejectsTwoTransactionsWithOneControlNumber() {
        var text = new EraText()
                .transaction("BPR*H*0*C*NON************20260105", "T1")
                .transaction("BPR*H*0*C*NON************20260105", "T2")
                .build()
                .replace("0002", "0001");

        assertThat(RecordedEra.of(text).rejected().reason()).isEqualTo(Reason.DUPLICATE_CONTROL_NUMBER);
    }

    @Test
    void b7_acceptsSeveralTransactionsAndSeveralInterchanges() {
        var two = new EraText()
                .transaction("BPR*H*0*C*NON************20260105", "T1")
                .transaction("BPR*H*0*C*NON************20260105", "T2")
                .build();

        var era = RecordedEra.of(two + "\r\n" + two);

        assertThat(era.rejected).isNull();
        assertThat(era.transactions).hasSize(4);
        assertThat(era.interchanges).isEqualTo(2);
        assertThat(era.transactions.get(2).envelope().interchangeIndex()).isEqualTo(2);
    }

    @Test
    void v7_sameTraceNumberWithDifferentClaimsHasDifferentContent() {
        var era = RecordedEra.of(new EraText()
                .transaction("BPR*H*0*C*NON************20260105", "EO0000000000", "CLP*A*4*10*0*0*12*P", "CAS*CO*50*10")
                .transaction("BPR*H*0*C*NON************20260105", "EO0000000000", "CLP*B*4*10*0*0*12*P", "CAS*CO*50*10")
                .build());

        assertThat(era.totals.get(0).contentHash())
                .isNotEqualTo(era.totals.get(1).contentHash());
        assertThat(era.transactions.get(0).paymentKey())
                .isEqualTo(era.transactions.get(1).paymentKey());
    }

    @Test
    void contentHashIgnoresEnvelopeDelimitersLineEndsAndEmptyTrailingElements() {
        var hash = RecordedEra.of(GOOD).totals.getFirst().contentHash();

        var elsewhere = GOOD.replace("000000905", "000000777")
                .replace("*905*X", "*31*X")
                .replace("GE*1*905", "GE*1*31")
                .replace("260102*0803", "270102*0903")
                .replace("0001~", "9999~")
                .replace("JANE~", "JANE****~")
                .replace("*", "|")
                .replace("~", "!\r\n");
        var again = RecordedEra.of(elsewhere);

        assertThat(again.rejected).isNull();
        assertThat(again.totals.getFirst().contentHash()).isEqualTo(hash).hasSize(64);
        assertThat(RecordedEra.of(GOOD.replace("JANE", "JOAN"))
                        .totals
                        .getFirst()
                        .contentHash())
                .isNotEqualTo(hash);
    }

    @Test
    void v21_rejectsEveryTruncationOfAFile() {
        var bytes = GOOD.getBytes(StandardCharsets.US_ASCII);

        for (int length = 1; length < bytes.length - 1; length++) {
            var era = RecordedEra.of(Arrays.copyOf(bytes, length));
            assertThat(era.rejected).as("first %d bytes", length).isNotNull();
            assertThat(era.file).isNull();
        }
        assertThat(RecordedEra.of(Arrays.copyOf(bytes, bytes.length - 1)).rejected)
                .as("only the last end mark is missing")
                .isNull();
    }

    @Test
    void d2_saysWhereATruncatedFileEnds() {
        var cut = GOOD.substring(0, GOOD.indexOf("CLP*") + 9);

        var rejected = RecordedEra.of(cut).rejected();

        assertThat(rejected.reason()).isEqualTo(Reason.TRUNCATED);
        assertThat(rejected.position().offset()).isEqualTo(cut.length());
        assertThat(rejected.position().segmentNumber()).isEqualTo(8);
        assertThat(rejected.getMessage())
                .startsWith("The file ends before its end segment (IEA): it is incomplete (segment 8, CLP, character");
    }

    @Test
    void d2_aFileThatBreaksAfterAnEndedTransactionEndsInRejection() {
        var era = RecordedEra.of(GOOD.substring(0, GOOD.indexOf("GE*")));

        assertThat(era.totals).hasSize(1);
        assertThat(era.rejected().reason()).isEqualTo(Reason.TRUNCATED);
        assertThat(era.file).isNull();
    }

    @Test
    void v21_rejectsASecondIsaInsideAnInterchange() {
        var rejected = RecordedEra.of(EraText.ISA + GOOD).rejected();

        assertThat(rejected.reason()).isEqualTo(Reason.WRONG_STRUCTURE);
        assertThat(rejected.getMessage()).contains("A second ISA begins before");
    }

    @Test
    void v21_d6_rejectsAByteOrderMark() {
        assertRejected("\uFEFF" + GOOD, Reason.BYTE_ORDER_MARK, 0);
        assertThat(reasonOf(GOOD.getBytes(StandardCharsets.UTF_16))).isEqualTo(Reason.WRONG_ENCODING);
    }

    @Test
    void v21_rejectsLowerCaseSegments() {
        assertRejected(GOOD.replace("CLP*", "clp*"), Reason.LOWER_CASE, GOOD.indexOf("CLP*"));
        assertRejected(GOOD.replace("ISA", "isa"), Reason.LOWER_CASE, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\n", "\n", "\r", "\r\n\r\n", "\n   ", "  "})
    void v21_d6_acceptsLineEndsAndBlanksBetweenSegments(String lineEnd) {
        assertSame(GOOD.replace("~", "~" + lineEnd));
    }

    @Test
    void d6_acceptsLinesFoldedAtEightyCharacters() {
        assertSame(GOOD.replaceAll("(.{80})", "$1\r\n").replaceFirst("(?s)^(.{80})\r\n(.{26})", "$1$2"));
    }

    @ParameterizedTest
    @CsvSource({"|, ~", "*, '!'", "+, ~", "|, '%'"})
    void b5_d6_takesDelimitersFromIsa(String element, String terminator) {
        assertSame(GOOD.replace("*", element).replace("~", terminator));
    }

    @Test
    void b5_d6_acceptsCaretPipeAndLineEndsAsDelimiters() {
        assertSame(GOOD.replace("^", "!").replace("*", "^"));
        assertSame(GOOD.replace("*:~", "*|~"));
        assertSame(GOOD.replace("~", "\n"));
        assertSame(GOOD.replace("~", "\r\n"));
        assertSame(GOOD.replace("~", "\n").stripTrailing());
        assertSame(GOOD.replace("*", "\u001D").replace("~", "\u001C"));
    }

    @Test
    void d6_rejectsNulControlCharactersAndOtherEncodings() {
        assertRejected(GOOD.replace("JANE", "JA\0NE"), Reason.NOT_TEXT, GOOD.indexOf("JANE") + 2);
        assertRejected("\0\0" + GOOD, Reason.NOT_TEXT, 0);
        assertRejected(GOOD.replace("JANE", "JA\u0007NE"), Reason.NOT_TEXT, GOOD.indexOf("JANE") + 2);
        assertThat(reasonOf(GOOD.getBytes(Charset.forName("IBM1047")))).isEqualTo(Reason.WRONG_ENCODING);
        var latin = RecordedEra.of(GOOD.replace("DOE", "MU\u00D1OZ").getBytes(StandardCharsets.ISO_8859_1))
                .rejected();
        assertThat(latin.reason()).isEqualTo(Reason.WRONG_ENCODING);
    }

    @Test
    void d6_storesNamesInUtf8AsTheyAre() {
        var era = RecordedEra.of(GOOD.replace("DOE", "MU\u00D1OZ \u015Eule \u4E2D"));

        assertThat(era.rejected).isNull();
        assertThat(era.claims.getFirst().patient())
                .isEqualTo(new EraPatient("MU\u00D1OZ \u015Eule \u4E2D", "JANE", null, null));
    }

    @Test
    void d10_rejectsByContentWhateverTheName() throws IOException {
        assertRejected("", Reason.EMPTY, 0);
        assertThat(RecordedEra.of("").rejected().getMessage()).contains("The file is empty");
        assertThat(reasonOf("  \r\n \n".getBytes(StandardCharsets.US_ASCII))).isEqualTo(Reason.EMPTY);
        assertRejected("%PDF-1.7 ...", Reason.NOT_X12, 0);
        assertThat(RecordedEra.of("PK\u0003\u0004....").rejected().getMessage()).contains("ZIP");
        assertThat(reasonOf(new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) 0xE0}))
                .isEqualTo(Reason.NOT_X12);
        assertThat(reasonOf(new byte[] {(byte) 0x89, 'P', 'N', 'G'})).isEqualTo(Reason.NOT_X12);
        assertRejected("<?xml version=\"1.0\"?><a/>", Reason.NOT_X12, 0);
        assertRejected("Dear Sir or Madam", Reason.NOT_X12, 0);
        var zipped = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(zipped)) {
            gzip.write(GOOD.getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(reasonOf(zipped.toByteArray())).isEqualTo(Reason.NOT_X12);
    }

    @Test
    void rejectsOtherTransactionsAndEnvelopes() {
        assertThat(RecordedEra.of(GOOD.replace("ST*835", "ST*277")).rejected().getMessage())
                .contains("its transaction is a 277, not an 835 remittance");
        assertRejected(GOOD.substring(106), Reason.NO_ENVELOPE, 0);
        assertRejected(GOOD.substring(GOOD.indexOf("ST*")), Reason.NO_ENVELOPE, 0);
        assertRejected("Remittance of today\n" + GOOD, Reason.TEXT_BEFORE_ISA, 0);
        assertRejected(GOOD + "and more", Reason.TEXT_AFTER_END, GOOD.length());
        assertRejected(GOOD.replaceFirst("GS\\*.*?~", ""), Reason.WRONG_STRUCTURE, 106);
    }

    @Test
    void namesTheElementThatMakesTheIsaTooShortOrTooLong() {
        var rejected =
                RecordedEra.of(GOOD.replace("*PAYER          *", "*PAYER*")).rejected();
        assertThat(rejected.reason()).isEqualTo(Reason.WRONG_ISA_LENGTH);
        assertThat(rejected.getMessage()).contains("ISA06 has 5 instead of 15").contains("ISA06, character 35");

        assertThat(RecordedEra.of(GOOD.replace("*000000905*0", "*0000000905*0"))
                        .rejected()
                        .getMessage())
                .contains("ISA13 has 10 instead of 9");
        assertThat(RecordedEra.of(GOOD.replace("*P*:~", "*P*~")).rejected().reason())
                .isIn(Reason.WRONG_ISA_LENGTH, Reason.WRONG_DELIMITERS);
        assertThat(RecordedEra.of(GOOD.replace("*P*:~", "*P*:~~")).rejected().reason())
                .isEqualTo(Reason.WRONG_STRUCTURE);
    }

    @ParameterizedTest
    @CsvSource({
        "1234567890123, is too large",
        "999999999999999, is too large",
        "1.2345, has more than three decimals",
        "1e3, is not a number",
        "1., is not a number"
    })
    void d5_rejectsAQuantityThatTheBooksCannotKeepExactly(String quantity, String why) {
        for (var place : new String[] {"SVC*HC:99213*100*100**@", "CAS*CO*45*0*@"}) {
            var rejected = RecordedEra.of(
                            EraText.paying("100", "CLP*C1*1*100*100*0*12*P", place.replace("@", quantity)))
                    .rejected();
            assertThat(rejected.reason()).isEqualTo(Reason.WRONG_QUANTITY);
            assertThat(rejected.getMessage()).contains(why);
        }
        assertThat(RecordedEra.of(EraText.paying(
                                "100", "CLP*C1*1*100*100*0*12*P", "SVC*HC:99213*100*100**-999999999999.125"))
                        .rejected)
                .as("the most that is kept")
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "12x",
                "1e3",
                "1,000",
                "-0",
                "1.999",
                "1000000000000000",
                "+5",
                "5.",
                ".",
                "-",
                "1.2.3",
                "0x1",
                " 5",
                "\u0661"
            })
    void d5_rejectsWhatIsNotAnExactAmount(String amount) {
        for (var place : new String[] {"CLP*C1*1*@*100*0", "CLP*C1*1*100*@*0", "CLP*C1*1*100*100*@"}) {
            var rejected = RecordedEra.of(EraText.paying("100", place.replace("@", amount)))
                    .rejected();
            assertThat(rejected.reason()).isEqualTo(Reason.WRONG_AMOUNT);
            assertThat(rejected.position().words()).contains("CLP0");
        }
        assertThat(RecordedEra.of(EraText.paying(amount)).rejected().position().words())
                .contains("BPR02");
        assertThat(RecordedEra.of(EraText.paying("1", "PLB*1*20261231*WO:A*" + amount))
                        .rejected()
                        .position()
                        .words())
                .contains("PLB04");
        assertThat(RecordedEra.of(EraText.paying("1", "CLP*C1*1*1*1", "CAS*CO*45*" + amount))
                        .rejected()
                        .position()
                        .words())
                .contains("CAS03");
    }

    @Test
    void d5_rejectsABlankAmount() {
        assertThat(RecordedEra.of(EraText.paying("")).rejected().reason()).isEqualTo(Reason.MISSING_ELEMENT);
        assertThat(RecordedEra.of(EraText.paying("1", "CLP*C1*1**1")).rejected().getMessage())
                .isEqualTo("The charge of the claim is missing (segment 8, CLP03, character 294)");
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "00,0",
        "1,100",
        "1.5,150",
        ".5,50",
        "-.05,-5",
        "007.10,710",
        "999999999999.99,99999999999999",
        "-12.34,-1234"
    })
    void d5_readsAmountsExactly(String text, long minor) {
        assertThat(AmountText.minor(text, "x", () -> EraPosition.atOffset(0))).isEqualTo(minor);
    }

    @Test
    void d5_doesNotShowWhatMayBeAName() {
        var rejected =
                RecordedEra.of(EraText.paying("100", "CLP*C1*1*JANE DOE*100*0")).rejected();

        assertThat(rejected.getMessage()).doesNotContain("DOE").contains("(8 characters) is not a number");
    }

    @Test
    void d5_refusesSumsThatCannotBeHeld() {
        var claim = RecordedEra.of(EraText.paying("1", "CLP*C1*1*999999999999.99*999999999999.99*0"));
        var balance = new TransactionBalance(claim.transactions.getFirst());

        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> {
            for (int i = 0; i < 100_000; i++) {
                balance.add(claim.claims.getFirst());
            }
        });
    }

    @Test
    void rejectsMoneyThatBelongsToNoClaimAndMissingHeaderSegments() {
        assertThat(RecordedEra.of(EraText.paying("1", "CAS*CO*45*1")).rejected().getMessage())
                .contains("CAS belongs to a claim");
        assertThat(RecordedEra.of(EraText.paying("1", "SVC*HC:1*1*1"))
                        .rejected()
                        .reason())
                .isEqualTo(Reason.WRONG_STRUCTURE);
        assertThat(RecordedEra.of(EraText.paying("1", "PLB*1*20261231*WO*1", "CAS*CO*45*1"))
                        .rejected()
                        .reason())
                .isEqualTo(Reason.WRONG_STRUCTURE);
        assertThat(RecordedEra.of(EraText.paying("1", "BPR*I*1*C*ACH"))
                        .rejected()
                        .getMessage())
                .contains("second BPR");
        assertThat(RecordedEra.of(GOOD.replaceFirst("TRN.*?~", "").replace("SE*8", "SE*7"))
                        .rejected()
                        .getMessage())
                .contains("TRN (the trace number) is missing");
        assertThat(RecordedEra.of(EraText.paying("1", "CUR*PR*CAD")).rejected().reason())
                .isEqualTo(Reason.WRONG_VALUE);
    }

    @Test
    void d9_rejectsEndlessContentAtOnce() {
        long started = System.nanoTime();

        assertThat(RecordedEra.of(endless(EraText.ISA + EraText.GS + "ST*835*0001~BPR*I*", 'A'))
                        .rejected()
                        .reason())
                .isEqualTo(Reason.TOO_LARGE);
        assertThat(RecordedEra.of(endless("ISA", 'A')).rejected).isNotNull();
        assertThat(RecordedEra.of(endless("", 'A')).rejected().reason()).isEqualTo(Reason.NOT_X12);
        assertThat(RecordedEra.of(endless(EraText.ISA, '~')).rejected().getMessage())
                .contains("There is a segment without content");
        assertThat(RecordedEra.of(endless(EraText.ISA + EraText.GS + "ST*835*0001~BPR", '*'))
                        .rejected()
                        .reason())
                .isEqualTo(Reason.TOO_LARGE);

        assertThat(System.nanoTime() - started).isLessThan(5_000_000_000L);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 105, 106, 107, 4096, 65536})
    void d7_readsTheSameWhateverTheChunks(int size) {
        var whole = Era835Generator.of(7, 300, 3).bytes();
        var expected = RecordedEra.of(whole);
        var chunked = RecordedEra.of(new Chunks(whole, size));
        assertThat(chunked.rejected).isNull();
        assertThat(chunked.totals).isEqualTo(expected.totals);
        assertThat(chunked.claims).isEqualTo(expected.claims);
        assertThat(chunked.transactions).isEqualTo(expected.transactions);

        var broken = new String(whole, StandardCharsets.US_ASCII)
                .replace("SE*", "Se*")
                .getBytes(StandardCharsets.US_ASCII);
        assertThat(RecordedEra.of(new Chunks(broken, size)).rejected())
                .hasMessage(RecordedEra.of(broken).rejected().getMessage());
    }

    @Test
    void passesOnFailuresOfTheStreamAndOfTheHandler() {
        var failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("disk");
            }
        };
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> new EraReader().read(failing, new RecordedEra()))
                .withMessage("disk");
    }

    private static void assertSame(String text) {
        var era = RecordedEra.of(text);
        assertThat(era.rejected).isNull();
        assertThat(era.totals).isEqualTo(RecordedEra.of(GOOD).totals);
        assertThat(era.claims).hasSize(1);
    }

    private static void assertRejected(String text, Reason reason, long offset) {
        EraRejected rejected = RecordedEra.of(text).rejected();
        assertThat(rejected.reason()).isEqualTo(reason);
        assertThat(rejected.position().offset()).isEqualTo(offset);
    }

    private static Reason reasonOf(byte[] bytes) {
        return RecordedEra.of(bytes).rejected().reason();
    }

    private static InputStream endless(String beginning, char c) {
        var rest = new InputStream() {
            private int left = 100_000_000;

            @Override
            public int read() {
                return left-- > 0 ? c : -1;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                if (left <= 0) {
                    return -1;
                }
                int count = Math.min(left, length);
                Arrays.fill(target, offset, offset + count, (byte) c);
                left -= count;
                return count;
            }
        };
        return new SequenceInputStream(new ByteArrayInputStream(beginning.getBytes(StandardCharsets.US_ASCII)), rest);
    }

    /** Gives no more than so many bytes at a time. */
    private static final class Chunks extends InputStream {

        private final ByteArrayInputStream bytes;
        private final int size;

        Chunks(byte[] bytes, int size) {
            this.bytes = new ByteArrayInputStream(bytes);
            this.size = size;
        }

        @Override
        public int read() {
            return bytes.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            return bytes.read(target, offset, Math.min(size, length));
        }
    }
}
