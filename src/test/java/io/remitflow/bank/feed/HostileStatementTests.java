package io.remitflow.bank.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.remitflow.bank.StatementRejected;
import io.remitflow.bank.StatementRejected.Reason;
import io.remitflow.ui.CsvText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases D14 and D16, and other files that want memory, time or what lies on our disks. */
class HostileStatementTests {

    private static final String ENTRY = CamtText.entry("1.00", "CRDT", "BOOK", "<AddtlNtryInf>&x;</AddtlNtryInf>");

    @Test
    void d14_anExternalEntityIsNotFetchedFromDiskOrNetwork(@TempDir Path directory) throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "CANARY-SECRET");
        try (var listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            listener.setSoTimeout(300);
            String url = "http://127.0.0.1:%d/x".formatted(listener.getLocalPort());
            for (String declaration : List.of(
                    "<!DOCTYPE Document [<!ENTITY x SYSTEM \"%s\">]>".formatted(secret.toUri()),
                    "<!DOCTYPE Document [<!ENTITY x SYSTEM \"%s\">]>".formatted(url),
                    "<!DOCTYPE Document SYSTEM \"%s\">".formatted(url),
                    "<!DOCTYPE Document [<!ENTITY %% p SYSTEM \"%s\"> %%p;]>".formatted(url))) {
                for (String padding : List.of("", "<!--" + "-".repeat(0) + " ".repeat(5_000) + "-->")) {
                    String text = CamtText.of(ENTRY, "100").replace("?>\n", "?>\n" + padding + declaration + "\n");
                    assertThat(rejection(text).reason()).as(declaration).isEqualTo(Reason.UNSAFE_XML);
                    assertThat(rejection(text)).hasMessageNotContaining("CANARY");
                }
            }
            assertThat(catchThrowableOfType(SocketTimeoutException.class, listener::accept))
                    .as("nobody called")
                    .isNotNull();
        }
    }

    @Test
    void d14_entitiesThatMultiplyEndAtOnce() {
        String laughs = """
                <!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
                <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY x "&d;&d;&d;&d;&d;&d;&d;&d;">]>
                """;
        long begun = System.nanoTime();

        assertThat(rejection(CamtText.of(ENTRY, "100").replace("?>\n", "?>\n" + laughs))
                        .reason())
                .isEqualTo(Reason.UNSAFE_XML);
        assertThat(rejection(OfxText.xml("1.00", "20260302").replaceFirst("<OFX>", laughs + "<OFX>"))
                        .reason())
                .isEqualTo(Reason.UNSAFE_XML);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<Document x=\"",
                "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><Id>",
                "<!--"
            })
    void d14_fiftyMegabytesInOneAttributeTextOrCommentAreNotKept(String beginning) {
        long begun = System.nanoTime();
        var rejected = catchThrowableOfType(
                StatementRejected.class, () -> ReadStatements.of(endless(beginning, 'a', 50 * 1024 * 1024)));

        assertThat(rejected.reason()).isEqualTo(Reason.TOO_LARGE);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void d14_xmlThatIsNestedWithoutEndIsRejected() {
        String text = CamtText.of("<a>".repeat(10_000), "0");

        assertThat(rejection(text).reason()).isEqualTo(Reason.TOO_LARGE);
    }

    @Test
    void d16_twoHundredColumnsAreTooMany() {
        var profile = ReadStatements.usProfile("date|description|amount", "description");
        String text = "c,".repeat(200) + "\n";

        assertThat(catchThrowableOfType(StatementRejected.class, () -> ReadStatements.of(text, profile))
                        .reason())
                .isEqualTo(Reason.TOO_LARGE);
    }

    @Test
    void d16_aQuoteThatIsNeverClosedEndsAfterABoundedRead() {
        var profile = ReadStatements.usProfile("date|description|amount", "description");
        String text = "date,description,amount\n03/02/2026,\"never closed,1.00\n" + "x\n".repeat(100_000);

        var rejected = catchThrowableOfType(StatementRejected.class, () -> ReadStatements.of(text, profile));

        assertThat(rejected.reason()).isEqualTo(Reason.WRONG_STRUCTURE);
        assertThat(rejected).hasMessageContaining("line 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "date,description,amount\n",
                ":20:X\n:86:",
                "01,A,B,260302,0600,1/\n",
                "OFXHEADER:100\n<OFX><MEMO>"
            })
    void d16_aLineOfOneGigabyteIsNotRead(String beginning) {
        var profile = ReadStatements.usProfile("date|description|amount", "description");
        long begun = System.nanoTime();

        var rejected = catchThrowableOfType(
                StatementRejected.class,
                () -> ReadStatements.of(endless(beginning, 'a', 1024L * 1024 * 1024), profile));

        assertThat(rejected.reason()).isEqualTo(Reason.TOO_LARGE);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"=cmd|' /C calc'!A0", "@SUM(1+1)*cmd", "+1-1", "-2+3", "x;=1+1"})
    void d16_aFormulaIsTextAndStaysAsItIs(String formula) {
        var profile = ReadStatements.usProfile("date|description|amount", "description");

        var read = ReadStatements.of("date,description,amount\n03/02/2026,\"%s\",1.00\n".formatted(formula), profile);

        assertThat(read.lines.getFirst().description()).isEqualTo(formula);
    }

    @ParameterizedTest
    @ValueSource(strings = {"date,a\u0000b\n", ":20:X\n\u0000", "01,A,B,260302,0600,1/\n\u0000"})
    void binaryDataIsNoText(String text) {
        assertThat(rejection(text).reason()).isEqualTo(Reason.NOT_TEXT);
    }

    @Test
    void anEmptyFileAndOneInUtf16AreNamedAsSuch() {
        assertThat(rejection("").reason()).isEqualTo(Reason.EMPTY);
        assertThat(rejection(" \n\n").reason()).isEqualTo(Reason.EMPTY);
        var utf16 = new ByteArrayInputStream("date,amount\n".getBytes(StandardCharsets.UTF_16));
        assertThat(catchThrowableOfType(StatementRejected.class, () -> ReadStatements.of(utf16))
                        .reason())
                .isEqualTo(Reason.WRONG_ENCODING);
    }

    private static InputStream endless(String beginning, char filler, long bytes) {
        return new SequenceInputStream(
                new ByteArrayInputStream(beginning.getBytes(StandardCharsets.UTF_8)), new InputStream() {
                    private long left = bytes;

                    @Override
                    public int read() {
                        return left-- > 0 ? filler : -1;
                    }

                    @Override
                    public int read(byte[] target, int from, int length) {
                        if (left <= 0) {
                            return -1;
                        }
                        int count = (int) Math.min(length, left);
                        java.util.Arrays.fill(target, from, from + count, (byte) filler);
                        left -= count;
                        return count;
                    }
                });
    }

    private static StatementRejected rejection(String text) {
        var rejected = catchThrowableOfType(StatementRejected.class, () -> ReadStatements.of(text));
        assertThat(rejected).as("the file is rejected").isNotNull();
        return rejected;
    }

    @ParameterizedTest
    @ValueSource(strings = {"\t=1+1", "\r=1+1", "\n@SUM(A1)"})
    void d16_aFormulaBehindATabOrALineEndKeepsNoneOfThem(String formula) {
        var profile = ReadStatements.usProfile("date|description|amount", "description");

        var read = ReadStatements.of("date,description,amount\n03/02/2026,\"%s\",1.00\n".formatted(formula), profile);

        assertThat(read.lines.getFirst().description()).isEqualTo(formula.strip());
        assertThat(new CsvText().row(read.lines.getFirst().description()).toString())
                .isEqualTo("\"'" + formula.strip() + "\"\r\n");
    }
}
