package io.remitflow.claims.gateway;

import io.remitflow.claims.ClaimMd.Coverage;
import io.remitflow.claims.ClaimMd.Eligibility;
import io.xlate.edi.stream.EDIInputFactory;
import io.xlate.edi.stream.EDIStreamException;
import io.xlate.edi.stream.EDIStreamReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Set;

/** What an answer about eligibility says in the end: its benefits, and the reasons why the payer could not say. */
final class CoverageAnswer {

    /** EB01: active coverage in its variants, and inactive. */
    private static final Set<String> ACTIVE = Set.of("1", "2", "3", "4", "5");

    private static final Set<String> INACTIVE = Set.of("6", "7", "8");

    private boolean active;
    private boolean inactive;
    private String plan = "";
    private String refusal = "";

    /**
     * Reads a 271.
     *
     * @throws IOException if it is none; the message does not quote it
     */
    static CoverageAnswer read(byte[] bytes) throws IOException {
        var answer = new CoverageAnswer();
        var factory = EDIInputFactory.newFactory();
        factory.setProperty(EDIInputFactory.EDI_IGNORE_EXTRANEOUS_CHARACTERS, true);
        String segment = "";
        String code = "";
        String text = "";
        try (EDIStreamReader reader = factory.createEDIStreamReader(new ByteArrayInputStream(bytes))) {
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case START_SEGMENT -> {
                        segment = reader.getText();
                        code = "";
                        text = "";
                    }
                    case ELEMENT_DATA -> {
                        int position = reader.getLocation().getElementPosition();
                        if (segment.equals("EB") && position == 1) {
                            code = reader.getText();
                        } else if (segment.equals("EB") && position == 5 || segment.equals("AAA") && position == 3) {
                            text = reader.getText();
                        }
                    }
                    case END_SEGMENT -> {
                        if (segment.equals("EB")) {
                            answer.benefit(code, text);
                        } else if (segment.equals("AAA")) {
                            answer.refusal = text;
                        }
                    }
                    default -> {
                        // Envelopes, loops, and what the reader would remark.
                    }
                }
            }
        } catch (EDIStreamException e) {
            throw new IOException("no X12", e);
        }
        return answer;
    }

    /** @param code EB01 */
    void benefit(String code, String insurancePlan) {
        if (ACTIVE.contains(code)) {
            active = true;
            plan = plan.isEmpty() ? insurancePlan : plan;
        }
        inactive |= INACTIVE.contains(code);
    }

    Eligibility eligibility(byte[] document) {
        if (active) {
            return new Eligibility(
                    Coverage.COVERED, plan.isEmpty() ? "Active coverage" : "Active coverage: " + plan, document);
        }
        if (!refusal.isEmpty()) {
            return new Eligibility(
                    Coverage.UNCLEAR, "The payer could not answer, reason %s".formatted(refusal), document);
        }
        return inactive
                ? new Eligibility(Coverage.NOT_COVERED, "No active coverage", document)
                : new Eligibility(Coverage.UNCLEAR, "The answer names no coverage", document);
    }
}
