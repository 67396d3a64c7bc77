package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AdjustmentCodesTests {

    @Test
    void knowsTheCommonCodes() {
        assertThat(AdjustmentCodes.REASONS.size()).isGreaterThanOrEqualTo(200);
        assertThat(AdjustmentCodes.REMARKS.size()).isGreaterThanOrEqualTo(120);
        assertThat(AdjustmentCodes.REASONS.text("1")).isEqualTo("Deductible");
        assertThat(AdjustmentCodes.GROUPS.text("PR")).contains("patient");
        assertThat(AdjustmentCodes.CLAIM_STATUSES.text("22")).contains("Reversal");
        assertThat(AdjustmentCodes.PROVIDER_ADJUSTMENTS.text("WO")).contains("overpayment");
        assertThat(AdjustmentCodes.REMARKS.knows("MA130")).isTrue();
    }

    @Test
    void b16_namesAnUnknownCodeInsteadOfFailing() {
        assertThat(AdjustmentCodes.REASONS.text("999")).isEqualTo("code 999 (not in our list, list may be stale)");
        assertThat(AdjustmentCodes.REASONS.find("999")).isEmpty();
    }
}
