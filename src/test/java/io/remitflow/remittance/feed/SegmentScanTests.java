package io.remitflow.remittance.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.remittance.EraPosition;
import io.remitflow.remittance.EraSegment;
import io.remitflow.remittance.SegmentSelection;
import io.xlate.edi.stream.EDIStreamException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentScanTests {

    private static final String[] CLAIM = {
        "LX*1", "CLP*C1*1*100*60*40*12*P1*11*1", "CAS*PR*1*40", "NM1*QC*1*MÜLLER*JÜRGEN"
    };

    @Test
    void countsAndPlacesSegmentsAsTheReaderDoes() throws Exception {
        String twoInterchanges = EraText.paying("60", CLAIM).replace("~", "~\r\n")
                + "\n\n"
                + EraText.paying("60", CLAIM)
                        .replace("^", "+")
                        .replace(":", ">")
                        .replace("~", "|")
                        .replace("*", "!");

        List<EraSegment> scanned = scan(bytes(twoInterchanges), false);

        assertThat(scanned).extracting(Object::toString).isEqualTo(parsed(bytes(twoInterchanges)));
        assertThat(scanned)
                .extracting(EraSegment::text)
                .filteredOn(text -> text.contains("M"))
                .contains("NM1*QC*1*MÜLLER*JÜRGEN", "NM1!QC!1!MÜLLER!JÜRGEN");
    }

    @Test
    void theOffsetIsTheByteInTheFile() throws Exception {
        byte[] file = bytes(EraText.paying("60", CLAIM).replace("~", "~\n"));

        for (EraSegment segment : scan(file, false)) {
            assertThat(new String(file, (int) segment.offset(), 3, StandardCharsets.US_ASCII))
                    .startsWith(segment.id());
        }
    }

    @Test
    void whatARepairPutInIsInNoPlaceAndAllElseWhereItWas() throws Exception {
        String whole = EraText.paying("60", CLAIM);
        byte[] bare = bytes("\uFEFF" + whole.substring(whole.indexOf("ST*"), whole.indexOf("GE*")));

        List<EraSegment> scanned = scan(bare, true);

        assertThat(scanned.subList(0, 2))
                .extracting(EraSegment::id, EraSegment::offset)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple("ISA", -1L),
                        org.assertj.core.api.Assertions.tuple("GS", -1L));
        EraSegment st = scanned.get(2);
        assertThat(st.id()).isEqualTo("ST");
        assertThat(st.offset()).isEqualTo(3);
    }

    @Test
    void readsNoFurtherThanAsked() throws Exception {
        var failing = new InputStream() {
            private final InputStream beginning = new ByteArrayInputStream(bytes(EraText.paying("60", CLAIM)));

            @Override
            public int read() throws IOException {
                int b = beginning.read();
                if (b < 0) {
                    throw new IOException("read to the end");
                }
                return b;
            }

            @Override
            public int readNBytes(byte[] target, int offset, int length) throws IOException {
                return beginning.readNBytes(target, offset, length);
            }
        };
        var taken = new ArrayList<String>();

        SegmentScan.of(failing, false).read(new SegmentSelection() {
            @Override
            public Choice choose(long number, String id) {
                return number < 9 ? Choice.SKIP : number == 9 ? Choice.TAKE : Choice.STOP;
            }

            @Override
            public void take(EraSegment segment) {
                taken.add(segment.text());
            }
        });

        assertThat(taken).containsExactly("CLP*C1*1*100*60*40*12*P1*11*1");
    }

    @Test
    void noTextOfASegmentGetsIntoALogByMistake() throws Exception {
        EraSegment name = scan(bytes(EraText.paying("60", CLAIM)), false).stream()
                .filter(segment -> segment.id().equals("NM1"))
                .findFirst()
                .orElseThrow();

        assertThat(name.elements()).hasSize(4);
        assertThat(name + " " + name.elements()).contains("NM1").doesNotContain("MÜLLER");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<EraSegment> scan(byte[] file, boolean repaired) throws IOException {
        List<EraSegment> segments = new ArrayList<>();
        SegmentScan.of(new ByteArrayInputStream(file), repaired).read(new SegmentSelection() {
            @Override
            public Choice choose(long number, String id) {
                return Choice.TAKE;
            }

            @Override
            public void take(EraSegment segment) {
                segments.add(segment);
            }
        });
        return segments;
    }

    private static List<String> parsed(byte[] file) throws EDIStreamException {
        List<String> places = new ArrayList<>();
        var source = new EraSource(new ByteArrayInputStream(file));
        EraReader.readSegments(EraReader.parser(source), source, segment -> {
            EraPosition at = segment.position();
            places.add("segment %d, %s, byte %d".formatted(at.segmentNumber(), at.segmentId(), at.offset()));
        });
        return places;
    }
}
