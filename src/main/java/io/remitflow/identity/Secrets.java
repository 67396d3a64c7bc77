package io.remitflow.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Encrypts what must be kept but not readable in the database: AES-256-GCM, a fresh nonce per value, bound to its
 * organization, so that a value copied to another organization's row does not open.
 */
@Component
public class Secrets {

    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final String FINGERPRINT = "HmacSHA256";

    private static final String ACTION =
            "Set REMITFLOW_ENCRYPTION_KEY to the key of this installation; a new one is made by: openssl rand -base64 32";

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    /** @throws UnusableSetting without a key, so that the application does not start and then fail one secret after another */
    Secrets(@Value("${remitflow.encryption-key:}") String keyBase64) {
        if (keyBase64.isBlank()) {
            throw new UnusableSetting(
                    "remitflow.encryption-key is not set. It encrypts the secrets of gateways, the account numbers of"
                            + " banks and whatever else must not be readable in the database.",
                    ACTION);
        }
        byte[] bytes = decoded(keyBase64.strip());
        if (bytes.length != KEY_BYTES) {
            throw new UnusableSetting(
                    "remitflow.encryption-key is not a key: it must be %d bytes in Base64.".formatted(KEY_BYTES),
                    ACTION);
        }
        this.key = new SecretKeySpec(bytes, "AES");
    }

    /** Nothing of the text may get into a message, so the decoder's own complaint is dropped. */
    private static byte[] decoded(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    /** Call it as the organization that is to read it again. */
    public byte[] encrypt(String secret) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(secret.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.allocate(nonce.length + sealed.length)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a secret could not be encrypted", e);
        }
    }

    /** @throws IllegalStateException if it was encrypted with another key or for another organization */
    public String decrypt(byte[] stored) {
        try {
            byte[] open = cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(stored, NONCE_BYTES))
                    .doFinal(stored, NONCE_BYTES, stored.length - NONCE_BYTES);
            return new String(open, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a stored secret does not open with the configured key", e);
        }
    }

    /**
     * Equal for equal texts of one organization and one purpose, and tells nothing else: whether two secrets are the same can be
     * asked of the database without opening them.
     */
    public byte[] fingerprint(String purpose, String secret) {
        try {
            Mac mac = Mac.getInstance(FINGERPRINT);
            mac.init(new SecretKeySpec(key.getEncoded(), FINGERPRINT));
            String text = String.join("\n", purpose, CurrentOrganization.id().toString(), secret);
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a secret could not be compared", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(CurrentOrganization.id().toString().getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
