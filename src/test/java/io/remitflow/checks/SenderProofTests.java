package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What our own mail server says counts, and nothing that the mail says about itself. */
class SenderProofTests {

    private static final String US = "mx.hospital.example";
    private static final String SENDER = "scans@lockbox.example";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mx.hospital.example; dmarc=pass header.from=lockbox.example",
                "MX.Hospital.Example 1; dmarc=pass (p=reject) header.from=lockbox.example; spf=fail smtp.mailfrom=x.example",
                "mx.hospital.example; spf=pass smtp.mailfrom=bounce@lockbox.example",
                "mx.hospital.example; dkim=fail header.d=x.example; dkim = pass header.d = LOCKBOX.example",
                "mx.hospital.example; dkim=pass header.i=@lockbox.example",
                "mx.hospital.example; dmarc/1=pass (a comment (nested; with) \\) semicolon;) header.from=lockbox.example"
            })
    void aSenderIsProven(String header) {
        assertThat(SenderProof.of(List.of(header), US, SENDER).proven()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mx.hospital.example; dmarc=fail header.from=lockbox.example",
                "mx.hospital.example; dmarc=none; spf=pass smtp.mailfrom=lockbox.example",
                "mx.hospital.example; dmarc=pass header.from=other.example",
                "mx.hospital.example; spf=pass smtp.mailfrom=other.example; dkim=pass header.d=other.example",
                "mx.hospital.example; spf=pass",
                "mx.hospital.example; dkim=pass header.d=ample",
                "mx.hospital.example; spf=softfail smtp.mailfrom=lockbox.example",
                "mx.hospital.example; none",
                "mx.hospital.example",
                "mx.other.example; dmarc=pass header.from=lockbox.example",
                "mx.other.example; x=\"mx.hospital.example; dmarc=pass\"",
                "mx.hospital.example.attacker.example; dmarc=pass header.from=lockbox.example",
                "mx.hospital.example; (dmarc=pass header.from=lockbox.example)",
                "mx.hospital.example; reason=\"a; dmarc=pass header.from=lockbox.example\"",
                ";;;",
                "",
                "((((",
                "\"",
                "=;=;=",
                "mx.hospital.example; =pass"
            })
    void aSenderIsNotProven(String header) {
        assertThat(SenderProof.of(List.of(header), US, SENDER).proven()).isFalse();
    }

    @Test
    void whatASenderWroteBelowTheHeaderOfOurServerDoesNotCount() {
        String ours = "mx.hospital.example; dmarc=fail header.from=lockbox.example";
        String forged = "mx.hospital.example; dmarc=pass header.from=lockbox.example";

        assertThat(SenderProof.of(List.of(ours, forged), US, SENDER).proven()).isFalse();
        assertThat(SenderProof.of(List.of("other.example; dmarc=fail", forged), US, SENDER)
                        .proven())
                .as("what others say on top of it is not looked at")
                .isTrue();
    }

    @Test
    void withoutAnIdOfOurServerNothingIsProven() {
        String header = "; dmarc=pass header.from=lockbox.example";
        assertThat(SenderProof.of(List.of(header), "", SENDER).proven()).isFalse();
        assertThat(SenderProof.of(List.of(), US, SENDER).proven()).isFalse();
    }

    @Test
    void theResultsAreShownShortly() {
        var proof = SenderProof.of(
                List.of("mx.hospital.example; spf=pass smtp.mailfrom=lockbox.example; dkim=none; dmarc=pass"),
                US,
                SENDER);

        assertThat(proof.text()).isEqualTo("spf=pass, dkim=none, dmarc=pass");
    }
}
