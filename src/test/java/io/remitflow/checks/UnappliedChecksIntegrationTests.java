package io.remitflow.checks;

import static io.remitflow.checks.CheckBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Role;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import io.remitflow.payments.Payment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.reconciliation.ReceivablesReconciliation;
import io.remitflow.reconciliation.ReceivablesUnapplied;
import io.remitflow.refunds.RefundRequest;
import io.remitflow.refunds.Refunds;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Remainders of checks in the register of unapplied money: the account of unapplied cash is explained by it on any day. */
@BooksTest
class UnappliedChecksIntegrationTests {

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    CheckBooks books;
    UUID rye;

    @BeforeEach
    void openHospital() {
        books = new CheckBooks(context);
        rye = books.facility("The Enclave at Rye");
        books.payer("New Premier*");
    }

    @Test
    void whatNoInvoiceTookOfACheckIsUnappliedMoneyAndNoDifference() {
        PaperCheck check = confirmed("77");

        ReceivablesUnapplied now = unapplied(null, null);

        assertThat(now.received()).isEqualTo(usd("100.00"));
        assertThat(now.ledger()).isEqualTo(usd("100.00"));
        assertThat(now.differences()).isEmpty();
        assertThat(now.items()).singleElement().satisfies(item -> {
            assertThat(item.id()).isEqualTo(check.id());
            assertThat(item.what()).isEqualTo("Check " + check.number());
        });
        assertThat(unapplied(books.today().minusDays(1), null).items()).isEmpty();
    }

    @Test
    void whatAPersonAssignsLeavesTheRegisterButNotThePast() {
        UUID invoice = books.invoice(rye, 100, "60.00");
        confirmed("78");
        Instant before = now();
        CheckRemainder remainder =
                books.as(() -> books.bean(CheckRemainders.class).open(10)).getFirst();

        books.run(() ->
                books.bean(CheckRemainders.class).assign(remainder.id(), invoice, usd("60.00"), remainder.remaining()));

        ReceivablesUnapplied left = unapplied(null, null);
        assertThat(left.received()).isEqualTo(usd("40.00"));
        assertThat(left.items())
                .singleElement()
                .satisfies(item -> assertThat(item.ledger()).isEqualTo(usd("40.00")));
        assertThat(left.differences()).isEmpty();
        ReceivablesUnapplied then = unapplied(null, before);
        assertThat(then.received()).as("as it was known before").isEqualTo(usd("100.00"));
        assertThat(then.differences()).isEmpty();
    }

    @Test
    void aCheckThatComesBackLeavesNothingUnapplied() {
        UUID invoice = books.invoice(rye, 100, "60.00");
        PaperCheck check = confirmed("79");
        CheckRemainder remainder =
                books.as(() -> books.bean(CheckRemainders.class).open(10)).getFirst();
        books.run(() ->
                books.bean(CheckRemainders.class).assign(remainder.id(), invoice, usd("60.00"), remainder.remaining()));
        Instant before = now();

        books.run(() -> books.bean(CheckReturns.class).returned(check.id(), CheckReturnCode.NSF, ""));

        assertThat(books.ledger(StandardAccount.UNAPPLIED_CASH)).isEqualTo(usd("0.00"));
        assertThat(unapplied(null, null).items()).isEmpty();
        assertThat(unapplied(null, before).received()).isEqualTo(usd("40.00"));
        assertThat(unapplied(null, before).differences()).isEmpty();
    }

    @Test
    void whatGoesOnAnAccountIsACreditThereThatCanBeRefundedAndComesBackWithTheCheck() {
        PaperCheck check = confirmed("80");
        CheckRemainder remainder = onlyRemainder();
        String number =
                books.as(() -> books.bean(PatientAccounts.class).get(rye)).number();

        books.run(() -> books.bean(CheckRemainders.class)
                .putOnAccount(remainder.id(), number, usd("70.00"), remainder.remaining()));

        assertThat(books.balance(rye)).isEqualTo(usd("-70.00"));
        assertThat(books.ledger(StandardAccount.UNAPPLIED_CASH).abs()).isEqualTo(usd("30.00"));
        assertThat(books.ledger(StandardAccount.AR_PATIENTS)).isEqualTo(usd("-70.00"));
        assertThat(unapplied(null, null).received()).isEqualTo(usd("30.00"));
        assertThat(unapplied(null, null).differences()).isEmpty();
        Payment payment =
                books.as(() -> books.bean(Payments.class).ofAccount(rye)).getFirst();
        UUID refund = books.as(
                Role.BILLING_CLERK,
                () -> books.bean(Refunds.class)
                        .request(new RefundRequest(
                                payment.id(), usd("70.00"), null, "overpayment", "Paid too much", null)));
        assertThat(refund).isNotNull();

        books.run(() -> books.bean(CheckReturns.class).returned(check.id(), CheckReturnCode.NSF, ""));

        assertThat(books.balance(rye)).isEqualTo(usd("0.00"));
        assertThat(books.ledger(StandardAccount.UNAPPLIED_CASH)).isEqualTo(usd("0.00"));
        assertThat(unapplied(null, null).items()).isEmpty();
        assertThat(books.as(() -> books.bean(Payments.class).refundable(payment.id())))
                .as("nothing leaves for it any more")
                .isEqualTo(usd("0.00"));
    }

    @Test
    void moneyGoesOnlyToAccountsOfWhomItsPayerPaysFor() {
        UUID elsewhere = books.facility("Somewhere else");
        books.payer("The Enclave", rye);
        PaperCheck check = books.staged(books.packet("81", "The Enclave", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        books.confirm(check.id());
        CheckRemainder remainder = onlyRemainder();
        String wrong =
                books.as(() -> books.bean(PatientAccounts.class).get(elsewhere)).number();
        String right =
                books.as(() -> books.bean(PatientAccounts.class).get(rye)).number();

        refused(Refusal.NOT_FOUND, wrong, "10.00", remainder, "100.00");
        refused(Refusal.INVALID_INPUT, right, "100.01", remainder, "100.00");
        refused(Refusal.CHANGED_MEANWHILE, right, "10.00", remainder, "90.00");
        assertThat(books.ledger(StandardAccount.UNAPPLIED_CASH).abs()).isEqualTo(usd("100.00"));
    }

    @Test
    void aRemainderIsAssignedOnItsPageOnceAndWhatIsLeftGoesOnTheAccount() {
        UUID invoice = books.invoice(rye, 100, "60.00");
        UUID other = books.invoice(rye, 100, "75.00");
        confirmed("82");
        CheckRemainder remainder = onlyRemainder();
        String path = "/app/checks/remainders/" + remainder.id();
        TestClient manager = page(Role.BILLING_MANAGER);
        assertThat(manager.get("/app/checks/remainders").body()).contains(path);
        assertThat(manager.get(path).body()).contains(books.invoiceNumber(invoice), books.invoiceNumber(other));
        assertThat(manager.get(path + "?text=75.00").body())
                .contains(books.invoiceNumber(other))
                .doesNotContain(books.invoiceNumber(invoice));
        assertThat(manager.get(path + "?text=nothing+like+it").body()).contains("No open invoice");
        Map<String, String> form = Map.of("invoice", invoice.toString(), "amount", "60.00", "seen", "100.00");

        assertThat(page(Role.BILLING_CLERK).post(path + "/assignment", form).statusCode())
                .isEqualTo(403);
        assertThat(books.status(invoice)).isEqualTo("sent");
        assertThat(manager.post(path + "/assignment", form).statusCode()).isEqualTo(302);
        assertThat(books.status(invoice)).isEqualTo("paid");
        assertThat(manager.post(path + "/assignment", form).statusCode())
                .as("the same again")
                .isEqualTo(409);
        String number =
                books.as(() -> books.bean(PatientAccounts.class).get(rye)).number();
        assertThat(manager.post(path + "/account-credit", Map.of("account", number, "amount", "40.00", "seen", "40.00"))
                        .statusCode())
                .isEqualTo(302);
        assertThat(books.as(() -> books.bean(CheckRemainders.class).open(10))).isEmpty();
        assertThat(books.balance(rye)).isEqualTo(usd("35.00"));
        assertThat(manager.get("/app/checks/" + remainder.checkId()).body()).contains("On the account");
    }

    @Test
    void ofMoreInvoicesOrRemaindersThanAPageHoldsItSaysHowManyThereAre() {
        UUID invoice = books.invoice(rye, 100, "60.00");
        confirmed("83");
        CheckRemainder remainder = onlyRemainder();
        String list = "/app/checks/remainders";
        String path = list + "/" + remainder.id();
        TestClient manager = page(Role.BILLING_MANAGER);
        assertThat(manager.get(list).body()).doesNotContain("1 of 1");
        assertThat(manager.get(path).body()).doesNotContain("1 of 1");
        JdbcClient database = JdbcClient.create(TestServices.postgres().superuser());
        try {
            database.sql("""
                            insert into billing_invoices select copy.* from billing_invoices i, generate_series(1, 200) n,
                                lateral jsonb_populate_record(i, jsonb_build_object(
                                    'id', gen_random_uuid(), 'invoice_number', 'COPY-' || n)) copy
                            where i.id = :id
                            """).param("id", invoice).update();
            database.sql("""
                            with copies as (
                                insert into check_payments select copy.* from check_payments c, generate_series(1, 200) n,
                                    lateral jsonb_populate_record(c, jsonb_build_object(
                                        'id', gen_random_uuid(), 'number', 'COPY-' || n, 'position', n + 1)) copy
                                where c.id = :id returning id)
                            insert into check_remainders select copy.* from check_remainders r, copies c,
                                lateral jsonb_populate_record(r, jsonb_build_object(
                                    'id', gen_random_uuid(), 'check_id', c.id)) copy
                            where r.check_id = :id
                            """).param("id", remainder.checkId()).update();

            assertThat(manager.get(list).body()).contains("200 of 201");
            assertThat(manager.get(path).body()).contains("200 of 201");
            assertThat(manager.get(path + "?text=COPY-20").body())
                    .contains("COPY-20")
                    .doesNotContain("200 of");
        } finally {
            database.sql(
                            "delete from check_remainders where check_id in (select id from check_payments where number like 'COPY-%')")
                    .update();
            database.sql("delete from check_payments where number like 'COPY-%'")
                    .update();
            database.sql("delete from billing_invoices where invoice_number like 'COPY-%'")
                    .update();
        }
    }

    private CheckRemainder onlyRemainder() {
        return books.as(() -> books.bean(CheckRemainders.class).open(10)).getFirst();
    }

    private void refused(Refusal refusal, String account, String amount, CheckRemainder remainder, String seen) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.run(() -> books.bean(CheckRemainders.class)
                        .putOnAccount(remainder.id(), account, usd(amount), usd(seen))))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(refusal));
    }

    private TestClient page(Role role) {
        return TestClient.browser(port).signIn(books.hospital.signInName(role), TestHospital.PASSWORD);
    }

    /** 100.00 of a payer for whom no invoice is open. */
    private PaperCheck confirmed(String number) {
        PaperCheck check = books.staged(books.packet(number, "New Premier", "100.00", "One hundred and 00/100")
                        .digital())
                .getFirst();
        books.confirm(check.id());
        return check;
    }

    private Instant now() {
        return books.bean(Clock.class).instant();
    }

    private ReceivablesUnapplied unapplied(@Nullable LocalDate day, @Nullable Instant knownAt) {
        var reconciliation = books.bean(ReceivablesReconciliation.class);
        return books.as(() -> reconciliation.unapplied(reconciliation.asOf(day, knownAt)));
    }
}
