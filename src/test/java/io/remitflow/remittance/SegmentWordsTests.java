package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.remitflow.remittance.EraSegment.Element;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentWordsTests {

    @Test
    void aClaimInPlainWords() {
        SegmentWords words = words("CLP*C1*22*-100*-60**12*PCN1*11*1");

        assertThat(words.name()).isEqualTo("Claim payment");
        assertThat(words.elements())
                .extracting(SegmentWords.Element::place, SegmentWords.Element::name, SegmentWords.Element::value)
                .contains(
                        tuple("CLP01", "Our claim number", "C1"),
                        tuple("CLP03", "Charged", "-100"),
                        tuple("CLP07", "Payer's claim number", "PCN1"));
        assertThat(meaning(words, "CLP02")).isEqualTo("Reversal of an earlier payment");
        assertThat(meaning(words, "CLP06")).isEqualTo("Preferred provider organization");
        assertThat(meaning(words, "CLP01")).isNull();
        assertThat(words.elements()).noneMatch(element -> element.place().equals("CLP05"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CAS*CO*45*60*1*197*20          | CAS01   | Contractual: the provider bears it and may not bill the patient
            CAS*CO*45*60*1*197*20          | CAS05   | No authorization or notice in advance
            SVC*HC:99213:25*100*60**1      | SVC01-1 | HCPCS or CPT code
            BPR*I*60*C*ACH*CCP             | BPR04   | Electronic payment through the ACH
            BPR*H*0*C*NON************20261115 | BPR16 | 2026-11-15
            DTM*232*20261101               | DTM01   | Claim period begins
            DTM*150*20261101               | DTM02   | 2026-11-01
            PLB*1234567893*20261231*WO:X*5 | PLB03-1 | Recovery of an overpayment
            PLB*1234567893*20261231*WO*5   | PLB03   | Recovery of an overpayment
            LQ*HE*N130                     | LQ01    | Remark code
            N1*PE*RIVERSIDE*XX*1234567893  | N103    | National provider identifier (NPI)
            """)
    void saysWhatACodeMeans(String segment, String place, String meaning) {
        assertThat(meaning(words(segment), place)).isEqualTo(meaning);
    }

    @Test
    void b16_saysThatACodeIsUnknownAndGuessesNothing() {
        assertThat(meaning(words("CAS*CO*9999*60"), "CAS02")).contains("not in our list");
        assertThat(meaning(words("DTM*150*20261301"), "DTM02")).isNull();
        assertThat(meaning(words("REF*Q9*77"), "REF01")).isNull();
        assertThat(words("XYZ*1").name()).isEqualTo("Segment that our list does not have");
        assertThat(words("XYZ*1").elements())
                .extracting(SegmentWords.Element::place, SegmentWords.Element::name)
                .containsExactly(tuple("XYZ01", "Element"));
    }

    @Test
    void knowsTheSegmentsOfThe835() {
        List<String> ids =
                List.of(("ISA GS ST BPR TRN CUR REF DTM N1 N2 N3 N4 PER RDM LX TS3 TS2 CLP CAS NM1 MIA MOA AMT QTY "
                                + "SVC LQ PLB SE GE IEA")
                        .split(" "));

        assertThat(ids).allSatisfy(id -> assertThat(words(id + "*1").name()).doesNotContain("not have"));
    }

    private static @Nullable String meaning(SegmentWords words, String place) {
        return words.elements().stream()
                .filter(element -> element.place().equals(place))
                .findFirst()
                .orElseThrow()
                .meaning();
    }

    private static SegmentWords words(String text) {
        String[] parts = text.strip().split("\\*");
        List<Element> elements = new ArrayList<>();
        for (int i = 1; i < parts.length; i++) {
            String[] components = parts[i].split(":");
            for (int j = 0; j < components.length; j++) {
                if (!components[j].isEmpty()) {
                    elements.add(new Element(i, components.length == 1 ? 0 : j + 1, components[j]));
                }
            }
        }
        return SegmentWords.of(new EraSegment(1, 0, parts[0], text, elements));
    }
}
