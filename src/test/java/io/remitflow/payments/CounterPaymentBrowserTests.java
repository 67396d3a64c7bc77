package io.remitflow.payments;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.remitflow.checks.CheckBooks;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.LocalBrowser;
import io.remitflow.local.LocalBrowser.Visitor;
import io.remitflow.local.TestHospital;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** A clerk at the desk: the amount is typed, what it pays appears, the receipt is printed. */
@BooksTest
@EnabledIf(value = "io.remitflow.local.LocalBrowser#isPresent", disabledReason = LocalBrowser.MISSING)
class CounterPaymentBrowserTests {

    private static final Path PICTURES = Path.of("target/browser-tests");

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    @Test
    void aClerkTypesTheAmountSeesWhatItPaysAndPrintsTheReceipt() {
        var books = new CheckBooks(context);
        UUID account = books.facility("The Enclave at Rye");
        UUID older = books.invoice(account, 20, "60.00");
        UUID newer = books.invoice(account, 5, "100.00");
        try (LocalBrowser browser = LocalBrowser.open()) {
            Visitor visitor = browser.visitor(1440, 1000);
            Page page = visitor.page();
            page.navigate(address("/sign-in"));
            page.locator("[name=username]").fill(books.hospital.signInName(Role.BILLING_CLERK));
            page.locator("[name=password]").fill(TestHospital.PASSWORD);
            page.locator("main button[type=submit], form button[type=submit]")
                    .first()
                    .click();
            assertThat(page.locator(".rf-person")).isVisible();

            page.navigate(address("/app/payments/new?account=" + account));
            page.getByLabel("Amount", new Page.GetByLabelOptions().setExact(true))
                    .fill("75.50");
            assertThat(page.getByLabel("Pays of " + books.invoiceNumber(older))).hasValue("60.00");
            assertThat(page.getByLabel("Pays of " + books.invoiceNumber(newer))).hasValue("15.50");
            page.getByLabel("How").selectOption("check");
            page.getByLabel("Check: its number").fill("1001");
            assertThat(visitor.isTooWide()).isFalse();
            page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve("take-a-payment.png")));
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Take the payment"))
                    .click();

            assertThat(page.locator("main")).containsText("What it paid");
            assertThat(books.status(older)).isEqualTo("paid");
            assertThat(books.due(newer)).isEqualTo(CheckBooks.usd("84.50"));
            Download receipt = page.waitForDownload(
                    () -> page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Receipt"))
                            .click());
            assertThat(receipt.suggestedFilename()).startsWith("receipt-PM-").endsWith(".pdf");
            assertThat(visitor.complaints()).isEmpty();
            browser.dismissVisitors(PICTURES, "payment-taken");
        }
    }

    private String address(String path) {
        return "http://127.0.0.1:" + port + path;
    }
}
