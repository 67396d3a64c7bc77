package io.remitflow.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The key that encrypts secrets, as the application finds it at its start. */
@ExtendWith(OutputCaptureExtension.class)
class SecretsTests {

    @Test
    void i7_withoutAKeyTheStartIsRefusedWithWhatToDo(CapturedOutput log) {
        assertThatExceptionOfType(BeanCreationException.class)
                .isThrownBy(() -> start(""))
                .havingRootCause()
                .isInstanceOf(UnusableSetting.class);

        assertThat(log.getAll())
                .contains(
                        "APPLICATION FAILED TO START",
                        "remitflow.encryption-key is not set",
                        "REMITFLOW_ENCRYPTION_KEY")
                .doesNotContain("at io.remitflow");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not-a-key-but-a-canary!",
                "Y2FuYXJ5", // six bytes
                "Y2FuYXJ5IGNhbmFyeSBjYW5hcnkgY2FuYXJ5IGNhbmFyeQ==", // more than 32
            })
    void i7_withATextThatIsNoKeyTheStartIsRefusedAndTheTextIsNotTold(String wrong, CapturedOutput log) {
        assertThatExceptionOfType(BeanCreationException.class)
                .isThrownBy(() -> start(wrong))
                .havingRootCause()
                .isInstanceOf(UnusableSetting.class)
                .withMessageContaining("remitflow.encryption-key")
                .withMessageNotContaining(wrong);

        assertThat(log.getAll())
                .contains("remitflow.encryption-key is not a key: it must be 32 bytes in Base64")
                .doesNotContain(wrong);
    }

    @Test
    void i7_whatOneKeyEncryptedNoOtherOpens() {
        var organization = OrganizationId.next();
        byte[] stored = CurrentOrganization.call(
                organization, () -> new Secrets(key((byte) 1)).encrypt("the secret of a gateway"));

        CurrentOrganization.run(organization, () -> {
            assertThat(new Secrets(key((byte) 1)).decrypt(stored)).isEqualTo("the secret of a gateway");
            assertThatIllegalStateException()
                    .isThrownBy(() -> new Secrets(key((byte) 2)).decrypt(stored))
                    .withMessageContaining("does not open with the configured key");
        });
    }

    static String key(byte of) {
        byte[] key = new byte[32];
        key[0] = of;
        return Base64.getEncoder().encodeToString(key);
    }

    private static void start(String key) {
        new SpringApplicationBuilder(Secrets.class)
                .web(WebApplicationType.NONE)
                .run("--remitflow.encryption-key=" + key)
                .close();
    }
}
