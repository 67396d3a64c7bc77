package io.remitflow.remittance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.Invariants;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** {@code /billing/remittances} over real HTTP. */
@BooksTest
class RemittanceWebIntegrationTests {

    static final String PATH = "/billing/remittances";
    static final String BODY = """
            CLP*C1*1*100*100*0*12*PCN1*11*1
            NM1*QC*1*DOE*JANE
            """;

    @LocalServerPort
    int port;

    RemittanceBooks books;

    @BeforeEach
    void open(@Autowired ApplicationContext context) {
        books = new RemittanceBooks(context).claim("C1", "100.00");
    }

    @AfterEach
    void invariantsHold() {
        Invariants.ofTests().hold();
    }

    @Test
    void takesTheBodyOfARequestAndShowsWhatBecameOfIt() {
        var created = raw(Role.BILLING_CLERK, EraText.of("WEB1", "100.00", BODY).bytes());

        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(json(created).path("state").asText()).isEqualTo("accepted");
        String id = json(created).path("remittances").path(0).path("id").asText();
        var shown = client(Role.BILLING_CLERK).get(PATH + "/" + id);
        assertThat(shown.statusCode()).isEqualTo(200);
        assertThat(json(shown)
                        .path("remittance")
                        .path("paid")
                        .path("amountMinor")
                        .asLong())
                .isEqualTo(10_000);
        assertThat(json(shown).path("claims").path(0).path("treatment").asText())
                .isEqualTo("posted");
        var list = json(client(Role.ANALYST).get(PATH + "?state=posted"));
        assertThat(list.path("remittances")).hasSize(1);
        assertThat(list.path("remittances").path(0).path("traceNumber").asText())
                .isEqualTo("WEB1");
    }

    @Test
    void theSameBodyAgainIsTheSameRemittance() {
        byte[] bytes = EraText.of("WEB2", "100.00", BODY).bytes();
        var first = raw(Role.BILLING_CLERK, bytes);

        var second = raw(Role.BILLING_CLERK, bytes);

        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(json(second).path("repeated").asBoolean()).isTrue();
        assertThat(json(second).path("remittances")).isEqualTo(json(first).path("remittances"));
        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
    }

    @Test
    void takesAFormWithAFile() {
        var created =
                form(Role.BILLING_CLERK, EraText.of("WEB3", "100.00", BODY).bytes());

        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(books.query("select original_name from intake_files", String.class))
                .isEqualTo("x.835");
        assertThat(books.balanceMinor("1050")).isEqualTo(10_000);
    }

    @ParameterizedTest
    @MethodSource
    void d2_d10_whatCannotBeReadIsAProblemAndTheFileIsKept(byte[] bytes) {
        for (HttpResponse<String> answer :
                java.util.List.of(raw(Role.BILLING_CLERK, bytes), form(Role.BILLING_CLERK, bytes))) {
            assertThat(answer.statusCode()).isEqualTo(422);
            assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
            assertThat(json(answer).path("code").asText()).isEqualTo("file-rejected");
            assertThat(json(answer).path("detail").asText()).isNotBlank().doesNotContain("DOE");
            assertThat(books.query(
                            "select state from intake_files where id = '%s'"
                                    .formatted(json(answer).path("fileId").asText()),
                            String.class))
                    .isEqualTo("rejected");
        }
        assertThat(books.count("billing_remittances")).isZero();
        assertThat(books.query("select count(*) from intake_files", Long.class)).isOne();
        assertThat(books.query("select size_bytes from intake_files", Long.class))
                .isEqualTo(bytes.length);
    }

    static Stream<byte[]> d2_d10_whatCannotBeReadIsAProblemAndTheFileIsKept() {
        byte[] whole = EraText.of("WEBX", "100.00", BODY).bytes();
        return Stream.of(
                Arrays.copyOf(whole, whole.length - 60),
                Arrays.copyOf(whole, whole.length / 2),
                new String(whole, UTF_8)
                        .replace("*80*", "*8x*")
                        .replace("*100*", "*1e2*")
                        .getBytes(UTF_8),
                new String(whole, UTF_8).replace("ST*835", "ST*837").getBytes(UTF_8),
                new String(whole, UTF_8).replace("GE*1*", "GE*2*").getBytes(UTF_8),
                "%PDF-1.7\n1 0 obj".getBytes(UTF_8),
                "hello".getBytes(UTF_8));
    }

    @Test
    void d10_anEmptyFileIsAProblemAndNothingIsThereToBeKept() {
        for (HttpResponse<String> answer :
                java.util.List.of(raw(Role.BILLING_CLERK, new byte[0]), form(Role.BILLING_CLERK, new byte[0]))) {
            assertThat(answer.statusCode()).isEqualTo(422);
            assertThat(json(answer).path("code").asText()).isEqualTo("file-empty");
        }
        assertThat(books.count("intake_files")).isZero();
    }

    @Test
    void d4_anUnbalancedRemittanceIsTakenAndHeldWithTheDifference() {
        var created = raw(Role.BILLING_CLERK, EraText.of("WEB4", "100.01", BODY).bytes());

        assertThat(created.statusCode()).isEqualTo(201);
        var part = json(created).path("remittances").path(0);
        assertThat(part.path("state").asText()).isEqualTo("held");
        var findings = json(client(Role.BILLING_CLERK)
                        .get(PATH + "/" + part.path("id").asText()))
                .path("findings");
        assertThat(findings.path(0).path("holds").asBoolean()).isTrue();
        assertThat(findings.path(0).path("text").asText()).isNotBlank();
        assertThat(books.balanceMinor("1050")).isZero();
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void onlyWhoMayReceiveRemittancesSendsThem(Role role) {
        byte[] bytes = EraText.of("WEB5", "100.00", BODY).bytes();
        boolean may = role.permissions().contains(io.remitflow.identity.Permission.REMITTANCES_RECEIVE);

        assertThat(raw(role, bytes).statusCode()).isEqualTo(may ? 201 : 403);
        assertThat(books.count("intake_files")).isEqualTo(may ? 1 : 0);
        assertThat(client(role).get(PATH).statusCode())
                .isEqualTo(role.permissions().contains(io.remitflow.identity.Permission.REMITTANCES_VIEW) ? 200 : 403);
    }

    @Test
    void withoutCredentialsNobodySendsOrReads() {
        var nobody = TestClient.api(port, "nobody@" + books.hospital.code(), "wrong");

        assertThat(nobody.get(PATH).statusCode()).isEqualTo(401);
        assertThat(nobody.send(nobody.request(PATH)
                                .header("Content-Type", "application/edi-x12")
                                .POST(BodyPublishers.ofString("ISA")))
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void whatIsUnknownOrMeaninglessIsAProblem() {
        var clerk = client(Role.BILLING_CLERK);

        assertThat(clerk.get(PATH + "/" + UUID.randomUUID()).statusCode()).isEqualTo(404);
        assertThat(clerk.get(PATH + "/1").statusCode()).isEqualTo(400);
        assertThat(clerk.get(PATH + "?state=nonsense").statusCode()).isEqualTo(400);
        assertThat(clerk.json("POST", PATH, "{}").statusCode()).isEqualTo(415);
    }

    @Test
    void showsTheSegmentsOfAClaimBesideTheirWords() {
        String file = EraText.of("WEB6", "100.00", BODY + """
                LX*2
                CLP*UNKNOWN*4*50*0*0*12*PCN2*11*1
                CAS*CO*197*50
                NM1*QC*1*OTHER*PERSON
                """).text();
        String id = remittance(raw(Role.BILLING_CLERK, file.getBytes(UTF_8)));
        var clerk = browser(Role.BILLING_CLERK);

        String page = clerk.get("/app/remittances/" + id + "/claims/1/segments").body();

        assertThat(clerk.get("/app/remittances/" + id).body())
                .contains("/app/remittances/" + id + "/claims/1/segments", "/app/remittances/" + id + "/segments");
        assertThat(page)
                .contains("CLP*C1*1*100*100*0*12*PCN1*11*1", "Processed as primary", "NM1*QC*1*DOE*JANE", "Patient")
                .contains(">" + file.indexOf("CLP*C1") + "<")
                .doesNotContain("OTHER", "LX*2", "ISA*");
        assertThat(clerk.get("/app/remittances/" + id + "/claims/2/segments").body())
                .contains("CAS*CO*197*50", "NM1*QC*1*OTHER*PERSON", "Denied")
                .doesNotContain("JANE", "SE*");
        assertThat(clerk.get("/app/remittances/" + id + "/claims/3/segments").statusCode())
                .isEqualTo(404);
    }

    @Test
    void showsTheHeaderOfItsOwnRemittanceAndWhatIsOutsideOfClaims() {
        byte[] bytes = EraText.of("WEB7", "100.00", BODY)
                .and("WEB8", "-5.00", "PLB*1234567893*20261231*WO:X1*5.00")
                .bytes();
        var parts = json(raw(Role.BILLING_CLERK, bytes)).path("remittances");
        String second = parts.path(1).path("id").asText();
        var clerk = browser(Role.BILLING_CLERK);

        assertThat(clerk.get("/app/remittances/" + second + "/segments").body())
                .contains("ISA*00*", "GS*HP*", "ST*835*0002", "TRN*1*WEB8*", "Trace number of the payment")
                .doesNotContain("WEB7", "JANE", "PLB*");
        assertThat(clerk.get("/app/remittances/" + second + "/provider-adjustments/segments")
                        .body())
                .contains("PLB*1234567893*20261231*WO:X1*5.00", "Recovery of an overpayment", "SE*")
                .doesNotContain("ISA*", "IEA*");
        assertThat(clerk.get("/app/remittances/" + parts.path(0).path("id").asText() + "/provider-adjustments/segments")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void aLongClaimIsShownPageByPage() {
        String body = "CLP*C1*1*100*100*0*12*PCN1*11*1\n"
                + "REF*EA*MRN-%s\n"
                        .repeat(310)
                        .formatted(java.util.stream.IntStream.rangeClosed(1, 310)
                                .boxed()
                                .toArray());
        String id = remittance(
                raw(Role.BILLING_CLERK, EraText.of("WEB9", "100.00", body).bytes()));
        var clerk = browser(Role.BILLING_CLERK);

        String first =
                clerk.get("/app/remittances/" + id + "/claims/1/segments").body();

        assertThat(first).contains("MRN-299<", "?from=").doesNotContain("MRN-300<");
        var next = java.util.regex.Pattern.compile("\\?from=(\\d+)").matcher(first);
        assertThat(next.find()).isTrue();
        assertThat(clerk.get("/app/remittances/" + id + "/claims/1/segments?from=" + next.group(1))
                        .body())
                .contains("MRN-300<", "MRN-310<")
                .doesNotContain("MRN-299<", "?from=");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void onlyWhoMayHaveTheFileSeesItsSegments(Role role) {
        String id = remittance(
                raw(Role.BILLING_CLERK, EraText.of("WEB10", "100.00", BODY).bytes()));
        boolean may = role.permissions().contains(io.remitflow.identity.Permission.REMITTANCES_RECEIVE);
        var browser = browser(role);

        for (String path : new String[] {"/segments", "/claims/1/segments", "/provider-adjustments/segments"}) {
            var answer = browser.get("/app/remittances/" + id + path);
            assertThat(answer.statusCode()).as(path).isEqualTo(!may ? 403 : path.startsWith("/provider") ? 404 : 200);
            if (answer.statusCode() == 200) {
                assertThat(answer.headers().firstValue("Cache-Control").orElse(""))
                        .contains("no-store");
            } else {
                assertThat(answer.body()).doesNotContain("JANE");
            }
        }
    }

    private TestClient browser(Role role) {
        return TestClient.browser(port).signIn(books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    private static String remittance(HttpResponse<String> created) {
        assertThat(created.statusCode()).isEqualTo(201);
        return json(created).path("remittances").path(0).path("id").asText();
    }

    private TestClient client(Role role) {
        return TestClient.api(port, books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    private HttpResponse<String> raw(Role role, byte[] bytes) {
        var client = client(role);
        return client.send(client.request(PATH)
                .header("Content-Type", "application/edi-x12")
                .POST(BodyPublishers.ofByteArray(bytes)));
    }

    private HttpResponse<String> form(Role role, byte[] bytes) {
        var client = client(role);
        String head = "--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.835\"\r\n"
                + "Content-Type: application/octet-stream\r\n\r\n";
        return client.send(client.request(PATH)
                .header("Content-Type", "multipart/form-data; boundary=limit")
                .POST(BodyPublishers.concat(
                        BodyPublishers.ofString(head),
                        BodyPublishers.ofByteArray(bytes),
                        BodyPublishers.ofString("\r\n--limit--\r\n"))));
    }

    private static JsonNode json(HttpResponse<String> answer) {
        try {
            return new ObjectMapper().readTree(answer.body());
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError(answer.body(), e);
        }
    }
}
