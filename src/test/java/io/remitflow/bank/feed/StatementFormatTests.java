package io.remitflow.bank.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.remitflow.bank.BankFormat;
import io.remitflow.bank.StatementLine;
import io.remitflow.bank.StatementRejected;
import io.remitflow.bank.StatementRejected.Reason;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The format rules of domain-rules 4.5, each file as small as its point allows. */
class StatementFormatTests {

    private static final String MOOV_README = """
            01,0004,12345,060321,0829,001,80,1,2/
            02,12345,0004,1,060317,,CAD,/
            03,10200123456,CAD,040,+000000000000,,,045,+000000000000,,/
            88,100,000000000208500,00003,V,060316,,400,000000000208500,00008,V,060316,/
            16,409,000000000002500,V,060316,,,,RETURNED CHEQUE     /
            16,409,000000000090000,V,060316,,,,RTN-UNKNOWN         /
            16,409,000000000000500,V,060316,,,,RTD CHQ SERVICE CHRG/
            16,108,000000000203500,V,060316,,,,TFR 1020 0345678    /
            16,108,000000000002500,V,060316,,,,MACLEOD MALL        /
            16,108,000000000002500,V,060316,,,,MASCOUCHE QUE       /
            16,409,000000000020000,V,060316,,,,1000 ISLANDS MALL   /
            16,409,000000000090000,V,060316,,,,PENHORA MALL        /
            16,409,000000000002000,V,060316,,,,CAPILANO MALL       /
            16,409,000000000002500,V,060316,,,,GALERIES LA CAPITALE/
            16,409,000000000001000,V,060316,,,,PLAZA ROCK FOREST   /
            49,+00000000000834000,14/
            03,10200123456,CAD,040,+000000000000,,,045,+000000000000,,/
            88,100,000000000111500,00002,V,060317,,400,000000000111500,00004,V,060317,/
            16,108,000000000011500,V,060317,,,,TFR 1020 0345678    /
            16,108,000000000100000,V,060317,,,,MONTREAL            /
            16,409,000000000100000,V,060317,,,,GRANDFALL NB        /
            16,409,000000000009000,V,060317,,,,HAMILTON ON         /
            16,409,000000000002000,V,060317,,,,WOODSTOCK NB        /
            16,409,000000000000500,V,060317,,,,GALERIES RICHELIEU  /
            49,+00000000000446000,9/
            98,+00000000001280000,2,25/
            99,+00000000001280000,1,27/
            """;

    static final String BAI2 = """
            01,BANK,CUST,260302,0600,1,,,2/
            02,CUST,BANK,1,260302,,USD,2/
            03,0123456789,USD,010,100000,,,015,147050,,/
            16,142,48050,Z,BR1,CR1,GREENLEAF HCCLAIMPMT 705TRN/
            88,*1*884684308*1512345678\\/
            16,475,1000,Z,BR2,1044,CHECK PAID, see a/b/
            49,296100,5/
            98,296100,1,7/
            99,296100,1,9/
            """;

    private static final String MT940 = """
            :20:STMT1
            :25:12345678/0123456789
            :28C:00007/001
            :60F:C251231USD1000,
            :61:2512310102C250,5NTRFREF1//BANK1
            :86:Received from A
            :61:2601020102D100,NCHK1044
            :86:Check
            :61:2601020102RC20,NTRFNONREF
            :61:2601020102RD5,NMSCNONREF
            :62F:C260102USD1135,5
            -
            """;

    @Test
    void bai2_controlTotalsOfAllLevelsAre834000And446000And1280000() {
        var read = ReadStatements.of(MOOV_README);

        assertThat(read.format).isEqualTo(BankFormat.BAI2);
        assertThat(read.headers).hasSize(2);
        assertThat(read.lines).hasSize(17);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            49,+00000000000834000,14 | 49,+00000000000834001,14 | WRONG_CONTROL_TOTAL
            49,+00000000000834000,14 | 49,+00000000000834000,13 | WRONG_CONTROL_COUNT
            98,+00000000001280000,2,25 | 98,+00000000001280000,1,25 | WRONG_CONTROL_COUNT
            98,+00000000001280000,2,25 | 98,+00000000001280000,2,26 | WRONG_CONTROL_COUNT
            98,+00000000001280000,2,25 | 98,+00000000001270000,2,25 | WRONG_CONTROL_TOTAL
            99,+00000000001280000,1,27 | 99,+00000000001280000,1,28 | WRONG_CONTROL_COUNT
            99,+00000000001280000,1,27 | 99,+00000000001280000,2,27 | WRONG_CONTROL_COUNT
            99,+00000000001280000,1,27/ | 99,+00000000001280000,1,27/~99,+00000000001280000,1,27/ | WRONG_STRUCTURE
            99,+00000000001280000,1,27/ | ~ | TRUNCATED
            02,12345,0004,1,060317,,CAD,/ | 02,12345,0004,1,060317,,XXY,/ | WRONG_CURRENCY
            02,12345,0004,1,060317,,CAD,/ | 02,12345,0004,1,060231,,CAD,/ | WRONG_DATE
            """)
    void d15_aWrongTotalCountTrailerOrCurrencyRejectsTheWholeFile(String right, String wrong, Reason reason) {
        assertThat(MOOV_README).contains(right);
        assertThat(rejection(MOOV_README.replace(right, wrong.replace('~', '\n')))
                        .reason())
                .isEqualTo(reason);
    }

    @Test
    void bai2_record88ContinuesAnyRecordAndATraceNumberIsCutInTwo() {
        StatementLine line = ReadStatements.of(BAI2).lines.getFirst();

        assertThat(line.amountMinor()).isEqualTo(48_050);
        assertThat(line.trace()).isEqualTo(new StatementLine.Trace("884684308", "1512345678"));
        assertThat(line.bankReference()).isEqualTo("BR1");
    }

    @Test
    void bai2_textAfterTheLastDelimiterMayHoldSlashesAndCommas() {
        StatementLine line = ReadStatements.of(BAI2).lines.getLast();

        assertThat(line.description()).isEqualTo("CHECK PAID, see a/b");
        assertThat(line.amountMinor()).isEqualTo(-1_000);
        assertThat(line.checkNumber()).isEqualTo("1044");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1,260302,,USD,1 | This group is an interim report (as-of date modifier 1), not a statement (line 2)
            1,260302,,USD,3 | This group is an interim report (as-of date modifier 3), not a statement (line 2)
            2,260302,,USD,2 | This group takes back a file sent before (group status 2), not a statement (line 2)
            3,260302,,USD,2 | This group corrects a file sent before (group status 3), not a statement (line 2)
            4,260302,,USD,  | This group is a test (group status 4), not a statement (line 2)
            """)
    void bai2_whatIsNotFinalIsNoStatement(String group, String why) {
        var rejected = rejection(BAI2.replace("1,260302,,USD,2", group));

        assertThat(rejected.reason()).isEqualTo(Reason.NOT_A_STATEMENT);
        assertThat(rejected).hasMessage(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1,260302,,USD,4", "1,260302,,USD,", "1,260302,,USD"})
    void bai2_theFinalReportOfThePreviousOrTheSameDayIsRead(String group) {
        assertThat(ReadStatements.of(BAI2.replace("1,260302,,USD,2", group)).lines)
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"16,890,,,,,MAINTENANCE ON SUNDAY/", "16,890,0,,,,MAINTENANCE ON SUNDAY/"})
    void bai2_aRemarkWithoutMoneyIsPassedOver(String remark) {
        var read = ReadStatements.of(BAI2.replace("49,296100,5/", remark + "\n49,296100,6/")
                .replace("98,296100,1,7/", "98,296100,1,8/")
                .replace("99,296100,1,9/", "99,296100,1,10/"));

        assertThat(read.lines).extracting(StatementLine::amountMinor).containsExactly(48_050L, -1_000L);
    }

    @Test
    void bai2_openingAndLinesThatDoNotMakeTheClosingBalanceAreRejected() {
        var wrong = BAI2.replace("015,147050", "015,147051").replace("296100", "296101");

        assertThat(rejection(wrong).reason()).isEqualTo(Reason.WRONG_BALANCE);
    }

    @Test
    void mt940_signsReversalsAndTheYearThatChangesBetweenBothDates() {
        var read = ReadStatements.of(MT940);

        assertThat(read.lines).extracting(StatementLine::amountMinor).containsExactly(25_050L, -10_000L, -2_000L, 500L);
        assertThat(read.lines).extracting(StatementLine::reversal).containsExactly(false, false, true, true);
        assertThat(read.lines.getFirst().bookedOn()).isEqualTo(LocalDate.of(2026, 1, 2));
        assertThat(read.lines.getFirst().valueOn()).isEqualTo(LocalDate.of(2025, 12, 31));
        assertThat(read.lines.get(1).checkNumber()).isEqualTo("1044");
        assertThat(read.lines.get(2).reference()).as("NONREF is no reference").isEmpty();
        assertThat(read.closings.getFirst().closingMinor()).isEqualTo(113_550);
    }

    @Test
    void mt940_theEntryDateOf29FebruaryIsTheLastDayOfThatMonth() {
        String leapYear = """
                :20:P1
                :25:0123456789
                :28C:00007/001
                :60F:C280228USD100,
                :61:2802290229C50,NTRFNONREF
                :61:2803010230C25,NTRFNONREF
                :62F:C280301USD175,
                -
                """;

        assertThat(ReadStatements.of(leapYear).lines)
                .extracting(StatementLine::bookedOn)
                .containsOnly(LocalDate.of(2028, 2, 29));
        String common = leapYear.replace(":61:2802290229", ":61:2702280229")
                .replace(":61:2803010230", ":61:2703010230")
                .replace("C280228", "C270228")
                .replace("C280301", "C270301");
        assertThat(ReadStatements.of(common).lines)
                .extracting(StatementLine::bookedOn)
                .containsOnly(LocalDate.of(2027, 2, 28));
    }

    @Test
    void mt940_pagesOfOneStatementAreOne() {
        String twoPages = """
                :20:P1
                :25:0123456789
                :28C:00007/001
                :60F:C260101USD100,
                :61:260102C50,NTRFNONREF
                :62M:C260102USD150,
                -
                :20:P2
                :25:0123456789
                :28C:00007/002
                :60M:C260102USD150,
                :61:260102D25,NTRFNONREF
                :62F:C260102USD125,
                -
                """;

        assertThat(ReadStatements.of(twoPages).words()).isEqualTo("MT940: 1 statement, 2 lines, sum 2500");
        String withoutSecond = twoPages.substring(0, twoPages.indexOf(":20:P2"));
        assertThat(rejection(withoutSecond).reason()).isEqualTo(Reason.TRUNCATED);
        assertThat(rejection(twoPages.replace(":60M:C260102USD150,", ":60M:C260102USD151,"))
                        .reason())
                .isEqualTo(Reason.WRONG_BALANCE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            :62F:C260102USD1135,5 | :62F:C260102USD1135,4 | WRONG_BALANCE
            :62F:C260102USD1135,5 | :62F:C260102EUR1135,5 | WRONG_CURRENCY
            :62F:C260102USD1135,5 | :64:C260102USD1135,5 | TRUNCATED
            :60F:C251231USD1000, | :64:C251231USD1000, | WRONG_STRUCTURE
            :60F:C251231USD1000, | :34F:USD0 | NOT_A_STATEMENT
            D100,NCHK1044 | D1e3,NCHK1044 | WRONG_STRUCTURE
            D100,NCHK1044 | D100,999NCHK1044 | WRONG_AMOUNT
            """)
    void mt940_whatContradictsItselfIsRejected(String right, String wrong, Reason reason) {
        assertThat(MT940).contains(right);
        assertThat(rejection(MT940.replace(right, wrong)).reason()).isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"02", "03", "04", "06", "08", "11"})
    void camt053_everyNamespaceIsReadByLocalNames(String version) {
        var read = ReadStatements.of(CamtText.of(CamtText.entry("100.00", "CRDT", "BOOK", ""), "10000")
                .replace("camt.053.001.02", "camt.053.001." + version));

        assertThat(read.words()).isEqualTo("CAMT.053: 1 statement, 1 line, sum 10000");
    }

    @Test
    void camt053_onlyBookedEntriesCount() {
        var read = ReadStatements.of(CamtText.of(
                CamtText.entry("100.00", "CRDT", "BOOK", "") + CamtText.entry("7.00", "CRDT", "PDNG", ""), "10000"));

        assertThat(read.sumMinor()).isEqualTo(10_000);
    }

    @Test
    void camt053_aReversalDoesNotTurnItsDirectionOnceMore() {
        var read = ReadStatements.of(
                CamtText.of(CamtText.entry("100.00", "DBIT", "BOOK", "<RvslInd>true</RvslInd>"), "-10000"));

        assertThat(read.lines.getFirst().amountMinor()).isEqualTo(-10_000);
        assertThat(read.lines.getFirst().reversal()).isTrue();
    }

    @Test
    void camt053_aBatchIsItsTransactionsAndMustAddUpToThem() {
        String batch = """
                <NtryDtls>
                  <TxDtls><Refs><EndToEndId>A</EndToEndId></Refs><Amt Ccy="USD">60.00</Amt></TxDtls>
                  <TxDtls><Refs><EndToEndId>B</EndToEndId></Refs><Amt Ccy="USD">40.00</Amt></TxDtls>
                </NtryDtls>
                """;
        var read = ReadStatements.of(CamtText.of(CamtText.entry("100.00", "CRDT", "BOOK", batch), "10000"));

        assertThat(read.lines).extracting(StatementLine::reference).containsExactly("A", "B");
        assertThat(read.lines).extracting(StatementLine::amountMinor).containsExactly(6_000L, 4_000L);
        assertThat(rejection(CamtText.of(
                                CamtText.entry("100.00", "CRDT", "BOOK", batch.replace("40.00", "41.00")), "10000"))
                        .reason())
                .isEqualTo(Reason.WRONG_CONTROL_TOTAL);
    }

    /** Two credits of 100.00 and 25.00 and a debit of 40.00 after a summary in line 8. */
    private static String summed(String summary, String more) {
        return CamtText.of(
                "<TxsSummry>%s</TxsSummry>\n".formatted(summary)
                        + CamtText.entry("100.00", "CRDT", "BOOK", "")
                        + CamtText.entry("25.00", "CRDT", "BOOK", "")
                        + CamtText.entry("40.00", "DBIT", "BOOK", "")
                        + more,
                "8500");
    }

    @Test
    void d15_camt053_aSummaryThatIsRightIsReadWhateverElseItSays() {
        String summary = """
                <TtlNtries><NbOfNtries>3</NbOfNtries><Sum>165</Sum><TtlNetNtry><Amt>85</Amt><CdtDbtInd>CRDT</CdtDbtInd></TtlNetNtry></TtlNtries>\
                <TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>125.00</Sum></TtlCdtNtries>\
                <TtlDbtNtries><NbOfNtries>1</NbOfNtries><Sum>40.0</Sum></TtlDbtNtries>\
                <TtlNtriesPerBkTxCd><NbOfNtries>2</NbOfNtries><BkTxCd/></TtlNtriesPerBkTxCd>""";

        assertThat(ReadStatements.of(summed(summary, "")).words())
                .isEqualTo("CAMT.053: 1 statement, 3 lines, sum 8500");
        assertThat(ReadStatements.of(summed("<TtlNtries/>", "")).sumMinor()).isEqualTo(8_500);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            TtlNtries | NbOfNtries | 4 | WRONG_CONTROL_COUNT | TtlNtries says there are 4 entries, but there are 3 (line 8)
            TtlCdtNtries | NbOfNtries | 3 | WRONG_CONTROL_COUNT | TtlCdtNtries says there are 3 entries, but there are 2 (line 8)
            TtlDbtNtries | NbOfNtries | 0 | WRONG_CONTROL_COUNT | TtlDbtNtries says there are 0 entries, but there are 1 (line 8)
            TtlNtries | Sum | 85.00 | WRONG_CONTROL_TOTAL | TtlNtries says the sum is 85.00, but the amounts of these entries add up to 165.00 (line 8)
            TtlCdtNtries | Sum | 125.01 | WRONG_CONTROL_TOTAL | TtlCdtNtries says the sum is 125.01, but the amounts of these entries add up to 125.00 (line 8)
            TtlDbtNtries | Sum | 4000 | WRONG_CONTROL_TOTAL | TtlDbtNtries says the sum is 4000, but the amounts of these entries add up to 40.00 (line 8)
            TtlDbtNtries | Sum | 4e1 | WRONG_AMOUNT | '4e1' is not an amount (line 8)
            """)
    void d15_camt053_aSummaryThatContradictsTheEntriesRejectsTheFile(
            String of, String figure, String said, Reason reason, String words) {
        StatementRejected rejection =
                rejection(summed("<%s><%s>%s</%s></%s>".formatted(of, figure, said, figure, of), ""));

        assertThat(rejection.reason()).isEqualTo(reason);
        assertThat(rejection).hasMessage(words);
    }

    @Test
    void camt053_aSummaryMayCountPendingEntriesOrNot() {
        String pending = CamtText.entry("7.00", "CRDT", "PDNG", "");
        for (String summary : List.of(
                "<TtlNtries><NbOfNtries>4</NbOfNtries><Sum>172.00</Sum></TtlNtries>",
                "<TtlNtries><NbOfNtries>3</NbOfNtries><Sum>165.00</Sum></TtlNtries>")) {
            assertThat(ReadStatements.of(summed(summary, pending)).sumMinor()).isEqualTo(8_500);
        }
        assertThat(rejection(summed("<TtlNtries><NbOfNtries>5</NbOfNtries></TtlNtries>", pending))
                        .reason())
                .isEqualTo(Reason.WRONG_CONTROL_COUNT);
    }

    private static String batch(String said, String... amounts) {
        var details = new StringBuilder();
        for (String amount : amounts) {
            details.append("<TxDtls><Amt Ccy=\"USD\">%s</Amt></TxDtls>".formatted(amount));
        }
        return CamtText.of(
                CamtText.entry(
                        "100.00", "DBIT", "BOOK", "<NtryDtls><Btch>%s</Btch>%s</NtryDtls>".formatted(said, details)),
                "-10000");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            <NbOfTxs>3</NbOfTxs> | WRONG_CONTROL_COUNT | A batch says it has 3 transactions, but it has 2 (line 8)
            <NbOfTxs>2</NbOfTxs><TtlAmt Ccy="USD">99.99</TtlAmt> | WRONG_CONTROL_TOTAL | A batch says its total is 99.99, but its transactions add up to 100.00 (line 8)
            <TtlAmt Ccy="USD">100.00</TtlAmt><CdtDbtInd>CRDT</CdtDbtInd> | WRONG_CONTROL_TOTAL | A batch says its total is 100.00, but its transactions add up to -100.00 (line 8)
            """)
    void d15_camt053_aBatchThatContradictsItsTransactionsRejectsTheFile(String said, Reason reason, String words) {
        StatementRejected rejection = rejection(batch(said, "60.00", "40.00"));

        assertThat(rejection.reason()).isEqualTo(reason);
        assertThat(rejection).hasMessage(words);
    }

    /** The transactions come in a CAMT.054, or one stands for all of them, as some banks have it. */
    @Test
    void camt053_aBatchIsComparedWithTransactionsThatAreListedOnly() {
        String said = "<NbOfTxs>2</NbOfTxs><TtlAmt Ccy=\"USD\">100.00</TtlAmt><CdtDbtInd>DBIT</CdtDbtInd>";

        assertThat(ReadStatements.of(batch(said, "60.00", "40.00")).lines).hasSize(2);
        assertThat(ReadStatements.of(batch(said)).lines).hasSize(1);
        assertThat(ReadStatements.of(batch(said, "100.00")).lines).hasSize(1);
        assertThat(rejection(batch(said, "60.00")).reason()).isEqualTo(Reason.WRONG_CONTROL_COUNT);
    }

    @Test
    void ofx_sgmlAndXmlAreReadAlike() {
        var sgml = ReadStatements.of(OfxText.sgml("12.50", "20260302120000[-5:EST]"));
        var xml = ReadStatements.of(OfxText.xml("12.50", "20260302"));

        assertThat(sgml.lines).hasSize(1);
        assertThat(sgml.lines.getFirst().bankReference()).isEqualTo("F1");
        assertThat(sgml.lines.getFirst().description()).isEqualTo("A & B Clinic");
        assertThat(sgml.lines)
                .usingRecursiveComparison()
                .ignoringFields("place")
                .isEqualTo(xml.lines);
    }

    @ParameterizedTest
    @CsvSource({"$120,WRONG_AMOUNT", "'',WRONG_AMOUNT", "1.999,WRONG_AMOUNT", "12x,WRONG_AMOUNT"})
    void ofx_badValuesRejectTheFileInsteadOfBecomingNull(String amount, Reason reason) {
        assertThat(rejection(OfxText.sgml(amount, "20260302")).reason()).isEqualTo(reason);
        assertThat(rejection(OfxText.sgml("1.00", "20261302")).reason()).isEqualTo(Reason.WRONG_DATE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "12x",
                "1e3",
                "1,00",
                "-0",
                "-0.00",
                "1.999",
                "1000000000000000",
                "99999999999999999999",
                "",
                "NaN",
                "0x10",
                "1 000",
                "٣"
            })
    void d5_anAmountIsExactOrTheFileIsRejected(String amount) {
        var csv = "date,description,amount\n03/02/2026,Something,\"%s\"\n".formatted(amount);
        var profile = ReadStatements.usProfile("date|description|amount", "description");

        var rejected = catchThrowableOfType(StatementRejected.class, () -> ReadStatements.of(csv, profile));

        assertThat(rejected).as(amount).isNotNull();
        assertThat(rejected.reason()).isEqualTo(Reason.WRONG_AMOUNT);
        assertThat(rejected).hasMessageContaining("line 2");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1,000 | 100000
            $1,234.5 | 123450
            -$7,971.39 | -797139
            (40.00) | -4000
            40.00- | -4000
            +.5 | 50
            """)
    void d5_whatPeopleWriteIsReadExactly(String written, long minor) {
        assertThat(FileAmounts.written(written, false, "USD", "line 1")).isEqualTo(minor);
    }

    @Test
    void d5_aCurrencyWithoutDecimalsHasNone() {
        assertThat(FileAmounts.point("1500", "VND", "line 1")).isEqualTo(1_500);
        assertThat(catchThrowableOfType(StatementRejected.class, () -> FileAmounts.point("1500.5", "VND", "line 1"))
                        .reason())
                .isEqualTo(Reason.WRONG_AMOUNT);
    }

    @Test
    void csv_theProfileKnowsTheLocale() {
        var profile = ReadStatements.profile(
                "Bank", ';', "Datum|Bedrag|Tekst", "dd.MM.yyyy", true, "Datum", "Bedrag", null, null, null, "Tekst");

        var read = ReadStatements.of("\uFEFFDatum;Bedrag;Tekst\n02.03.2026;1.234,56;A\n03.03.2026;-3,5;B\n", profile);

        assertThat(read.lines).extracting(StatementLine::amountMinor).containsExactly(123_456L, -350L);
        assertThat(read.lines.getFirst().bookedOn()).isEqualTo(LocalDate.of(2026, 3, 2));
    }

    @Test
    void csv_unknownOrDriftedColumnsAreRejected() {
        var profile = ReadStatements.usProfile("date|description|amount", "description");

        assertThat(rejection("date,description,amount,new\n03/02/2026,x,1.00,y\n")
                        .reason())
                .isEqualTo(Reason.UNKNOWN_COLUMNS);
        assertThat(catchThrowableOfType(
                                StatementRejected.class,
                                () -> ReadStatements.of("date,text,amount\n03/02/2026,x,1.00\n", profile))
                        .reason())
                .isEqualTo(Reason.UNKNOWN_COLUMNS);
        assertThat(ReadStatements.of("amount,DATE , description\n1.00,03/02/2026,x\n", profile)
                        .sumMinor())
                .as("another order is no other set")
                .isEqualTo(100);
    }

    @Test
    void csv_aColumnSaysWhetherMoneyCameInOrLeft() {
        var profile = ReadStatements.directionProfile("date|description|amount|d/c", "d/c", "description");
        String titles = "date,description,amount,d/c\n";

        var read = ReadStatements.of(titles + """
                03/02/2026,Deposit,120.00,C
                03/03/2026,Fee,25.00,d
                """, profile);

        assertThat(read.lines).extracting(StatementLine::amountMinor).containsExactly(12_000L, -2_500L);
        for (String row :
                List.of("03/02/2026,Deposit,120.00,X", "03/02/2026,Deposit,120.00,", "03/02/2026,Fee,-25.00,D")) {
            assertThat(catchThrowableOfType(
                                    StatementRejected.class, () -> ReadStatements.of(titles + row + '\n', profile))
                            .reason())
                    .as(row)
                    .isEqualTo(StatementRejected.Reason.WRONG_AMOUNT);
        }
    }

    @Test
    void csv_withoutTitlesTheRowsBeginOnTheFirstLineAndATextMayGoOverSeveral() {
        var profile = ReadStatements.headerlessProfile("date|description|amount", "description");

        var read = ReadStatements.of("""
                03/02/2026,"GREENLEAF HEALTH
                SECOND LINE",120.00
                03/03/2026,Fee,-25.00
                03/04/2026,"OVER
                THREE
                LINES",1.00
                """, profile);

        assertThat(read.lines)
                .extracting(StatementLine::description, StatementLine::amountMinor, StatementLine::place)
                .containsExactly(
                        tuple("GREENLEAF HEALTH SECOND LINE", 12_000L, "line 1"),
                        tuple("Fee", -2_500L, "line 3"),
                        tuple("OVER THREE LINES", 100L, "line 4"));
    }

    @Test
    void csv_withoutTitlesEveryRowOfALongFileIsReadOnce() {
        var profile = ReadStatements.headerlessProfile("date|description|amount", "description");
        var text = new StringBuilder();
        for (int i = 1; i <= 45; i++) {
            text.append("03/02/2026,Row %d,%d.00\n".formatted(i, i));
        }

        var read = ReadStatements.of(text.toString(), profile);

        assertThat(read.lines).hasSize(45);
        assertThat(read.lines)
                .extracting(StatementLine::place)
                .startsWith("line 1")
                .endsWith("line 45");
        assertThat(read.sumMinor()).isEqualTo(103_500L);
    }

    @Test
    void csv_whatIsNotInUtf8IsReadAsWindowsWroteIt() {
        byte[] file = "date,description,amount\n03/02/2026,Praxis Müller – Köln,120.00\n"
                .getBytes(java.nio.charset.Charset.forName("windows-1252"));

        var read = ReadStatements.of(
                new java.io.ByteArrayInputStream(file),
                ReadStatements.usProfile("date|description|amount", "description"));

        assertThat(read.lines).extracting(StatementLine::description).containsExactly("Praxis Müller – Köln");
    }

    @Test
    void csv_theBalanceAfterEachRowMustFollow() {
        var profile = ReadStatements.profile(
                "Bank",
                ',',
                "date|text|amount|balance",
                "yyyy-MM-dd",
                false,
                "date",
                "amount",
                null,
                null,
                "balance",
                "text");
        String newestFirst = "date,text,amount,balance\n2026-03-03,B,-5.00,95.00\n2026-03-02,A,20.00,100.00\n";

        assertThat(ReadStatements.of(newestFirst, profile).closings.getFirst().closingMinor())
                .isEqualTo(9_500);
        assertThat(catchThrowableOfType(
                                StatementRejected.class,
                                () -> ReadStatements.of(newestFirst.replace("100.00", "100.01"), profile))
                        .reason())
                .isEqualTo(Reason.WRONG_BALANCE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            %PDF-1.7 | UNKNOWN_FORMAT
            ISA*00*          * | UNKNOWN_FORMAT
            101 091000019 1234567891603020600A094101 | UNKNOWN_FORMAT
            <html><body></body></html> | UNKNOWN_FORMAT
            just some words | UNKNOWN_COLUMNS
            """)
    void whatIsNoStatementIsRecognisedByItsContent(String content, Reason reason) {
        assertThat(rejection(content).reason()).isEqualTo(reason);
    }

    private static StatementRejected rejection(String text) {
        var rejected = catchThrowableOfType(StatementRejected.class, () -> ReadStatements.of(text));
        assertThat(rejected).as("the file is rejected").isNotNull();
        return rejected;
    }
}
