package io.remitflow.refunds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What we write for banks, and what we read from them. */
class NachaFileTests {

    private static final AchOriginator ORIGINATOR = new AchOriginator(
            "091000019",
            "FIRST BANK",
            "1123456789",
            "RIVERSIDE HOSPITAL",
            "RIVERSIDE HOSP",
            "1123456789",
            "REFUND",
            LocalTime.of(15, 0),
            2);

    private static NachaFile file(NachaFile.Entry... entries) {
        return new NachaFile(
                ORIGINATOR,
                LocalDateTime.of(2026, 11, 24, 14, 5),
                'A',
                7,
                LocalDate.of(2026, 11, 25),
                "26-00007",
                List.of(entries));
    }

    private static NachaFile.Entry entry(String routing, long amountMinor, int trace) {
        return new NachaFile.Entry(
                new RoutingNumber(routing),
                "744-5678-99",
                AchDestination.Type.CHECKING,
                amountMinor,
                "RF-2026-000012",
                "Ana Núñez-Đặng",
                "09100001%07d".formatted(trace));
    }

    @Test
    void writesEachFieldWhereNachaWantsIt() {
        assertThat(file(entry("231380104", 12_050, 1)).text().lines().toList())
                .containsExactly(
                        "101 09100001911234567892611241405A094101FIRST BANK             RIVERSIDE HOSPITAL     26-00007",
                        "5220RIVERSIDE HOSP                      1123456789PPDREFUND    261124261125   1091000010000007",
                        "622231380104744-5678-99      0000012050RF-2026-000012 ANA NUNEZ-DANG          1091000010000001",
                        "705REFUND RF-2026-000012                                                           00010000001",
                        "82200000020023138010000000000000000000012050" + "1123456789" + " ".repeat(25)
                                + "091000010000007",
                        "9000001000001000000020023138010000000000000000000012050" + " ".repeat(39),
                        "9".repeat(94),
                        "9".repeat(94),
                        "9".repeat(94),
                        "9".repeat(94));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 8, 500})
    void fillsBlocksOfTenAndAddsUpForAnyReader(int entries) {
        NachaFile file = file(IntStream.rangeClosed(1, entries)
                .mapToObj(i -> entry("231380104", 100L + i, i))
                .toArray(NachaFile.Entry[]::new));

        assertThat(file.text().lines()).allMatch(line -> line.length() == 94);
        assertThat(file.text().lines().count() % 10).isZero();
        assertThat(NachaReader.read(file.text()))
                .as("no returns in it, but all totals fit")
                .isEqualTo(new NachaReader.Content(List.of(), List.of()));
        assertThat(file.entryHash()).isEqualTo("%010d".formatted(23138010L * entries % 10_000_000_000L));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-24T14:59, 2026-11-25", // Tuesday, in time
        "2026-11-24T15:00, 2026-11-27", // after the cut-off, and Thursday is Thanksgiving
        "2026-11-25T10:00, 2026-11-27",
        "2026-11-28T10:00, 2026-12-01", // a Saturday is as late as Friday evening
        "2026-12-24T10:00, 2026-12-28" // Christmas on a Friday
    })
    void settlesOnTheNextDayOnWhichBanksMoveMoney(LocalDateTime released, LocalDate effective) {
        assertThat(AchBatches.effectiveOn(released, LocalTime.of(15, 0))).isEqualTo(effective);
    }

    @Test
    void readsReturnsAndNoticesOfOtherBanks() throws IOException {
        assertThat(NachaReader.read(sample("return-WEB.ach")).items())
                .extracting(NachaReader.Item::code, NachaReader.Item::originalTrace, NachaReader.Item::amountMinor)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("R01", "091400600000001", 12_354L),
                        org.assertj.core.groups.Tuple.tuple("R03", "091400600000003", 4_565L));
        assertThat(NachaReader.read(sample("cor-read.ach")).items())
                .singleElement()
                .satisfies(item -> {
                    assertThat(item.notice()).isTrue();
                    assertThat(item.code()).isEqualTo("C01");
                    assertThat(item.corrected()).isEqualTo("1918171614");
                });
        assertThat(NachaReader.read(sample("dwilkins_return_noc.ach")).items())
                .extracting(NachaReader.Item::code)
                .containsExactly("C05", "R07", "R03");
    }

    @Test
    void readsAFileWithoutLineBreaksAndOneWithoutTrailingBlanks() throws IOException {
        String text = sample("return-WEB.ach");

        assertThat(NachaReader.read(text.replace("\n", "").replace("\r", "")).items())
                .hasSize(2);
        assertThat(NachaReader.read(text.replace("\r", "").replaceAll(" +\n", "\n"))
                        .items())
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "705TRN*1*EFT20261124*1512345678~,          EFT20261124, 1512345678",
        "705TRN*1*EFT20261124*1512345678\\,          EFT20261124, 1512345678",
        "705TRN*1*EFT20261124*1512345678*99~,       EFT20261124, 1512345678",
        "705TRN*1*EFT20261124*1512345678,           EFT20261124, 1512345678",
        "705TRN*1*EFT20261124~,                     EFT20261124, ''",
        "705RMR*IV*1~TRN*1*12 34*1512345678~,       12 34,       1512345678"
    })
    void readsTheTraceNumberOfAPayerFromItsAddenda(String addenda, String trace, String payer) {
        assertThat(NachaReader.read(ccd(addenda)).advices())
                .containsExactly(new NachaReader.Advice(
                        3, LocalDate.of(2026, 11, 25), 12_050, trace, payer, "GREENLEAF HEALTH"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"705TRN*2*EFT20261124*1512345678~", "705TRN*1**1512345678~", "705REF*1*EFT20261124~"})
    void anAddendaWithoutTheTraceNumberOfAPayerSaysNothing(String addenda) {
        assertThat(NachaReader.read(ccd(addenda)).advices()).isEmpty();
    }

    /** A payer's EFT as banks deliver it on request. */
    static String ccd(String addenda) {
        return Stream.concat(
                        Stream.of(
                                "101 09100001911234567892611241405A094101FIRST BANK             RIVERSIDE HOSPITAL     26-00007",
                                "5220GREENLEAF HEALTH                    1512345678CCDHCCLAIMPMT261124261125   1091000010000007",
                                "622231380104744-5678-99      00000120501234567893     RIVERSIDE HOSPITAL      1091000010000001",
                                "%-83s00010000001".formatted(addenda),
                                "82200000020023138010000000000000000000012050" + "1512345678" + " ".repeat(25)
                                        + "091000010000007",
                                "9000001000001000000020023138010000000000000000000012050" + " ".repeat(39)),
                        Stream.generate(() -> "9".repeat(94)).limit(4))
                .collect(Collectors.joining("\n"));
    }

    /** Files by others, in a directory that is not part of the project. */
    @TestFactory
    Stream<DynamicTest> readsFilesByOthersOrSaysWhyNot() {
        Path samples = Path.of(System.getProperty("remitflow.bank-samples", "../shared/samples"), "nacha");
        assumeTrue(Files.isDirectory(samples), "no directory " + samples);
        return """
                20110729A-invalid.ach | line 293: the file has 4 batches, its control record says 5
                ccd-debit.ach | returns and notices [], trace numbers []
                cor-read.ach | returns and notices [C01], trace numbers []
                dfdl_ctx_820_trn_addenda.ach | returns and notices [], trace numbers [0056-2000752902]
                dfdl_ctx_820_trn_addenda_nolines.ach | returns and notices [], trace numbers [0056-2000752902]
                dfdl_ppd_return.ach | returns and notices [R01], trace numbers []
                dwilkins_return_noc.ach | returns and notices [C05, R07, R03], trace numbers []
                ppd-mixedDebitCredit.ach | returns and notices [], trace numbers []
                return-WEB.ach | returns and notices [R01, R03], trace numbers []
                return-no-batch-header.ach | line 1: an ACH file begins with a record of type 1
                short-line.ach | returns and notices [], trace numbers []
                """.lines().map(line -> line.split(" \\| ", 2)).map(expected -> dynamicTest(
                expected[0],
                () -> assertThat(outcome(Files.readString(samples.resolve(expected[0]), StandardCharsets.ISO_8859_1)))
                        .isEqualTo(expected[1])));
    }

    private static String outcome(String text) {
        try {
            NachaReader.Content content = NachaReader.read(text);
            return "returns and notices %s, trace numbers %s"
                    .formatted(
                            content.items().stream().map(NachaReader.Item::code).toList(),
                            content.advices().stream()
                                    .map(NachaReader.Advice::traceNumber)
                                    .toList());
        } catch (RuleViolation refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a wrong total of the file | 9000002000001000000040018280120000000012354000000004565 | 9000002000001000000040018280120000000012355000000004565",
                "a wrong hash of the file | 9000002000001000000040018280120 | 9000002000001000000040018280121",
                "a wrong number of blocks | 9000002000001 | 9000002000002",
                "a wrong number of batches | 9000002 | 9000003",
                "a wrong total of a batch | 82000000020009140060000000012354 | 82000000020009140060000000012350",
                "a wrong count of a batch | 82000000020009140060 | 82000000030009140060",
                "an amount that is no number | 0000012354Mj | 00000123x4Mj",
                "a code that is none | 799R01 | 799X01",
                "another batch number at its end | 091000010000001\\n5200 | 091000010000009\\n5200"
            })
    void d15_refusesAFileThatDoesNotAddUp(String name, String right, String wrong) throws IOException {
        String text = sample("return-WEB.ach").replace("\r", "");
        String from = right.replace("\\n", "\n");
        assertThat(text).contains(from);

        assertThatThrownBy(() -> NachaReader.read(text.replace(from, wrong.replace("\\n", "\n"))))
                .isInstanceOfSatisfying(RuleViolation.class, refused -> {
                    assertThat(refused.refusal()).isEqualTo(Refusal.FILE_REJECTED);
                    assertThat(refused.getMessage()).startsWith("line ");
                });
    }

    @Test
    void d2_refusesAFileThatIsCutOffAnywhere() throws IOException {
        List<String> lines = sample("return-WEB.ach").lines().toList();

        for (int kept = 0; kept < lines.size(); kept++) {
            String cut = String.join("\n", lines.subList(0, kept));
            assertThatThrownBy(() -> NachaReader.read(cut)).isInstanceOf(RuleViolation.class);
        }
    }

    @Test
    void d10_refusesWhatIsNoAchFile() {
        for (String text : List.of("", "%PDF-1.7", "ISA*00*", "6".repeat(94), "1".repeat(95), "\0\0\0")) {
            assertThatThrownBy(() -> NachaReader.read(text)).as(text).isInstanceOf(RuleViolation.class);
        }
    }

    @Test
    void knowsWhatEachReturnCodeMeansForARefund() {
        assertThat(AchReturnCodes.all().keySet())
                .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 29)
                        .mapToObj("R%02d"::formatted)
                        .toList());
        assertThat(AchReturnCodes.all().values())
                .allSatisfy(code -> assertThat(code.words()).hasSizeBetween(20, 200));
        assertThat(List.of("R02", "R03", "R04", "R20"))
                .allMatch(code -> AchReturnCodes.of(code).orElseThrow().destinationUnusable());
        assertThat(List.of("R01", "R09", "R23"))
                .noneMatch(code -> AchReturnCodes.of(code).orElseThrow().destinationUnusable());
    }

    @ParameterizedTest
    @CsvSource({
        "C01, '1918171614',                    021000021, 1918171614, checking",
        "C02, '091000019',                     091000019, 55551234,   checking",
        "C03, '091000019   1918171614',        091000019, 1918171614, checking",
        "C05, '32',                            021000021, 55551234,   savings",
        "C06, '1918171614          32',        021000021, 1918171614, savings",
        "C07, '0910000191918171614       32',  091000019, 1918171614, savings"
    })
    void readsWhatANoticeGivesInstead(String code, String corrected, String routing, String number, String type) {
        AchReturns.Correction correction =
                AchReturns.Correction.of(code, corrected, "021000021", "55551234", AchDestination.Type.CHECKING);

        assertThat(correction.routing()).isEqualTo(routing);
        assertThat(correction.number()).isEqualTo(number);
        assertThat(correction.type().key()).isEqualTo(type);
        assertThat(AchReturns.Correction.shown(code, corrected)).doesNotContain("1918171614");
    }

    private static String sample(String name) throws IOException {
        try (var bytes = Objects.requireNonNull(NachaFileTests.class.getResourceAsStream("/nacha/" + name))) {
            return new String(bytes.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
