package io.remitflow.remittance.feed;

import io.remitflow.core.CardNumbers;
import io.remitflow.remittance.EraEnvelope;
import io.remitflow.remittance.EraParty;
import io.remitflow.remittance.EraPosition;
import io.remitflow.remittance.EraRejected;
import io.remitflow.remittance.EraRejected.Reason;
import io.remitflow.remittance.EraTransaction;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** Collects what comes before the first claim of a transaction. */
final class HeaderBuilder {

    private static final String DOLLARS = "USD";

    private final int index;
    private final EraEnvelope envelope;
    private final String controlNumber;

    private @Nullable Payment payment;
    private @Nullable Trace trace;
    private @Nullable LocalDate productionDate;
    private @Nullable PartyBuilder payer;
    private @Nullable PartyBuilder payee;
    private @Nullable PartyBuilder party;

    HeaderBuilder(int index, EraEnvelope envelope, String controlNumber) {
        this.index = index;
        this.envelope = envelope;
        this.controlNumber = controlNumber;
    }

    void segment(Segment segment) {
        switch (segment.id()) {
            case "BPR" -> payment(segment);
            case "TRN" -> trace(segment);
            case "CUR" -> currency(segment);
            case "DTM" -> {
                if (segment.text(1).equals("405")) {
                    productionDate = segment.date(2);
                }
            }
            case "N1" -> party(segment);
            case "REF" -> reference(segment);
            default -> {
                // Addresses, contacts, delivery: nothing that is posted or matched.
            }
        }
    }

    EraTransaction build(Segment next) {
        var payment = present(this.payment, next, "BPR (the payment)");
        var trace = present(this.trace, next, "TRN (the trace number)");
        var payer = present(this.payer, next, "N1*PR (the payer)");
        var payee = present(this.payee, next, "N1*PE (the payee)");
        return new EraTransaction(
                index,
                envelope,
                controlNumber,
                DOLLARS,
                payment.handlingCode,
                payment.paidMinor,
                payment.creditOrDebit,
                payment.method,
                payment.date,
                trace.number,
                trace.payerIdentifier,
                trace.supplement,
                payer.build(),
                payee.build(),
                productionDate,
                payment.position);
    }

    private void payment(Segment bpr) {
        if (payment != null) {
            throw bpr.reject(Reason.WRONG_STRUCTURE, 0, "There is a second BPR in one transaction");
        }
        payment = new Payment(
                bpr.required(1, "The handling code of the payment"),
                bpr.amount(2, "The amount of the payment"),
                bpr.text(3).strip(),
                bpr.required(4, "The method of the payment"),
                bpr.date(16),
                bpr.position());
    }

    private void trace(Segment trn) {
        if (trace != null) {
            throw trn.reject(Reason.WRONG_STRUCTURE, 0, "There is a second TRN in one transaction");
        }
        trace = new Trace(trn.required(2, "The trace number"), trn.text(3).strip(), trn.optional(4));
    }

    /** Only dollars are read: with another currency the amounts would have to be read differently. */
    private static void currency(Segment cur) {
        var code = cur.text(2).strip();
        if (!code.equals(DOLLARS)) {
            throw cur.reject(Reason.WRONG_VALUE, 2, "The currency of the payment is not USD");
        }
    }

    private void party(Segment n1) {
        var builder = new PartyBuilder(n1);
        switch (n1.text(1)) {
            case "PR" -> {
                if (payer != null) {
                    throw n1.reject(Reason.WRONG_STRUCTURE, 1, "There is a second payer in one transaction");
                }
                payer = builder;
                party = builder;
            }
            case "PE" -> {
                if (payee != null) {
                    throw n1.reject(Reason.WRONG_STRUCTURE, 1, "There is a second payee in one transaction");
                }
                payee = builder;
                party = builder;
            }
            default -> party = null;
        }
    }

    private void reference(Segment ref) {
        if (party == null) {
            return;
        }
        boolean wanted = party == payer ? ref.text(1).equals("2U") : ref.text(1).equals("TJ");
        if (wanted && party.secondary == null) {
            party.secondary = ref.optional(2);
        }
    }

    private static <T> T present(@Nullable T part, Segment next, String name) {
        if (part == null) {
            throw new EraRejected(
                    Reason.MISSING_SEGMENT, next.position(), "%s is missing before this segment".formatted(name));
        }
        return part;
    }

    private record Payment(
            String handlingCode,
            long paidMinor,
            String creditOrDebit,
            String method,
            @Nullable LocalDate date,
            EraPosition position) {}

    private record Trace(
            String number, String payerIdentifier, @Nullable String supplement) {}

    private static final class PartyBuilder {

        private final String name;
        private final String qualifier;
        private final String identifier;
        private @Nullable String secondary;

        PartyBuilder(Segment n1) {
            name = CardNumbers.removedFrom(n1.text(2).strip());
            qualifier = n1.text(3).strip();
            identifier = n1.text(4).strip();
        }

        EraParty build() {
            return new EraParty(name, qualifier, identifier, secondary);
        }
    }
}
