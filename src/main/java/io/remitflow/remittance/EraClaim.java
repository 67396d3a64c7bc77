package io.remitflow.remittance;

import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One claim (CLP) of a remittance with everything below it.
 *
 * @param index counted from 1 within the transaction
 * @param position of the CLP segment
 * @param controlNumber CLP01: our claim number, as we sent it
 * @param status CLP02
 * @param patientResponsibilityMinor CLP05, informational
 * @param payerClaimNumber CLP07
 * @param adjustments those of the claim itself, not of its lines
 * @param forwardedTo name of the payer to whom the claim was passed on (NM1*TT)
 * @param remarks remark codes of MIA and MOA
 */
public record EraClaim(
        int index,
        EraPosition position,
        String controlNumber,
        String status,
        long chargedMinor,
        long paidMinor,
        long patientResponsibilityMinor,
        String filingIndicator,
        String payerClaimNumber,
        @Nullable String facilityType,
        @Nullable String frequency,
        @Nullable EraPatient patient,
        @Nullable LocalDate serviceFrom,
        @Nullable LocalDate serviceTo,
        @Nullable String forwardedTo,
        List<EraAdjustment> adjustments,
        List<EraServiceLine> lines,
        List<String> remarks) {

    public EraClaim {
        adjustments = List.copyOf(adjustments);
        lines = List.copyOf(lines);
        remarks = List.copyOf(remarks);
    }

    /** Those of the claim and of all its lines. */
    public Stream<EraAdjustment> allAdjustments() {
        return Stream.concat(adjustments.stream(), lines.stream().flatMap(line -> line.adjustments().stream()));
    }

    public boolean isReversal() {
        return status.equals("22");
    }

    public boolean isDenied() {
        return status.equals("4");
    }

    /** A prediction of what would be paid: never posted. */
    public boolean isPredetermination() {
        return status.equals("25");
    }

    /** The payer passed the claim on: we send no claim to the next payer ourselves. */
    public boolean isForwarded() {
        return forwardedTo != null
                || switch (status) {
                    case "19", "20", "21", "23" -> true;
                    default -> false;
                };
    }

    /** The payer has not decided yet (legacy status 5). */
    public boolean isPended() {
        return status.equals("5");
    }

    /** The payer found that another one is responsible, and sent the claim there. */
    public boolean isNotOfThisPayer() {
        return status.equals("23");
    }

    /** A status that says what is posted for it. */
    public boolean hasPostableStatus() {
        return switch (status) {
            case "1", "2", "3", "4", "19", "20", "21", "22" -> true;
            default -> false;
        };
    }

    /** 1 for an answer of the primary payer, as far as the status says it. */
    public int payerSequence() {
        return switch (status) {
            case "2", "20" -> 2;
            case "3", "21" -> 3;
            default -> 1;
        };
    }

    /** What earlier payers explain of the charge, as this payer says (OA-23). */
    public long priorPayerMinor() {
        return allAdjustments()
                .filter(adjustment ->
                        adjustment.group().equals("OA") && adjustment.reason().equals("23"))
                .mapToLong(EraAdjustment::amountMinor)
                .reduce(0, Math::addExact);
    }

    /** The same in a second payment hints at a double payment. */
    public String claimKey() {
        return String.join(
                "|",
                controlNumber,
                payerClaimNumber,
                status,
                Long.toString(chargedMinor),
                Long.toString(paidMinor),
                serviceFrom == null ? "" : serviceFrom.toString(),
                serviceTo == null ? "" : serviceTo.toString());
    }
}
