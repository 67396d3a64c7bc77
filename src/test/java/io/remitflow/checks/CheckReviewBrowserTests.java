package io.remitflow.checks;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import com.microsoft.playwright.options.LoadState;
import io.remitflow.identity.Role;
import io.remitflow.local.LocalBrowser;
import io.remitflow.local.LocalBrowser.Visitor;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestHospital;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** The whole review in a real browser: a packet is uploaded, its checks are corrected and confirmed with the keyboard. */
@RemitflowTest
@EnabledIf(value = "io.remitflow.local.LocalBrowser#isPresent", disabledReason = LocalBrowser.MISSING)
class CheckReviewBrowserTests {

    private static final Path PICTURES = Path.of("target/browser-tests");

    static LocalBrowser browser;

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    @BeforeAll
    static void openBrowser() {
        browser = LocalBrowser.open();
    }

    @AfterAll
    static void closeBrowser() {
        browser.close();
    }

    @AfterEach
    void leave(TestInfo test) {
        browser.dismissVisitors(PICTURES, test.getTestMethod().orElseThrow().getName());
    }

    @Test
    void aPacketIsUploadedCorrectedAndConfirmedWithTheKeyboard() {
        var books = new CheckBooks(context);
        UUID rye = books.facility("The Enclave at Rye");
        UUID first = books.invoice(rye, 5, "100.00");
        UUID second = books.invoice(rye, 12, "60.00");
        books.payer("The Enclave", rye);
        byte[] packet = books.packet(
                        "1", "The Enclave", "100.00", "One hundred and 00/100", books.line(first, 5, "100.00"))
                .check("2", books.today(), "The Enclave", "50.00", "Fifty and 00/100", books.line(second, 12, "50.00"))
                .digital();
        Visitor visitor = signedIn(books);
        Page page = visitor.page();

        page.navigate(address("/app/checks"));
        page.getByLabel("Drop scanned packets here or choose them")
                .setInputFiles(new FilePayload("packet.pdf", "application/pdf", packet));
        page.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName("Receive").setExact(true))
                .click();
        Locator received = page.locator("#rf-uploaded a");
        assertThat(received).hasText("packet.pdf");
        received.click();
        Locator rows = page.locator("main tbody tr");
        for (int i = 0; i < 60 && rows.count() < 2; i++) {
            page.waitForTimeout(500);
            page.reload();
        }
        assertThat(rows).hasCount(2);
        rows.first().getByRole(AriaRole.LINK).click();

        assertThat(page.locator("#rf-preview")).containsText(books.invoiceNumber(first));
        assertThat(page.locator("[data-field=amount]").first()).isVisible();
        assertThat(page.locator("#rf-packet img").first()).hasJSProperty("complete", true);
        page.keyboard().press("Control+Enter");
        assertThat(page.locator("#rf-messages")).containsText("confirmed and booked");

        page.waitForLoadState(LoadState.NETWORKIDLE);
        // The next one: the line is wrong, and what it would pay follows what is typed.
        assertThat(page.locator("#rf-preview")).containsText("For a line no invoice is certain");
        page.getByLabel("Amount", new Page.GetByLabelOptions().setExact(true)).fill("60.00");
        page.getByLabel("Amount of line 1").fill("60.00");
        assertThat(page.locator("#rf-preview")).containsText(books.invoiceNumber(second) + ", same amount");
        assertThat(page.locator("#rf-preview")).containsText("neither the one read in words nor the one in digits");
        page.getByLabel("I saw what is doubtful").check();
        page.keyboard().press("Control+Enter");
        assertThat(page.locator("#rf-messages")).containsText("confirmed and booked");

        assertThat(books.status(first)).isEqualTo("paid");
        assertThat(books.status(second)).isEqualTo("paid");
        assertThat(visitor.complaints())
                .as("a newer preview may replace one that is under way")
                .allMatch(complaint -> complaint.endsWith("htmx:sendAbort") || complaint.endsWith("htmx:afterRequest"));
        assertThat(visitor.isTooWide()).isFalse();
    }

    private Visitor signedIn(CheckBooks books) {
        Visitor visitor = browser.visitor(1440, 1000);
        Page page = visitor.page();
        page.navigate(address("/sign-in"));
        page.locator("[name=username]").fill(books.hospital.signInName(Role.BILLING_MANAGER));
        page.locator("[name=password]").fill(TestHospital.PASSWORD);
        page.locator("main button[type=submit], form button[type=submit]")
                .first()
                .click();
        assertThat(page.locator(".rf-person")).isVisible();
        return visitor;
    }

    private String address(String path) {
        return "http://127.0.0.1:" + port + path;
    }
}
