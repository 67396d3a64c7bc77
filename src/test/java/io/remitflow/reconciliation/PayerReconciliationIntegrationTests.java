package io.remitflow.reconciliation;

import static io.remitflow.reconciliation.ReceivablesBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.remitflow.adjustments.AdjustmentApprovals;
import io.remitflow.adjustments.AdjustmentPosting;
import io.remitflow.adjustments.AdjustmentRequest;
import io.remitflow.adjustments.AdjustmentType;
import io.remitflow.adjustments.Adjustments;
import io.remitflow.claims.Claim;
import io.remitflow.claims.Claims;
import io.remitflow.claims.Insurances;
import io.remitflow.claims.NewPayer;
import io.remitflow.claims.Payers;
import io.remitflow.claims.Subscriber;
import io.remitflow.core.Ids;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.receivables.Responsibility;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Claims submitted against what payers answered (accounting plan 6.3, domain rules 4.6). */
@BooksTest
class PayerReconciliationIntegrationTests {

    private static final String MEDICAID = "1555555555";
    private static final Subscriber SUBSCRIBER = new Subscriber(
            "W123", null, "DOE", "JANE", LocalDate.of(1980, 2, 3), "F", "1 ELM ST", "ALBANY", "NY", "12201");

    @Autowired
    ApplicationContext context;

    @Autowired
    PayerReconciliation reconciliation;

    @Autowired
    ReceivablesReconciliation receivables;

    @LocalServerPort
    int port;

    ReceivablesBooks books;

    /** One claim of each kind: paid, answered with zero, denied, pending for long, pending, rejected, given up. */
    @BeforeEach
    void openBooks() {
        books = new ReceivablesBooks(context);
        books.claim("PAID", "100.00", 50);
        books.claim("ZERO", "200.00", 50);
        books.claim("DENIED", "300.00", 50);
        books.claim("LATE", "400.00", 31);
        books.claim("WAITING", "500.00", 30);
        Claim rejected = books.claim("REJECTED", "600.00", 45);
        Claim givenUp = books.claim("GIVENUP", "40.00", 45);
        books.remittance("EFT-1", "80.00", 20, "CLP*PAID*1*100*80**12*ICN1\nCAS*CO*45*20");
        books.remittance("EO0000000000", "0", 15, "CLP*ZERO*1*200*0*200*12*ICN2\nCAS*PR*1*200");
        books.remittance("EO0000000001", "0", 15, "CLP*DENIED*4*300*0**12*ICN3\nCAS*CO*50*300");
        reject(rejected.id());
        giveUp(givenUp);
    }

    @Test
    void d46_submittedIsPaidDeniedPendingRejectedAndWrittenOffByCountAndDollars() {
        PayerFigures figures = figures(books.today, null);

        assertThat(List.of(
                        figures.submitted(),
                        figures.paid(),
                        figures.denied(),
                        figures.pending(),
                        figures.rejected(),
                        figures.writtenOff(),
                        figures.overdue()))
                .extracting(PayerFigures.Part::count, PayerFigures.Part::amount)
                .containsExactly(
                        tuple(7L, usd("2140.00")),
                        tuple(2L, usd("300.00")),
                        tuple(1L, usd("300.00")),
                        tuple(2L, usd("900.00")),
                        tuple(1L, usd("600.00")),
                        tuple(1L, usd("40.00")),
                        tuple(1L, usd("400.00")));
        assertThat(figures.received()).isEqualTo(usd("80.00"));
        assertThat(figures.remittances()).isEqualTo(new PayerFigures.Part(3, usd("80.00")));
        assertThat(figures.unidentified().count()).isZero();
        assertBalanced(figures);
    }

    @Test
    void d46_aRemittanceOfZeroIsAnAnswer() {
        assertThat(claims(PayerClaimState.PAID))
                .extracting(PayerClaim::controlNumber)
                .contains("ZERO");
    }

    @Test
    void d46_onlyWhatIsPendingForMoreThanThirtyDaysIsOverdue() {
        assertThat(books.<List<PayerClaim>>call(
                        () -> reconciliation.overdue(books.payer, period(books.today, null), null, 100)))
                .extracting(PayerClaim::controlNumber, PayerClaim::days)
                .containsExactly(tuple("LATE", 31L));
    }

    @Test
    void aPastDayKnowsNothingOfLaterAnswers() {
        PayerFigures then = figures(books.today.minusDays(25), null);

        assertThat(then.submitted().count()).isEqualTo(7);
        assertThat(then.pending().count()).isEqualTo(7);
        assertThat(then.received()).isEqualTo(usd("0.00"));
        assertThat(then.remittances().count()).isZero();
        assertBalanced(then);
        PayerFigures between = figures(books.today.minusDays(18), null);
        assertThat(between.paid().count()).isEqualTo(1);
        assertThat(between.denied().count()).isZero();
        assertBalanced(between);
    }

    @Test
    void aPastDayGivesTheSameFiguresLater() {
        LocalDate day = books.today.minusDays(1);
        Instant then = context.getBean(Clock.class).instant();
        PayerFigures before = figures(day, then);

        books.remittance("EFT-2", "450.00", 2, "CLP*WAITING*1*500*450**12*ICN4\nCAS*CO*45*50");

        assertThat(figures(day, then)).isEqualTo(before);
        assertThat(figures(day, null).paid().count()).isEqualTo(3);
    }

    @Test
    void whatIsTakenBackIsPendingAgain() {
        books.remittance(
                "EFT-3",
                "80.00",
                5,
                "CLP*PAID*22*-100*-80**12*ICN1\nCAS*CO*45*-20\nCLP*WAITING*1*500*160**12*ICN4\nCAS*CO*45*340");

        PayerFigures figures = figures(books.today, null);

        assertThat(claims(PayerClaimState.PENDING))
                .extracting(PayerClaim::controlNumber)
                .contains("PAID");
        assertThat(figures.received()).isEqualTo(usd("160.00"));
        assertBalanced(figures);
    }

    @Test
    void aClaimOfNobodyOnARemittanceIsCountedAsNotPosted() {
        books.remittance("EFT-9", "70.00", 5, "CLP*NOBODYS*1*70*70**12*ICN9");

        assertThat(figures(books.today, null).unidentified()).isEqualTo(new PayerFigures.Part(1, usd("70.00")));
    }

    @Test
    void whatTheSecondPayerPaysIsItsOwn() {
        UUID medicaid = secondPayer();

        books.remittanceOf(MEDICAID, "SEC-1", "150.00", 5, "CLP*ZERO*2*200*150*0*MC*ICN5\nCAS*CO*45*50");

        PayerFigures first = figuresOf(books.payer);
        PayerFigures second = figuresOf(medicaid);
        assertThat(first.received()).isEqualTo(usd("80.00"));
        assertThat(first.paid()).isEqualTo(new PayerFigures.Part(2, usd("300.00")));
        assertThat(second.submitted()).isEqualTo(new PayerFigures.Part(1, usd("200.00")));
        assertThat(second.paid()).isEqualTo(second.submitted());
        assertThat(second.received()).isEqualTo(usd("150.00"));
        assertBalanced(second);
        assertThat(openOf(books.payer, "ZERO")).isEqualTo(usd("0.00"));
        assertThat(openOf(medicaid, "ZERO")).isEqualTo(usd("0.00"));
    }

    @Test
    void aDenialOfTheSecondPayerIsNoneOfTheFirst() {
        UUID medicaid = secondPayer();

        books.remittanceOf(MEDICAID, "EO0000000002", "0", 5, "CLP*ZERO*4*200*0**MC*ICN6\nCAS*CO*50*200");

        PayerFigures first = figuresOf(books.payer);
        assertThat(first.denied().count()).isEqualTo(1);
        assertThat(first.paid().count()).isEqualTo(2);
        assertThat(figuresOf(medicaid).denied()).isEqualTo(new PayerFigures.Part(1, usd("200.00")));
        assertThat(openOf(medicaid, "ZERO")).isEqualTo(usd("200.00"));
    }

    @Test
    void aClaimThatWasSentOnIsPendingAtTheSecondPayerAlsoAsOfThenWhenItGoesBackToTheFirst() {
        UUID medicaid = secondPayer();
        sentTo(medicaid, "ZERO", 31);
        Instant then = context.getBean(Clock.class).instant();
        LocalDate yesterday = books.today.minusDays(1);
        PayerFigures before = figuresOf(medicaid, yesterday, then);

        assertThat(before.submitted()).isEqualTo(new PayerFigures.Part(1, usd("200.00")));
        assertThat(before.pending()).isEqualTo(before.submitted());
        assertThat(figuresOf(medicaid).overdue()).isEqualTo(before.submitted());
        assertThat(books.<List<PayerClaim>>call(
                        () -> reconciliation.overdue(medicaid, period(books.today, null), null, 100)))
                .extracting(PayerClaim::controlNumber, PayerClaim::days, PayerClaim::open)
                .containsExactly(tuple("ZERO", 31L, usd("200.00")));
        assertThat(figuresOf(medicaid, books.today.minusDays(32), null)
                        .submitted()
                        .count())
                .isZero();

        books.remittanceOf(MEDICAID, "SEC-1", "150.00", 5, "CLP*ZERO*2*200*150*0*MC*ICN5\nCAS*CO*45*50");
        inTransaction("update claims_submissions set payer_id = null, payer_sequence = 1");

        assertThat(figuresOf(medicaid, yesterday, then)).isEqualTo(before);
        assertThat(figuresOf(medicaid).pending().count()).isZero();
    }

    @Test
    void peopleReadExportAndClientsTheSame() {
        String path = "/app/reconciliation/payers";
        var analyst = TestClient.browser(port).signIn(books.hospital.signInName(Role.ANALYST), TestHospital.PASSWORD);
        assertThat(analyst.get(path).body()).contains("Greenleaf Health Plan", "2,140.00");
        assertThat(analyst.get(path + "/" + books.payer).body())
                .contains("LATE")
                .doesNotContain("/app/claims/");
        assertThat(analyst.get(path + "/" + books.payer + "?show=denied").body())
                .contains("DENIED")
                .doesNotContain(">LATE<");
        var csv = analyst.get(path + "/export");
        assertThat(csv.headers().firstValue("Content-Disposition").orElse("")).contains("payers-");
        assertThat(csv.body())
                .contains("\"Greenleaf Health Plan\",\"USD\",7,2140.00,2,300.00,1,300.00,2,900.00,1,600.00,1,40.00");
        assertThat(analyst.get(path + "/" + books.payer + "/export?show=all")
                        .body()
                        .lines())
                .hasSize(8)
                .anyMatch(line -> line.startsWith("\"DENIED\","));
        assertThat(analyst.get(path + "/" + UUID.randomUUID()).statusCode()).isEqualTo(404);
        assertThat(analyst.get(path + "/" + books.payer + "?show=nothing").statusCode())
                .isEqualTo(400);
        var api = TestClient.api(port, books.hospital.signInName(Role.ANALYST), TestHospital.PASSWORD);
        assertThat(api.get("/accounting/payer-reconciliation").body())
                .contains("\"total\":{\"payerId\":null")
                .contains("\"submitted\":{\"count\":7,\"amount\":\"2140.00\"}");
        assertThat(api.get("/accounting/payer-reconciliation/" + books.payer + "?show=rejected")
                        .body())
                .contains("\"controlNumber\":\"REJECTED\"")
                .doesNotContain("GIVENUP");
    }

    /** Of the patient of the claim that the first payer left to the patient. */
    private UUID secondPayer() {
        return books.call(() -> {
            UUID payer = context.getBean(Payers.class).create(new NewPayer("State Medicaid", "medicaid", MEDICAID));
            var insurances = context.getBean(Insurances.class);
            UUID patient = context.getBean(Claims.class)
                    .byControlNumber("ZERO")
                    .orElseThrow()
                    .accountId();
            insurances.record(patient, books.payer, null, SUBSCRIBER);
            insurances.record(patient, payer, null, SUBSCRIBER);
            return payer;
        });
    }

    /** As a file that went to the clearinghouse so many days ago. */
    private void sentTo(UUID payer, String controlNumber, int daysAgo) {
        inTransaction("""
                insert into claims_submissions (org_id, claim_id, form, diagnoses, place_of_service, state, payer_id,
                    payer_sequence, updated_at)
                select org_id, id, 'professional', 'J069', '11', 'ready', '%s', 2, now() from billing_claims where control_number = '%s'
                """.formatted(payer, controlNumber));
        inTransaction("""
                insert into claims_submission_events (org_id, id, claim_id, source_key, kind, payer_id, recorded_at)
                select org_id, gen_random_uuid(), claim_id, 'sent:1', 'sent', payer_id, '%sT12:00:00Z' from claims_submissions
                """.formatted(books.today.minusDays(daysAgo)));
    }

    private void inTransaction(String sql) {
        books.hospital.run(() -> context.getBean(TransactionTemplate.class)
                .executeWithoutResult(transaction ->
                        context.getBean(JdbcClient.class).sql(sql).update()));
    }

    private PayerFigures figuresOf(UUID payer) {
        return figuresOf(payer, books.today, null);
    }

    private PayerFigures figuresOf(UUID payer, LocalDate day, @Nullable Instant known) {
        return books.call(() -> {
            PayerFigures one = reconciliation.ofPayer(payer, period(day, known));
            if (one.submitted().count() > 0) {
                assertThat(reconciliation.figures(period(day, known))).contains(one);
            }
            return one;
        });
    }

    private Money openOf(UUID payer, String controlNumber) {
        return books
                .<List<PayerClaim>>call(() -> reconciliation.claims(payer, period(books.today, null), null, null, 100))
                .stream()
                .filter(claim -> claim.controlNumber().equals(controlNumber))
                .findFirst()
                .orElseThrow()
                .open();
    }

    private PayerPeriod period(LocalDate day, @Nullable Instant known) {
        return reconciliation.period(null, receivables.asOf(day, known));
    }

    private PayerFigures figures(LocalDate day, @Nullable Instant known) {
        return books.call(() -> {
            PayerFigures one = reconciliation.ofPayer(books.payer, period(day, known));
            assertThat(reconciliation.figures(period(day, known))).containsExactly(one);
            return one;
        });
    }

    private List<PayerClaim> claims(PayerClaimState state) {
        return books.call(() -> reconciliation.claims(books.payer, period(books.today, null), state, null, 100));
    }

    private static void assertBalanced(PayerFigures figures) {
        assertThat(figures.paid()
                        .plus(figures.denied())
                        .plus(figures.pending())
                        .plus(figures.rejected())
                        .plus(figures.writtenOff()))
                .isEqualTo(figures.submitted());
    }

    private void giveUp(Claim claim) {
        books.hospital.runAs(Role.BILLING_CLERK, () -> {
            UUID id = context.getBean(Adjustments.class)
                    .request(new AdjustmentRequest(
                            claim.accountId(),
                            claim.id(),
                            Responsibility.INSURANCE,
                            AdjustmentType.WRITE_OFF,
                            usd("40.00"),
                            "Timely filing"));
            context.getBean(AdjustmentApprovals.class).ruleAnswered(id, 1, List.of(), "Below 50.00 in 7 days");
            context.getBean(AdjustmentPosting.class).post(id);
        });
    }

    /** As a 277CA that the clearinghouse answered with. */
    private void reject(UUID claim) {
        books.hospital.run(() -> context.getBean(TransactionTemplate.class)
                .executeWithoutResult(transaction -> context.getBean(JdbcClient.class)
                        .sql("""
                                insert into claims_submission_events (org_id, id, claim_id, source_key, kind, recorded_at)
                                values (:org, :id, :claim, 'response:1', 'rejected', now())
                                """)
                        .param("org", books.hospital.id().value())
                        .param("id", Ids.next())
                        .param("claim", claim)
                        .update()));
    }
}
