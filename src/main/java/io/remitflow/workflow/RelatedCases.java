package io.remitflow.workflow;

import java.util.List;
import java.util.UUID;
import org.joda.money.Money;

/**
 * Other cases that have something in common with one: of {@link Approvals#EXPOSURE}, or still under way.
 *
 * @param together their sum and the amount of the one itself
 */
public record RelatedCases(Relation relation, List<Numbered> others, Money together) {

    /** What they have in common. */
    public enum Relation {
        GUARANTOR("on other accounts of the same guarantor"),
        PAYEE("to the same card or bank account on other accounts"),
        REQUESTER("of the same requester on other accounts");

        private final String words;

        Relation(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /** A case and what people call it. */
    public record Numbered(UUID id, String number) {}

    public RelatedCases {
        others = List.copyOf(others);
    }
}
