package io.remitflow.refunds;

import io.remitflow.refunds.CreditClassification.PayerClass;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When a credit that nobody took back becomes unclaimed property of the state, and until when its owner must have been
 * written to before. States count years from the day it arose, most of them three. Money of Medicare and Medicaid never
 * becomes it: that goes back to them.
 *
 * @param letterDueOn the last day for the letter to the owner
 * @param reportableOn the first day on which the state has a claim to it
 */
public record Dormancy(LocalDate letterDueOn, LocalDate reportableOn) {

    /** Whose money goes back to them, however long it takes. */
    static final Set<PayerClass> NEVER = Set.of(PayerClass.MEDICARE, PayerClass.MEDICAID);

    /** Empty for money that never becomes property of the state. */
    static Optional<Dormancy> of(
            @Nullable CreditClassification classification, LocalDate identifiedOn, CreditBalanceSettings settings) {
        if (!isOf(classification)) {
            return Optional.empty();
        }
        LocalDate reportable = identifiedOn.plusYears(settings.dormancyYears());
        return Optional.of(new Dormancy(reportable.minusDays(settings.letterDaysBefore()), reportable));
    }

    /** Whether such money may become property of the state at all. */
    static boolean isOf(@Nullable CreditClassification classification) {
        return classification == null || !NEVER.contains(classification.payerClass());
    }
}
