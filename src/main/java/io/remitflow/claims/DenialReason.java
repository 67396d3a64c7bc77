package io.remitflow.claims;

import org.jspecify.annotations.Nullable;

/**
 * Why a payer denied, as its answer says.
 *
 * @param answer position of the answer in its remittance; a claim can have several
 * @param position counts within the answer
 * @param line the service line, null for the claim as a whole
 * @param group CO, OA, PI; PR where the payer denied the claim but gave the amount to the patient
 * @param code the reason code (CARC)
 * @param text what the code means
 * @param remarks remark codes (RARC), separated by blanks
 * @param amountMinor positive was not paid
 */
public record DenialReason(
        int answer,
        int position,
        @Nullable Integer line,
        @Nullable String procedure,
        String group,
        String code,
        String text,
        String remarks,
        long amountMinor) {

    /** "CO-197". */
    public String groupAndCode() {
        return group + "-" + code;
    }

    /** What the payer itself gave to the patient is not denied to us. */
    boolean counts() {
        return !group.equals("PR");
    }
}
