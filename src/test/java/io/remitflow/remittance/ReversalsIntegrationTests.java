package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.FiscalPeriods;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import java.time.LocalDate;
import org.joda.money.Money;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** What a remittance meets in the books: answers that it takes back, closed periods, the money at the bank. */
@BooksTest
class ReversalsIntegrationTests {

    static final String REVERSAL = """
            CLP*C1*22*-500*-300*-75*12*PCN1*11*1
            CAS*CO*45*-125
            CAS*PR*1*-75
            NM1*QC*1*DOE*JANE
            """;

    static final String ANSWER = REVERSAL.replace("*22*", "*1*").replace("*-", "*");

    RemittanceBooks books;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "500.00");
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void b12_aReversalBeforeItsOriginalIsHeldAndItsMoneyWaitsInSuspense() {
        books.receive(EraText.of("RV1", "0", REVERSAL + "PLB*1234567893*20261231*FB:RV1*-300\n"));

        assertHeld("it takes back other amounts than were posted for this claim");
        assertThat(books.balanceMinor("2010")).isEqualTo(30_000);
        assertNothingOfTheClaimPosted();
    }

    @Test
    void b12_aWriteOffThatWasNeverPostedIsNotTakenBack() {
        books.receive(EraText.of("RV2", "0", """
                CLP*C1*4*500*0*0*12*PCN1*11*1
                CAS*CO*45*500
                NM1*QC*1*DOE*JANE
                """));

        books.receive(EraText.of("RV3", "0", """
                CLP*C1*22*-500*0*0*12*PCN1*11*1
                CAS*CO*45*-500
                NM1*QC*1*DOE*JANE
                """));

        assertHeld("it takes back other amounts than were posted for this claim");
        assertNothingOfTheClaimPosted();
    }

    @Test
    void b12_aDenialTakenBackAndPaidIsPosted() {
        books.receive(EraText.of("RV4", "0", """
                CLP*C1*4*500*0*0*12*PCN1*11*1
                CAS*CO*197*500
                NM1*QC*1*DOE*JANE
                """));

        books.receive(EraText.of("RV5", "300", """
                CLP*C1*22*-500*0*0*12*PCN1*11*1
                CAS*CO*197*-500
                NM1*QC*1*DOE*JANE
                """ + ANSWER));

        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
    }

    @Test
    void b12_theSameReversalASecondTimeIsHeld() {
        books.receive(EraText.of("RV6", "300", ANSWER));
        books.receive(EraText.of("RV7", "0", REVERSAL + "PLB*1234567893*20261231*FB:RV7*-300\n"));

        books.receive(EraText.of("RV8", "0", REVERSAL + "PLB*1234567893*20261231*FB:RV8*-300\n"));

        assertHeld("it takes back other amounts than were posted for this claim");
        assertThat(books.balanceMinor("2010")).isEqualTo(30_000);
        assertNothingOfTheClaimPosted();
    }

    @Test
    void b12_theCorrectionBehindAHeldReversalIsHeldWithIt() {
        books.receive(EraText.of("RV9", "300", ANSWER));

        var receipt = books.receive(EraText.of("RV10", "40", """
                CLP*C1*22*-500*-310*-65*12*PCN1*11*1
                CAS*CO*45*-125
                CAS*PR*1*-65
                NM1*QC*1*DOE*JANE
                CLP*C1*1*500*350*25*12*PCN1*11*1
                CAS*CO*45*125
                CAS*PR*1*25
                NM1*QC*1*DOE*JANE
                """));

        assertHeld(
                "it takes back other amounts than were posted for this claim",
                "it follows a reversal of this claim that is held");
        assertThat(books.entryLines(receipt.remittances().getFirst().id()))
                .containsExactly("DR 1050 40.00 trn 1987654321/RV10", "CR 2010 40.00 claim C1/PCN1");
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
    }

    @Test
    void b12_oneReversalMayTakeBackAllAnswersTogether() {
        books.receive(EraText.of("RV11", "100", """
                CLP*C1*1*200*100*0*12*PCN1*11*1
                CAS*CO*45*100
                NM1*QC*1*DOE*JANE
                """));
        books.receive(EraText.of("RV12", "300", """
                CLP*C1*1*300*300*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                """));

        books.receive(EraText.of("RV13", "0", """
                CLP*C1*22*-500*-400*0*12*PCN1*11*1
                CAS*CO*45*-100
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*FB:RV13*-400
                """));

        assertNothingOfTheClaimPosted();
        assertThat(books.balanceMinor("2010")).isZero();
    }

    @Test
    void aLateRemittanceIsPostedIntoTheOpenPeriodWithTheDayOfItsPayment() {
        books.hospital.run(() -> books.bean(FiscalPeriods.class).close("2026-10"));

        var receipt = books.receive(
                "late.835",
                EraText.of("LATE1", "300", ANSWER)
                        .text()
                        .replace("*20261115~", "*20261015~")
                        .getBytes(UTF_8));

        var entry = books.entry(receipt.remittances().getFirst().id());
        assertThat(entry.date()).isEqualTo(LocalDate.of(2026, 11, 1));
        assertThat(entry.effectiveDate()).isEqualTo(LocalDate.of(2026, 10, 15));
        assertThat(entry.fiscalPeriod()).isEqualTo("2026-11");
        assertThat(books.patientBalance("C1")).isEqualTo(usd("75.00"));
    }

    @Test
    void m1_theClearingOfATraceNumberIsZeroExactlyWhenNoticeAndMoneyAreThere() {
        var trace = new ClearingReference("trn", EraText.PAYER + "/M1");
        assertThat(clearing(trace)).isEqualTo(usd("0.00"));

        books.receive(EraText.of("M1", "300", ANSWER));
        assertThat(clearing(trace)).isEqualTo(usd("300.00"));

        books.hospital.run(() -> books.bean(TransactionTemplate.class)
                .executeWithoutResult(status -> books.bean(Journal.class)
                        .post(NewEntry.on(LocalDate.of(2026, 11, 16), "test", "bank:M1", "Bank line")
                                .debit(StandardAccount.CASH_OPERATING, usd("300.00"))
                                .credit(StandardAccount.REMITTANCE_CLEARING, usd("300.00"), trace)
                                .build())));
        assertThat(clearing(trace)).isEqualTo(usd("0.00"));
    }

    private Money clearing(ClearingReference trace) {
        return books.hospital.call(
                () -> books.bean(Clearing.class).balance(StandardAccount.REMITTANCE_CLEARING, trace));
    }

    private void assertHeld(String... reasons) {
        assertThat(books.queryAll(
                        "select reason from billing_remittance_claims where treatment = 'held' order by id",
                        String.class))
                .containsExactly(reasons);
    }

    private void assertNothingOfTheClaimPosted() {
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("500.00"));
        assertThat(books.patientBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.balanceMinor("4900")).isZero();
        assertThat(books.balanceMinor("1100")).isZero();
    }
}
