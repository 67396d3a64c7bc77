package io.remitflow.remittance;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One service line (SVC) of a claim.
 *
 * @param index counted from 1 within the claim
 * @param procedureQualifier of SVC01: HC, NU (revenue code), AD (dental), N4 (drug), ...
 * @param submittedProcedure SVC06-2 when the payer decided on another code than was billed
 * @param lineControlNumber REF*6R: our line's number, the best key to it
 * @param allowedMinor AMT*B6, informational
 * @param remarks remark codes (LQ*HE)
 */
public record EraServiceLine(
        int index,
        EraPosition position,
        String procedureQualifier,
        String procedureCode,
        List<String> modifiers,
        @Nullable String submittedProcedure,
        @Nullable String revenueCode,
        long chargedMinor,
        long paidMinor,
        @Nullable BigDecimal unitsPaid,
        @Nullable LocalDate serviceFrom,
        @Nullable LocalDate serviceTo,
        @Nullable String lineControlNumber,
        @Nullable Long allowedMinor,
        List<EraAdjustment> adjustments,
        List<String> remarks) {

    public EraServiceLine {
        modifiers = List.copyOf(modifiers);
        adjustments = List.copyOf(adjustments);
        remarks = List.copyOf(remarks);
    }

    public long adjustedMinor() {
        return EraAdjustment.sum(adjustments);
    }
}
