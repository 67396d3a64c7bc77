package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.claims.Batch;
import io.remitflow.claims.BillingProvider;
import io.remitflow.claims.Claim;
import io.remitflow.claims.ClaimCorrections;
import io.remitflow.claims.ClaimStatus;
import io.remitflow.claims.Claims;
import io.remitflow.claims.Denial;
import io.remitflow.claims.DenialClosing;
import io.remitflow.claims.DenialFilter;
import io.remitflow.claims.DenialSteps;
import io.remitflow.claims.Denials;
import io.remitflow.claims.Insurances;
import io.remitflow.claims.NewClaim;
import io.remitflow.claims.SubmissionDetails;
import io.remitflow.claims.Submissions;
import io.remitflow.claims.Subscriber;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Claims that are replaced or voided at their payer: the books, the 837 and the answers. */
@BooksTest
class ClaimCorrectionsIntegrationTests {

    @Autowired
    ClaimCorrections corrections;

    @Autowired
    Claims claims;

    @Autowired
    Submissions submissions;

    @Autowired
    Denials denials;

    @LocalServerPort
    int port;

    RemittanceBooks books;

    @BeforeEach
    void openHospital(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "300.00", "200.00");
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void aDeniedClaimIsReplacedAndChargedOnceInAllBooks() {
        Denial denial = deny();

        Claim replacement = replace(List.of(line("99214", "300.00"), line("85025", "220.00")));

        assertThat(replacement.controlNumber()).isEqualTo("C1R1");
        assertThat(replacement.charged()).isEqualTo(usd("520.00"));
        assertThat(replacement.replaces())
                .isEqualTo(new Claim.Replaced(books.claimOf("C1").id(), "PCN1"));
        assertThat(books.claimOf("C1").status()).isEqualTo(ClaimStatus.REPLACED);
        assertThat(books.claimOf("C1").open()).isEqualTo(usd("0.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.insuranceBalance("C1R1")).isEqualTo(usd("520.00"));
        assertThat(books.balanceMinor("1110")).isEqualTo(52_000);
        assertThat(books.query(
                        "select sum(credit_amount - debit_amount) from accounting_journal_lines l join accounting_chart_of_accounts a"
                                + " on a.org_id = l.org_id and a.id = l.account_id where a.account_type = 'revenue'",
                        Long.class))
                .isEqualTo(52_000);
        Denial over = get(denial);
        assertThat(over.closing()).isEqualTo(DenialClosing.REPLACED);
        assertThat(over.evidence()).contains("C1R1");
        assertThat(books.queryAll(
                        "select correlation_key from workflow_outbox where message_name = '%s'"
                                .formatted(DenialSteps.ANSWERED_MESSAGE),
                        String.class))
                .containsExactly(denial.id().toString());
    }

    @Test
    void aRemittanceOnTheReplacementIsPostedThereAndTheOriginalStaysReplaced() {
        deny();
        replace(null);

        books.receive(EraText.of("R2", "400", """
                CLP*C1*22*-500*0*0*12*PCN1*11*1
                CAS*CO*16*-500
                NM1*QC*1*DOE*JANE
                CLP*C1R1*1*500*400*0*12*PCN2*11*7
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*300*250**1
                CAS*CO*45*50
                SVC*HC:99213*200*150**1
                CAS*CO*45*50
                """));

        assertThat(books.claimOf("C1R1").paid()).isEqualTo(usd("400.00"));
        assertThat(books.claimOf("C1R1").status()).isEqualTo(ClaimStatus.PAID);
        assertThat(books.insuranceBalance("C1R1")).isEqualTo(usd("0.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.claimOf("C1").status()).isEqualTo(ClaimStatus.REPLACED);
        assertThat(open("C1")).isEmpty();
        String original = books.claimOf("C1").id().toString();
        String replacement = books.claimOf("C1R1").id().toString();
        assertThat(page(original)).contains("Replaced at the payer by", "/app/claims/" + replacement, "C1R1");
        assertThat(page(replacement)).contains("Replaces", "/app/claims/" + original, "PCN1");
        assertThat(json(original).path("replacedBy").asText()).isEqualTo(replacement);
        assertThat(json(replacement).path("replaces").asText()).isEqualTo(original);
    }

    @Test
    void aDenialThatComesAfterTheClaimWasReplacedOpensNoCaseAndIsShownAsTooLate() {
        deny();
        replace(null);

        denyAgain("R2");

        assertThat(open("C1")).as("nothing is open of it").isEmpty();
        assertThat(books.query("select count(*) from billing_denials", Long.class))
                .isEqualTo(1);
        assertThat(books.queryAll(
                        "select correlation_key from workflow_outbox where message_name = '%s'"
                                .formatted(DenialSteps.OPENED_MESSAGE),
                        String.class))
                .as("no second process")
                .hasSize(1);
        assertThat(books.claimOf("C1").status()).isEqualTo(ClaimStatus.REPLACED);
        assertThat(books.insuranceBalance("C1R1")).isEqualTo(usd("500.00"));
        assertThat(page(books.claimOf("C1").id().toString()))
                .containsOnlyOnce("Answered after the claim was replaced: nothing is open here");
        assertThat(page(books.claimOf("C1R1").id().toString())).doesNotContain("Answered after");
    }

    @Test
    void aDenialThatComesAfterTheClaimWasVoidedOpensNoCaseAndIsShownAsTooLate() {
        deny();
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> corrections.voidClaim(books.claimOf("C1").id(), "Billed by mistake"));

        denyAgain("R2");

        assertThat(open("C1")).isEmpty();
        assertThat(books.query("select count(*) from billing_denials", Long.class))
                .isEqualTo(1);
        assertThat(page(books.claimOf("C1").id().toString()))
                .containsOnlyOnce("Answered after the claim was voided: nothing is open");
    }

    @Test
    void aDeniedReplacementIsADenialOfItsOwnAndIsReplacedOnceMore() {
        deny();
        replace(null);
        books.receive(EraText.of("R2", "0", """
                CLP*C1R1*4*500*0*0*12*PCN2*11*7
                CAS*CO*16*500
                NM1*QC*1*DOE*JANE
                """));
        assertThat(open("C1R1")).hasSize(1);

        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> corrections.replace(books.claimOf("C1R1").id(), null, "Wrong modifier again"));

        assertThat(books.claimOf("C1R2").replaces())
                .isEqualTo(new Claim.Replaced(books.claimOf("C1R1").id(), "PCN2"));
        assertThat(books.balanceMinor("1110")).isEqualTo(50_000);
    }

    @Test
    void theFileForThePayerNamesTheOriginalByThePayersNumber() {
        prepared();
        sent();
        deny();

        replace(null);
        String file = sent();

        assertThat(file).contains("CLM*C1R1*500***22:B:7*", "REF*F8*PCN1~").doesNotContain("CLM*C1*");
    }

    @Test
    void aVoidIsSentWithTheClaimAndItsChargeIsTakenBack() {
        prepared();
        sent();
        Denial denial = deny();

        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> corrections.voidClaim(books.claimOf("C1").id(), "Billed by mistake"));

        assertThat(sent()).contains("CLM*C1*500***22:B:8*", "REF*F8*PCN1~");
        assertThat(books.claimOf("C1").status()).isEqualTo(ClaimStatus.VOIDED);
        assertThat(books.balanceMinor("1110")).isZero();
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(get(denial).closing()).isEqualTo(DenialClosing.VOIDED);
        assertRefused("It is voided");
    }

    @Test
    void whileAPaymentStandsThePayerTakesItBackFirst() {
        books.receive(EraText.of("R1", "250", """
                CLP*C1*1*500*250*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*300*250**1
                CAS*CO*45*50
                SVC*HC:99213*200*0**1
                CAS*CO*16*200
                """));

        assertRefused("An answer of the payer stands with 300.00 USD");
        assertThat(page(books.claimOf("C1").id().toString()))
                .contains("Neither replaced nor voided now")
                .doesNotContain("replacement-reason");

        books.receive(EraText.of("R2", "0", """
                CLP*C1*22*-500*-250*0*12*PCN1*11*1
                NM1*QC*1*DOE*JANE
                SVC*HC:99213*-300*-250**-1
                CAS*CO*45*-50
                SVC*HC:99213*-200*0**-1
                CAS*CO*16*-200
                PLB*1234567893*20261231*FB:R1*-250.00
                """));
        assertThat(replace(null).charged()).isEqualTo(usd("500.00"));
    }

    @Test
    void withoutTheNumberOfThePayerThereIsNothingToReplace() {
        assertRefused("The payer has not told its number");
    }

    @Test
    void aClaimIsReplacedOnce() {
        deny();
        replace(null);

        assertRefused("Another claim has replaced it");
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.hospital.run(() ->
                        submissions.prepare(books.claimOf("C1").id(), SubmissionDetails.professional("22", "J029"))))
                .withMessageContaining("send the claim that replaced it");
    }

    @Test
    void thePageTakesTheCorrectedServices() {
        deny();
        String id = books.claimOf("C1").id().toString();
        var browser =
                TestClient.browser(port).signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD);
        assertThat(browser.get("/app/claims/" + id).body()).contains("Replace the claim", "Void the claim");

        var answer = browser.postFields(
                "/app/claims/" + id + "/replacement",
                "procedureCode=99214&modifiers=25%2C+59&revenueCode=&serviceDate=2026-10-20&units=1&charged=310.00"
                        + "&procedureCode=99213&modifiers=&revenueCode=&serviceDate=2026-10-20&units=1&charged="
                        + "&reason=Wrong+procedure");

        assertThat(answer.statusCode()).isIn(200, 302, 303);
        Claim replacement = books.claimOf("C1R1");
        assertThat(replacement.charged()).isEqualTo(usd("310.00"));
        assertThat(replacement.lines()).hasSize(1);
        assertThat(replacement.lines().getFirst().modifiers()).containsExactly("25", "59");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void onlyWhoManagesPatientAccountsCorrectsClaims(Role role) {
        deny();
        String path = "/billing/claims/" + books.claimOf("C1").id();
        var api = TestClient.api(port, books.hospital.signInName(role), TestHospital.PASSWORD);
        boolean may = role.permissions().contains(Permission.PATIENT_ACCOUNTS_MANAGE);

        assertThat(api.json("POST", path + "/replacement", "{\"reason\": \"Wrong modifier\"}")
                        .statusCode())
                .isEqualTo(may ? 201 : 403);
        assertThat(api.json("POST", path + "/void", "{\"reason\": \"By mistake\"}")
                        .statusCode())
                .isEqualTo(may ? 409 : 403);
    }

    private Denial deny() {
        denyAgain("R1");
        return open("C1").getFirst();
    }

    private void denyAgain(String traceNumber) {
        books.receive(EraText.of(traceNumber, "0", """
                CLP*C1*4*500*0*0*12*PCN1*11*1
                CAS*CO*16*500
                NM1*QC*1*DOE*JANE
                """));
    }

    private Claim replace(@Nullable List<NewClaim.Line> lines) {
        books.hospital.runAs(
                Role.BILLING_CLERK,
                () -> corrections.replace(books.claimOf("C1").id(), lines, "Wrong procedure"));
        return books.claimOf("C1R1");
    }

    /** Ready to be sent to a payer that can be reached. */
    private void prepared() {
        Claim claim = books.claimOf("C1");
        books.hospital.run(() -> {
            submissions.setRoute(books.payer, "60054");
            submissions.setProvider(new BillingProvider(
                    "Mercy General Hospital",
                    "1234567893",
                    "001234567",
                    "282N00000X",
                    "12 Harbor Road",
                    "Albany",
                    "NY",
                    "122070000",
                    "Billing Office",
                    "5185550100"));
            books.bean(Insurances.class)
                    .record(
                            claim.accountId(),
                            books.payer,
                            null,
                            new Subscriber(
                                    "KMH400101",
                                    "GRP1",
                                    "Doe",
                                    "Jane",
                                    LocalDate.of(1980, 2, 29),
                                    "F",
                                    "1 Elm St",
                                    "Albany",
                                    "NY",
                                    "12207"));
            submissions.prepare(claim.id(), SubmissionDetails.professional("22", "J029"));
        });
    }

    /** The file that goes to the clearinghouse, which has it afterwards. */
    private String sent() {
        List<Batch> files = books.hospital.call(submissions::createBatches);
        assertThat(files).hasSize(1);
        books.queryAll(
                "update claims_submissions set state = 'sent' where state = 'batched' returning claim_id", UUID.class);
        return new String(
                books.hospital.call(() -> submissions.content(files.getFirst().id())), StandardCharsets.US_ASCII);
    }

    private static NewClaim.Line line(String procedure, String amount) {
        return NewClaim.Line.procedure(procedure, LocalDate.of(2026, 10, 20), usd(amount));
    }

    private void assertRefused(String why) {
        UUID id = books.claimOf("C1").id();
        assertThat(books.hospital.call(() -> corrections.obstacle(id)).orElse(""))
                .contains(why);
        long charges = books.balanceMinor("1110");
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> replace(null))
                .withMessageContaining(why)
                .satisfies(refused -> assertThat(refused.refusal()).isEqualTo(Refusal.CLAIM_NOT_CORRECTABLE));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(
                        () -> books.hospital.runAs(Role.BILLING_CLERK, () -> corrections.voidClaim(id, "By mistake")));
        assertThat(books.balanceMinor("1110")).isEqualTo(charges);
    }

    private Denial get(Denial denial) {
        return books.hospital.call(() -> denials.get(denial.id()));
    }

    private List<Denial> open(String claim) {
        UUID id = books.claimOf(claim).id();
        return books.hospital.call(() -> denials.list(DenialFilter.ofClaim(id, false)));
    }

    private String page(String claimId) {
        return TestClient.browser(port)
                .signIn(books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD)
                .get("/app/claims/" + claimId)
                .body();
    }

    private JsonNode json(String claimId) {
        try {
            return new ObjectMapper()
                    .readTree(TestClient.api(port, books.hospital.signInName(Role.BILLING_CLERK), TestHospital.PASSWORD)
                            .get("/billing/claims/" + claimId)
                            .body());
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
