package io.remitflow.claims;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A question for eligibility as X12 270, read back by an independent reader. */
class EligibilityFileTests {

    @Test
    void writesOneQuestionElementByElement() throws Exception {
        String text = EligibilityFile.write(
                9,
                "CHECK-1",
                ClaimFileTests.AT,
                new EligibilityFile.Question(
                        ClaimFileTests.PROVIDER,
                        ClaimFileTests.SUBSCRIBER,
                        "Keystone Mutual",
                        "60054",
                        ClaimFileTests.DAY,
                        "30"));

        assertThat(text.lines().map(segment -> segment.replace("~", "")).toList())
                .containsExactly(
                        "ISA*00*          *00*          *ZZ*001234567      *ZZ*CLAIMMD        *261120*0905*^*00501*000000009*0*P*:",
                        "GS*HS*001234567*CLAIMMD*20261120*0905*9*X*005010X279A1",
                        "ST*270*0001*005010X279A1",
                        "BHT*0022*13*CHECK-1*20261120*0905",
                        "HL*1**20*1",
                        "NM1*PR*2*KEYSTONE MUTUAL*****PI*60054",
                        "HL*2*1*21*1",
                        "NM1*1P*2*MERCY GENERAL HOSPITAL*****XX*1234567893",
                        "HL*3*2*22*0",
                        "TRN*1*CHECK-1*9001234567",
                        "NM1*IL*1*MULLER RUIZ*JOSE****MI*KMH400101",
                        "DMG*D8*19800229*F",
                        "DTP*291*D8*20261103",
                        "EQ*30",
                        "SE*13*0001",
                        "GE*1*9",
                        "IEA*1*000000009");
        assertThat(ClaimFileTests.mistakes(text)).isEmpty();
    }
}
