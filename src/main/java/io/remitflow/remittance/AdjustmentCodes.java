package io.remitflow.remittance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the codes of a remittance mean, in our own words.
 *
 * <p>Payers use new codes before anyone's list has them: an unknown code is named as such and never stops posting.
 */
public enum AdjustmentCodes {
    /** CAS01. */
    GROUPS("claim-adjustment-groups"),
    /** CARC: the reasons in a CAS. */
    REASONS("carc"),
    /** RARC: remark codes. */
    REMARKS("rarc"),
    /** PLB03. */
    PROVIDER_ADJUSTMENTS("provider-adjustments"),
    /** CLP02. */
    CLAIM_STATUSES("claim-status");

    private final Map<String, String> texts;

    AdjustmentCodes(String list) {
        texts = read("/codes/" + list + ".tsv");
    }

    public Optional<String> find(String code) {
        return Optional.ofNullable(texts.get(code));
    }

    public boolean knows(String code) {
        return texts.containsKey(code);
    }

    /** The meaning, or that our list does not have the code. */
    public String text(String code) {
        return find(code).orElseGet(() -> "code %s (not in our list, list may be stale)".formatted(code));
    }

    /** "CO-45: Charge above the fee schedule, ...". */
    public static String text(EraAdjustment adjustment) {
        return "%s-%s: %s".formatted(adjustment.group(), adjustment.reason(), REASONS.text(adjustment.reason()));
    }

    public int size() {
        return texts.size();
    }

    private static Map<String, String> read(String resource) {
        Map<String, String> texts = new HashMap<>();
        try (var stream = AdjustmentCodes.class.getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IllegalStateException(resource + " is missing");
            }
            var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                int tab = line.indexOf('\t');
                if (tab > 0 && !line.startsWith("#")) {
                    texts.put(line.substring(0, tab), line.substring(tab + 1));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.copyOf(texts);
    }
}
