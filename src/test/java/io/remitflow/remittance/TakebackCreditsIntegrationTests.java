package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalance.Closing;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.CreditCases;
import io.remitflow.refunds.CreditCases.Choice;
import io.remitflow.refunds.CreditCases.Resolution;
import io.remitflow.refunds.CreditEvidence;
import io.remitflow.refunds.CreditFilter;
import io.remitflow.refunds.CreditReturns;
import io.remitflow.remittance.TakebackFilter.Status;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** What a payer took without having announced it, and the credit that it took. */
@BooksTest
class TakebackCreditsIntegrationTests {

    private static final String PAID = """
            CLP*C1*1*100*80*20*12*PCN1*11*1
            CAS*PR*1*20
            NM1*QC*1*DOE*JANE
            """;

    @Autowired
    CreditBalances credits;

    @Autowired
    TakebackResolutions resolutions;

    @LocalServerPort
    int port;

    RemittanceBooks books;

    @BeforeEach
    void payC1Twice(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "100.00").claim("C9", "5000.00");
        books.receive(EraText.of("PT1", "80.00", PAID));
        books.receive(EraText.of("PT2", "80.00", PAID));
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void plb_aRecoveryWithoutAnnouncementIsSetAgainstTheCreditThatItRecovers() {
        CreditBalance credit = onlyCredit();
        Takeback item = explained(taken("T3", "WO:LETTER7*80"));

        books.hospital.runAs(Role.BILLING_MANAGER, () -> setAgainst(item, "C1"));

        assertThat(books.balanceMinor("1130")).isZero();
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(get(credit).closing()).isEqualTo(Closing.BALANCE_GONE);
        assertThat(books.hospital.call(() -> credits.evidence(credit.id())))
                .extracting(CreditEvidence::note)
                .containsExactly("80.00 that the payer took with payment T3 was set against the credit");
        assertThat(get(item).open()).isEqualTo(usd("0.00"));
        assertThat(get(item).lastStep().sentence())
                .isEqualTo("80.00 was booked by hand: against the credit of claim C1. Letter 7");
        refused(Role.BILLING_MANAGER, () -> setAgainst(item, "C1"), "It is settled");
        Invariants.ofTests().hold();

        books.hospital.runAs(Role.BILLING_MANAGER, () -> resolutions.takeBack(item.id(), "Of another claim"));

        assertThat(books.balanceMinor("1130")).isEqualTo(8_000);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("-80.00"));
        assertThat(onlyCredit().left()).isEqualTo(usd("80.00"));
        assertThat(get(item).open()).isEqualTo(usd("80.00"));
        refused(Role.BILLING_MANAGER, () -> resolutions.takeBack(item.id(), "Twice"), "not resolved by hand");
    }

    @Test
    void plb_noMoreIsSetAgainstACreditThanIsLeftOfIt() {
        Takeback item = explained(taken("T3", "WO:LETTER7*100"));
        Takeback other = explained(taken("T4", "CS:LETTER8*50"));

        books.hospital.runAs(Role.BILLING_MANAGER, () -> setAgainst(item, "C1"));

        assertThat(get(item).open()).isEqualTo(usd("20.00"));
        assertThat(get(item).closedOn()).isNull();
        assertThat(get(item).lastStep().sentence()).contains("C1; 20.00 is open. Letter 7");
        refused(Role.BILLING_MANAGER, () -> setAgainst(item, "C1"), "no credit left");
        refused(Role.BILLING_MANAGER, () -> setAgainst(other, "C1"), "no credit left");
        books.hospital.runAs(
                Role.BILLING_MANAGER, () -> resolutions.resolve(item.id(), TakebackResolution.INTEREST, "Interest"));
        assertThat(get(item).open()).isEqualTo(usd("0.00"));

        books.hospital.runAs(Role.BILLING_MANAGER, () -> resolutions.takeBack(item.id(), "No interest"));
        assertThat(get(item).open()).isEqualTo(usd("20.00"));
        books.hospital.runAs(Role.BILLING_MANAGER, () -> resolutions.takeBack(item.id(), "Of another claim"));

        assertThat(get(item).open()).isEqualTo(usd("100.00"));
        assertThat(books.balanceMinor("1130")).isEqualTo(10_000);
        books.hospital.runAs(Role.BILLING_MANAGER, () -> setAgainst(other, "C1"));
        assertThat(onlyCredit().left()).isEqualTo(usd("30.00"));
        assertThat(books.balanceMinor("2070")).isZero();
    }

    @Test
    void plb_aRecoveryThatNamesItsClaimIsSetAgainstTheCreditThatItClosed() {
        CreditBalance credit = onlyCredit();
        Takeback item = explained(taken("T3", "WO:PCN1*80"));
        assertThat(get(credit).closing()).isEqualTo(Closing.TAKEN_BACK);
        assertThat(books.hospital.call(() -> resolutions.credits(item)))
                .singleElement()
                .satisfies(each -> assertThat(each.left()).isEqualTo(usd("80.00")));

        books.hospital.runAs(Role.BILLING_MANAGER, () -> setAgainst(item, "C1"));

        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.balanceMinor("1130")).isZero();
        Invariants.ofTests().hold();

        books.hospital.runAs(Role.BILLING_MANAGER, () -> resolutions.takeBack(item.id(), "It will be reversed"));

        assertThat(openCredits()).as("the payer has it").isEmpty();
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("-80.00"));
    }

    @Test
    void plb_aRecoveryIsSetAgainstACreditOfItsOwnPayerOnlyAndByASecondPerson() {
        books.payer("State Medicaid", "medicaid", "1555555555");
        Takeback others = explained(taken(era("T3", "WO:LETTER7*80").from("1555555555")));
        assertThat(books.hospital.call(() -> resolutions.credits(others))).isEmpty();
        refused(Role.BILLING_MANAGER, () -> setAgainst(others, "C1"), "no credit left");

        Takeback item = taken("T4", "WO:LETTER8*80");
        refused(Role.BILLING_MANAGER, () -> setAgainst(item, "C1"), "explains it first");
        explained(item);
        refused(Role.BILLING_CLERK, () -> setAgainst(item, "C1"), "approve write-offs");
        refused(Role.BILLING_MANAGER, () -> setAgainst(item, "C9"), "no credit left");
        refused(
                Role.BILLING_MANAGER,
                () -> resolutions.resolve(item.id(), TakebackResolution.CLAIM_CREDIT, "Letter 7"),
                "name the claim");

        Takeback advance = explained(taken("T5", "AP:A7*80"));
        refused(Role.BILLING_MANAGER, () -> setAgainst(advance, "C1"), "only what a payer recovers");
    }

    @Test
    void plb_aRefundToThePayerOnItsWayStopsWhenTheCreditWasRecovered() {
        CreditBalance credit = onlyCredit();
        var cases = books.bean(CreditCases.class);
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> cases.classify(credit.id(), 7_001L, Objects.requireNonNull(credit.classification()), ""));
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> cases.resolve(credit.id(), 7_002L, new Resolution(Choice.PAYER_REFUND, "Paid twice", "", "ach")));
        Takeback item = explained(taken("T3", "WO:LETTER7*80"));
        assertThat(books.hospital.call(() -> books.bean(CreditReturns.class).underWay(credit.id())))
                .isPresent();

        books.hospital.runAs(Role.BILLING_MANAGER, () -> setAgainst(item, "C1"));

        assertThat(books.queryAll("select status from billing_credit_returns", String.class))
                .containsExactly("cancelled");
        assertThat(get(credit).isResolved()).isTrue();
    }

    @Test
    void plb_thePageOffersTheCreditsOfThePayer() {
        Takeback item = explained(taken("T3", "WO:LETTER7*80"));
        var browser =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        String page = "/app/takebacks/" + item.id();
        assertThat(browser.get(page).body()).contains("C1: 80.00 left");
        var api = TestClient.api(port, books.hospital.signInName(Role.BILLING_MANAGER), TestHospital.PASSWORD);
        String resource = "/billing/remittances/takebacks/" + item.id();
        assertThat(api.get(resource).body()).contains("\"claim\":\"C1\"");

        browser.post(page + "/credit", Map.of("claim", "C1", "reason", "Letter 7"));

        assertThat(browser.get(page).body())
                .contains("against the credit of claim C1. Letter 7", "Take back")
                .doesNotContain("C1: 80.00 left");
        assertThat(api.json("POST", resource + "/resolution/reversal", "{\"reason\": \"Another claim\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(api.json(
                                "POST",
                                resource + "/resolution",
                                "{\"as\": \"claim_credit\", \"claim\": \"C1\", \"reason\": \"Letter 7\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
    }

    private Takeback taken(String trace, String adjustment) {
        return taken(era(trace, adjustment));
    }

    private Takeback taken(EraText era) {
        books.receive(era);
        return books.hospital
                .call(() -> books.bean(Takebacks.class).list(new TakebackFilter(Status.OPEN, null, null), null, 1))
                .getFirst();
    }

    /** Another claim is paid in part, and something is taken besides. */
    private static EraText era(String trace, String adjustment) {
        long moved = Long.parseLong(adjustment.substring(adjustment.indexOf('*') + 1));
        return EraText.of(trace, Long.toString(500 - moved), """
                CLP*C9*1*500*500*0*12*PCN%s*11*1
                NM1*QC*1*DOE*JANE
                PLB*1234567893*20261231*%s
                """.formatted(trace, adjustment));
    }

    private Takeback explained(Takeback item) {
        books.hospital.runAs(
                Role.BILLING_CLERK, () -> books.bean(Takebacks.class).explain(item.id(), "Asked the payer"));
        return get(item);
    }

    private void setAgainst(Takeback item, String claim) {
        resolutions.setAgainstCredit(item.id(), claim, "Letter 7");
    }

    private Takeback get(Takeback item) {
        return books.hospital.call(
                () -> books.bean(Takebacks.class).get(item.id()).takeback());
    }

    private CreditBalance get(CreditBalance credit) {
        return books.hospital.call(() -> credits.get(credit.id()));
    }

    private CreditBalance onlyCredit() {
        List<CreditBalance> found = openCredits();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private List<CreditBalance> openCredits() {
        UUID claim = books.claimOf("C1").id();
        return books.hospital.call(() -> credits.list(CreditFilter.unresolved())).stream()
                .filter(credit -> claim.equals(credit.claimId()))
                .toList();
    }

    private void refused(Role role, Runnable work, String words) {
        books.hospital.runAs(
                role,
                () -> assertThatThrownBy(work::run)
                        .isInstanceOf(RuleViolation.class)
                        .hasMessageContaining(words));
    }
}
