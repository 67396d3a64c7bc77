package io.remitflow.remittance;

import io.remitflow.refunds.CreditBalance;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What the posting of a remittance does, or would do.
 *
 * @param outcome {@link RemittanceState#POSTED}, or {@link RemittanceState#HELD}: then nothing moves and the findings say why
 * @param ledger accounts that move, by code; balances are debits minus credits
 * @param patients patient accounts of its claims, the first {@link #SHOWN} of {@code patientAccounts}
 * @param takebacks what happens to the open items of the payer
 * @param denials its denied claims, the first {@link #SHOWN} of {@code deniedClaims}
 * @param held its claims that are not posted, with reasons, the first {@link #SHOWN} of {@code heldClaims}
 */
public record RemittancePreview(
        RemittanceState outcome,
        List<RemittanceDetail.Finding> findings,
        List<LedgerChange> ledger,
        List<Entry> entries,
        int patientAccounts,
        List<PatientChange> patients,
        List<CreditChange> credits,
        List<TakebackStep> takebacks,
        int deniedClaims,
        List<AnsweredClaim> denials,
        int heldClaims,
        List<AnsweredClaim> held) {

    /** Rows of one kind that are shown. */
    public static final int SHOWN = 500;

    public RemittancePreview {
        findings = List.copyOf(findings);
        ledger = List.copyOf(ledger);
        entries = List.copyOf(entries);
        patients = List.copyOf(patients);
        credits = List.copyOf(credits);
        takebacks = List.copyOf(takebacks);
        denials = List.copyOf(denials);
        held = List.copyOf(held);
    }

    /** An account of the ledger; debits minus credits. */
    public record LedgerChange(String code, String name, Money before, Money after) {

        public Money change() {
            return after.minus(before);
        }
    }

    /** A patient account; what the payers and what the patient owe. */
    public record PatientChange(
            UUID accountId,
            String number,
            Money insuranceBefore,
            Money insuranceAfter,
            Money patientBefore,
            Money patientAfter) {}

    /** A journal entry without its number, which is drawn when it is posted. */
    public record Entry(LocalDate date, String description, Money total, List<Line> lines) {}

    /** One line; either debit or credit is zero. */
    public record Line(
            String accountCode,
            String accountName,
            @Nullable String text,
            @Nullable String clearing,
            Money debit,
            Money credit) {}

    /** A credit of a patient, which becomes a refund, or of a payer. */
    public record CreditChange(
            UUID accountId,
            UUID claimId,
            CreditBalance.Owner owner,
            Kind kind,
            Money before,
            Money after,
            String cause) {

        /** What happens to its case. */
        public enum Kind {
            OPENED,
            CHANGED,
            RESOLVED;

            public String key() {
                return name().toLowerCase(Locale.ROOT);
            }
        }
    }
}
