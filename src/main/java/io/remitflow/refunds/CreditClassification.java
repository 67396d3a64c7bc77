package io.remitflow.refunds;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Whose money a credit is, which kind of payer it came from, and how it arose. */
public record CreditClassification(BelongsTo belongsTo, PayerClass payerClass, Cause cause) {

    /** To whom the money goes back. */
    public enum BelongsTo {
        PAYER("Payer"),
        PATIENT("Patient"),
        GUARANTOR("Guarantor");

        private final String words;

        BelongsTo(String words) {
            this.words = words;
        }

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        public String words() {
            return words;
        }
    }

    /** Decides which clock runs. */
    public enum PayerClass {
        MEDICARE("Medicare"),
        MEDICAID("Medicaid"),
        COMMERCIAL("Commercial"),
        SELF_PAY("Self-pay"),
        OTHER("Other payer");

        private final String words;

        PayerClass(String words) {
            this.words = words;
        }

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        public String words() {
            return words;
        }

        /** Of the classes that payers have; those without a clock of their own are other payers. */
        static PayerClass ofPayer(String payerClass) {
            return switch (payerClass) {
                case "medicare" -> MEDICARE;
                case "medicaid" -> MEDICAID;
                case "commercial" -> COMMERCIAL;
                default -> OTHER;
            };
        }
    }

    public enum Cause {
        DUPLICATE_PAYMENT("The same was paid twice"),
        PATIENT_OVERPAID("The patient paid more than was left to pay"),
        PAYER_OVERPAID("The payer paid more than was left to pay"),
        COORDINATION_OF_BENEFITS("Two payers paid as if each were the first"),
        CONTRACTUAL_POSTED_TWICE("The contractual adjustment was posted twice"),
        TAKEBACK_PENDING("The payer announced that it takes the money back"),
        POSTED_TO_WRONG_CLAIM("Posted to the wrong claim or account"),
        OTHER("Something else");

        private final String words;

        Cause(String words) {
            this.words = words;
        }

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        public String words() {
            return words;
        }
    }

    /** Patients and guarantors pay themselves, and money of a payer is never theirs. */
    public CreditClassification {
        if ((belongsTo == BelongsTo.PAYER) == (payerClass == PayerClass.SELF_PAY)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "money of a payer has the class of the payer, money of patients and guarantors is self-pay");
        }
    }

    static CreditClassification ofKeys(
            @Nullable Object belongsTo, @Nullable Object payerClass, @Nullable Object cause) {
        return new CreditClassification(
                one(BelongsTo.values(), value -> value.key().equals(belongsTo), "whose money it is"),
                one(PayerClass.values(), value -> value.key().equals(payerClass), "the class of the payer"),
                one(Cause.values(), value -> value.key().equals(cause), "the cause"));
    }

    /** "Payer, Medicare". */
    public String words() {
        return belongsTo == BelongsTo.PAYER ? "Payer, " + payerClass.words() : belongsTo.words();
    }

    private static <T> T one(T[] values, Predicate<T> wanted, String what) {
        return Arrays.stream(values)
                .filter(wanted)
                .findFirst()
                .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "choose " + what + " from the list"));
    }
}
