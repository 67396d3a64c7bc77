package io.remitflow.checks;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which invoice a line pays, and why.
 *
 * @param invoice null: a person has to say
 * @param considered every invoice that came into question
 */
public record Suggestion(
        RemittanceLine line, @Nullable OpenInvoice invoice, Reason reason, List<OpenInvoice> considered) {

    public Suggestion {
        considered = List.copyOf(considered);
    }

    /** In words, as shown beside the line. */
    public String explanation() {
        String others = considered.stream()
                .filter(other -> invoice == null || !other.id().equals(invoice.id()))
                .map(OpenInvoice::number)
                .collect(Collectors.joining(", "));
        return others.isEmpty() ? reason.text : reason.text + "; also considered: " + others;
    }

    /** Why an invoice was suggested, or none. */
    public enum Reason {
        CHOSEN("picked by a person"),
        AMOUNT_AND_DATE("same amount, and the date is in the window"),
        PRINTED_NUMBER("same amount; the printed invoice number decides"),
        LAST_ONE_LEFT("same amount, and the date is in the window; the other lines pay the other invoices"),
        NOTHING_OPEN("no open invoice of this amount in the window"),
        NO_DATE("without a date or a printed invoice number, the amount alone decides nothing"),
        SEVERAL("several open invoices of this amount in the window, and no printed number decides"),
        CLAIMED_TWICE("another line asks for the same invoice"),
        NOT_OPEN("the invoice that was picked is not open any more");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }
}
