package io.remitflow.checks;

import static io.remitflow.checks.CheckBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.BooksTest;
import io.remitflow.reconciliation.ReceivablesReconciliation;
import io.remitflow.reconciliation.ReceivablesUnapplied;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Remainders of checks in the register of unapplied money: the account of unapplied cash is explained by it on any day. */
@BooksTest
class UnappliedChecksIntegrationTests {

    @Autowired
    ApplicationContext context;

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
