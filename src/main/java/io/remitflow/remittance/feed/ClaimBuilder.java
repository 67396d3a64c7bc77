package io.remitflow.remittance.feed;

import io.remitflow.core.CardNumbers;
import io.remitflow.remittance.EraAdjustment;
import io.remitflow.remittance.EraClaim;
import io.remitflow.remittance.EraPatient;
import io.remitflow.remittance.EraPosition;
import io.remitflow.remittance.EraRejected.Reason;
import io.remitflow.remittance.EraServiceLine;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects one claim from its CLP to the segment before the next claim. */
final class ClaimBuilder {

    /** The guide allows 999 lines; bounds what one claim may hold in memory. */
    private static final int LINES = 5_000;

    private static final int ADJUSTMENTS = 500;
    private static final int REMARKS = 100;
    private static final int CAS_LAST_ELEMENT = 19;

    private final int index;
    private final EraPosition position;
    private final String controlNumber;
    private final String status;
    private final long chargedMinor;
    private final long paidMinor;
    private final long patientResponsibilityMinor;
    private final String filingIndicator;
    private final String payerClaimNumber;
    private final @Nullable String facilityType;
    private final @Nullable String frequency;

    private final List<EraAdjustment> adjustments = new ArrayList<>(2);
    private final List<EraServiceLine> lines = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>(0);
    private final Period period = new Period();
    private @Nullable EraPatient patient;
    private @Nullable String forwardedTo;
    private @Nullable LineBuilder line;

    ClaimBuilder(int index, Segment clp) {
        this.index = index;
        position = clp.position();
        controlNumber = clp.text(1).strip();
        status = clp.required(2, "The status of the claim");
        chargedMinor = clp.amount(3, "The charge of the claim");
        paidMinor = clp.amount(4, "The amount paid on the claim");
        patientResponsibilityMinor = clp.amountOrZero(5, "The patient's share of the claim");
        filingIndicator = clp.text(6).strip();
        payerClaimNumber = clp.text(7).strip();
        facilityType = clp.optional(8);
        frequency = clp.optional(9);
    }

    void segment(Segment segment) {
        switch (segment.id()) {
            case "SVC" -> beginLine(segment);
            case "CAS" -> adjustments(segment, line == null ? adjustments : line.adjustments);
            case "NM1" -> name(segment);
            case "DTM" -> date(segment);
            case "MIA" -> remarks(segment, 5, 20, 21, 22, 23);
            case "MOA" -> remarks(segment, 3, 4, 5, 6, 7);
            case "BPR", "TRN", "N1" ->
                throw segment.reject(
                        Reason.WRONG_STRUCTURE, 0, "%s comes after a claim has begun".formatted(segment.id()));
            default -> {
                if (line != null) {
                    line.segment(segment);
                }
            }
        }
    }

    EraClaim build() {
        endLine();
        return new EraClaim(
                index,
                position,
                controlNumber,
                status,
                chargedMinor,
                paidMinor,
                patientResponsibilityMinor,
                filingIndicator,
                payerClaimNumber,
                facilityType,
                frequency,
                patient,
                period.from,
                period.to == null ? period.from : period.to,
                forwardedTo,
                adjustments,
                lines,
                remarks);
    }

    private void beginLine(Segment svc) {
        endLine();
        if (lines.size() == LINES) {
            throw svc.reject(Reason.TOO_LARGE, 0, "A claim has more than %d lines".formatted(LINES));
        }
        line = new LineBuilder(lines.size() + 1, svc);
    }

    private void endLine() {
        if (line != null) {
            lines.add(line.build());
            line = null;
        }
    }

    private static void adjustments(Segment cas, List<EraAdjustment> to) {
        if (cas.lastElement() > CAS_LAST_ELEMENT) {
            throw cas.reject(Reason.WRONG_STRUCTURE, CAS_LAST_ELEMENT + 1, "A CAS has more than six adjustments");
        }
        var group = cas.required(1, "The group of the adjustment");
        int found = 0;
        for (int at = 2; at <= CAS_LAST_ELEMENT; at += 3) {
            var reason = cas.text(at).strip();
            if (reason.isEmpty()) {
                if (cas.has(at + 1) || cas.has(at + 2)) {
                    throw cas.reject(Reason.MISSING_ELEMENT, at, "The reason of an adjustment is missing");
                }
                continue;
            }
            found++;
            to.add(new EraAdjustment(
                    group,
                    reason,
                    cas.amount(at + 1, "The amount of an adjustment"),
                    cas.quantity(at + 2, "The quantity of an adjustment"),
                    cas.position(at)));
        }
        if (found == 0) {
            throw cas.reject(Reason.MISSING_ELEMENT, 2, "A CAS holds no adjustment");
        }
        if (to.size() > ADJUSTMENTS) {
            throw cas.reject(Reason.TOO_LARGE, 0, "There are more than %d adjustments here".formatted(ADJUSTMENTS));
        }
    }

    private void name(Segment nm1) {
        switch (nm1.text(1)) {
            case "QC" ->
                patient = new EraPatient(nm1.text(3).strip(), nm1.text(4).strip(), nm1.optional(8), nm1.optional(9));
            case "TT" -> forwardedTo = CardNumbers.removedFrom(nm1.text(3).strip());
            default -> {
                // Insured, corrected names, providers, other payers.
            }
        }
    }

    private void date(Segment dtm) {
        if (line != null) {
            line.period.take(dtm, "150", "151", "472");
        } else {
            period.take(dtm, "232", "233", "");
        }
    }

    private void remarks(Segment segment, int... elements) {
        for (int element : elements) {
            var code = segment.optional(element);
            if (code != null && remarks.size() < REMARKS) {
                remarks.add(code);
            }
        }
    }

    private static final class Period {

        private @Nullable LocalDate from;
        private @Nullable LocalDate to;

        void take(Segment dtm, String begins, String ends, String single) {
            var kind = dtm.text(1);
            if (kind.equals(begins)) {
                from = dtm.date(2);
            } else if (kind.equals(ends)) {
                to = dtm.date(2);
            } else if (kind.equals(single)) {
                from = dtm.date(2);
                to = from;
            }
        }
    }

    private static final class LineBuilder {

        private final int index;
        private final EraPosition position;
        private final String qualifier;
        private final String code;
        private final List<String> modifiers = new ArrayList<>(0);
        private final @Nullable String submitted;
        private final @Nullable String revenueCode;
        private final long chargedMinor;
        private final long paidMinor;
        private final @Nullable BigDecimal units;
        private final List<EraAdjustment> adjustments = new ArrayList<>(2);
        private final List<String> remarks = new ArrayList<>(0);
        private final Period period = new Period();
        private @Nullable String controlNumber;
        private @Nullable Long allowedMinor;

        LineBuilder(int index, Segment svc) {
            this.index = index;
            position = svc.position();
            qualifier = svc.text(1, 1).strip();
            code = svc.text(1, 2).strip();
            for (int component = 3; component <= 6; component++) {
                var modifier = svc.text(1, component).strip();
                if (!modifier.isEmpty()) {
                    modifiers.add(modifier);
                }
            }
            chargedMinor = svc.amount(2, "The charge of the line");
            paidMinor = svc.amount(3, "The amount paid on the line");
            revenueCode = svc.optional(4);
            units = svc.quantity(5, "The units paid");
            var other = svc.text(6, 2).strip();
            submitted = other.isEmpty() ? null : other;
        }

        void segment(Segment segment) {
            switch (segment.id()) {
                case "REF" -> {
                    if (segment.text(1).equals("6R")) {
                        controlNumber = segment.optional(2);
                    }
                }
                case "AMT" -> {
                    if (segment.text(1).equals("B6")) {
                        allowedMinor = segment.amount(2, "The allowed amount");
                    }
                }
                case "LQ" -> {
                    var remark = segment.optional(2);
                    if (remark != null && remarks.size() < REMARKS) {
                        remarks.add(remark);
                    }
                }
                default -> {
                    // Quantities, contacts and policies: information that is neither posted nor matched.
                }
            }
        }

        EraServiceLine build() {
            return new EraServiceLine(
                    index,
                    position,
                    qualifier,
                    code,
                    modifiers,
                    submitted,
                    revenueCode,
                    chargedMinor,
                    paidMinor,
                    units,
                    period.from,
                    period.to == null ? period.from : period.to,
                    controlNumber,
                    allowedMinor,
                    adjustments,
                    remarks);
        }
    }
}
