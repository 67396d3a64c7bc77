package io.remitflow.rules;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.remitflow.local.Screen.button;
import static io.remitflow.local.Screen.heading;
import static io.remitflow.local.Screen.main;
import static io.remitflow.local.Screen.signIn;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.LocalBrowser;
import io.remitflow.local.LocalBrowser.Visitor;
import io.remitflow.local.TestHospital;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** An analyst changes a table in the browser, without touching XML. */
@BooksTest
@EnabledIf(value = "io.remitflow.local.LocalBrowser#isPresent", disabledReason = LocalBrowser.MISSING)
class RulesStudioBrowserTests {

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    LocalBrowser browser;
    TestHospital hospital;

    @BeforeEach
    void open() {
        browser = LocalBrowser.open();
        hospital = TestHospital.create(context);
    }

    @AfterEach
    void leave(TestInfo test) {
        browser.dismissVisitors(
                Path.of("target/browser-tests"),
                test.getTestMethod().orElseThrow().getName());
        browser.close();
    }

    @Test
    void aCellIsChangedSavedCheckedAndSentToBeReleased() {
        hospital.user(Role.ANALYST);
        Visitor analyst = browser.visitor(1400, 900);
        Page page =
                signIn(analyst, "http://127.0.0.1:" + port, hospital.signInName(Role.ANALYST), TestHospital.PASSWORD);
        page.navigate("http://127.0.0.1:" + port + "/app/rules/refund-approval/draft");
        assertThat(heading(page)).containsText("Who must approve a refund");

        type(page, "]10000..500000]", "]20000..500000]");
        button(main(page), "Save and check").click();
        assertThat(main(page)).containsText("No rule answers when");
        assertThat(cell(page, "]20000..500000]")).hasCount(1);
        assertThat(button(main(page), "Request release")).hasCount(0);

        type(page, "]20000..500000]", "]10000..400000]");
        type(page, "> 500000", "> 400000");
        button(main(page), "Save and check").click();
        assertThat(main(page)).containsText("No gap, no overlap");
        page.getByLabel("Why").fill("The CFO wants to see more");
        button(main(page), "Request release").click();
        assertThat(heading(page)).containsText("RR-");
        assertThat(analyst.complaints()).isEmpty();
    }

    private static void type(Page page, String before, String after) {
        Locator cell = cell(page, before);
        cell.click();
        cell.press("Control+A");
        page.keyboard().type(after);
    }

    private static Locator cell(Page page, String text) {
        return page.locator("#rules-editor .content-editable")
                .getByText(text, new Locator.GetByTextOptions().setExact(true))
                .first();
    }
}
