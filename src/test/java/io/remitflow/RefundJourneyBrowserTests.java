package io.remitflow;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static com.microsoft.playwright.assertions.PlaywrightAssertions.setDefaultAssertionTimeout;
import static io.remitflow.local.Screen.button;
import static io.remitflow.local.Screen.follow;
import static io.remitflow.local.Screen.heading;
import static io.remitflow.local.Screen.link;
import static io.remitflow.local.Screen.main;
import static io.remitflow.local.Screen.reloadUntilShown;
import static io.remitflow.local.Screen.row;
import static io.remitflow.local.Screen.signIn;
import static io.remitflow.local.Screen.signInToTasklist;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.remitflow.local.CardGatewayStandIn;
import io.remitflow.local.DemoHospital;
import io.remitflow.local.LocalBrowser;
import io.remitflow.local.LocalBrowser.Visitor;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TasklistDesk;
import io.remitflow.local.TestServices;
import io.remitflow.payments.Gateways;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** What a newcomer does on the first day, in a real browser: a remittance comes in, an overpayment goes back. */
@RemitflowTest
@EnabledIf(value = "io.remitflow.local.LocalBrowser#isPresent", disabledReason = LocalBrowser.MISSING)
class RefundJourneyBrowserTests {

    private static final Path SAMPLES = Path.of("samples/835");
    private static final Path PICTURES = Path.of("target/browser-tests");
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    static LocalBrowser browser;

    @Autowired
    ApplicationContext context;

    @LocalServerPort
    int port;

    @TempDir
    Path directory;

    CardGatewayStandIn gateway;
    String hospital = DemoHospital.CODE;

    @BeforeAll
    static void openBrowser() {
        browser = LocalBrowser.open();
        setDefaultAssertionTimeout(30_000);
    }

    @AfterAll
    static void closeBrowser() {
        browser.close();
    }

    @BeforeEach
    void openGateway() {
        gateway = new CardGatewayStandIn(directory.resolve("gateway.json"));
        gateway.start(TestServices.partnerPort());
    }

    @AfterEach
    void leave(TestInfo test) {
        gateway.close();
        browser.dismissVisitors(PICTURES, test.getTestMethod().orElseThrow().getName());
    }

    @Test
    void anOverpaymentIsPostedRequestedApprovedAndRefunded() {
        openHospitalOfItsOwn();
        Visitor clerk = signedIn("clerk");
        Page page = clerk.page();

        upload(page, "05-overpayment");
        assertThat(heading(page)).containsText("Remittance KMH26101900466");
        assertThat(main(page)).containsText("KEYSTONE MUTUAL HEALTH to MERCY GENERAL HOSPITAL");
        assertThat(main(page)).containsText("800.00");
        Locator claim = row(page, "MG-1009-1");
        assertThat(claim).containsText("CO-45");
        assertThat(claim).containsText("Charge above the fee schedule");
        assertThat(claim).containsText("725.00");
        assertThat(claim).containsText("PR-3");
        assertThat(claim).containsText("75.00");
        link(page, "Journal entry").click();
        assertBalanced(page, "1,770.00");

        follow(page, "Credit balances");
        Locator credit = row(page, "MRC-1009");
        assertThat(credit).containsText("175.00");
        button(credit, "Request refund").click();
        assertThat(main(page)).containsText("175.00 USD");
        String number = heading(page).innerText().split(" ")[0];
        String refund = page.url();
        reloadUntilShown(page, main(page).getByText("You requested or changed this refund"));

        Visitor manager = signedIn("manager");
        Page desk = manager.page();
        follow(desk, "Inbox");
        Locator task = link(desk, "Approve refund " + number + " of 175.00");
        reloadUntilShown(desk, task);
        task.click();
        assertThat(heading(desk)).containsText(number);
        desk.getByLabel("Comment").fill("Paid by estimate");
        button(main(desk), "Approve 175.00").click();

        reloadUntilShown(desk, main(desk).getByText("The money went back and is in the books."));
        assertThat(desk.url()).startsWith(refund);
        assertThat(heading(desk)).containsText("Completed");
        for (String step :
                List.of("Requested", "Needs approval", "Approved", "Sent to the gateway", "Confirmed by the gateway")) {
            assertThat(desk.locator(".rf-timeline-entry strong")
                            .getByText(step, new Locator.GetByTextOptions().setExact(true)))
                    .isVisible();
        }
        assertDrawn(desk);
        assertThat(gateway.refundsOf("ch_demo_mg-1009-1"))
                .extracting(CardGatewayStandIn.Booked::amount, CardGatewayStandIn.Booked::status)
                .containsExactly(tuple(17_500L, "succeeded"));

        link(desk, "Entry of this refund").click();
        assertBalanced(desk, "175.00");
        desk.goBack();
        link(desk, "MRC-1009").click();
        assertThat(tile(desk, "Patient owes")).hasText("0.00");
        assertThat(tile(desk, "Insurance owes")).hasText("0.00");
        assertThat(clerk.complaints()).isEmpty();
        assertThat(manager.complaints()).isEmpty();
    }

    @Test
    void anApprovalInTasklistCountsOnlyIfItsPersonMayApprove() {
        openHospital(DemoHospital.CODE);
        Visitor clerk = signedIn("clerk");
        Page page = clerk.page();
        upload(page, "05-overpayment");
        follow(page, "Credit balances");
        button(row(page, "MRC-1009"), "Request refund").click();
        String number = heading(page).innerText().split(" ")[0];
        reloadUntilShown(page, main(page).getByText("You requested or changed this refund"));

        approveInTasklist("clerk", number);
        reloadUntilShown(page, main(page).locator(".alert-warning"));
        assertThat(page.locator(".rf-timeline-entry").getByText("Approval not accepted"))
                .isVisible();
        assertThat(gateway.refundsOf("ch_demo_mg-1009-1")).isEmpty();
        reloadUntilShown(page, main(page).getByText("You requested or changed this refund"));

        approveInTasklist("manager", number, "Not accepted before");
        reloadUntilShown(page, main(page).getByText("The money went back and is in the books."));
        assertThat(main(page)).containsText("in tasklist");
        assertThat(main(page)).containsText("Miriam Osei");
        assertDrawn(page);
        assertThat(clerk.complaints()).isEmpty();
    }

    @Test
    void aCreditIsClassifiedInvestigatedAndDecidedOnItsPage() {
        openHospitalOfItsOwn();
        Visitor clerk = signedIn("clerk");
        Page page = clerk.page();
        upload(page, "05-overpayment");
        follow(page, "Credit balances");
        assertThat(page.locator("#rf-credits")).isVisible();
        Locator credit = row(page, "MRC-1009");
        assertThat(credit).containsText("proposed");
        assertThat(credit).containsText("30 days left");
        credit.getByRole(AriaRole.LINK).first().click();

        reloadUntilShown(page, button(main(page), "Classify"));
        page.getByLabel("Cause").selectOption("other");
        page.getByLabel("Why, if it is not as proposed").fill("Estimate before surgery");
        button(main(page), "Classify").click();
        reloadUntilShown(page, button(main(page), "Decide"));
        page.getByLabel("Investigate first").check();
        page.getByLabel("Why", new Page.GetByLabelOptions().setExact(true)).fill("Two estimates");
        button(main(page), "Decide").click();
        reloadUntilShown(page, button(main(page), "Conclude the investigation"));
        page.getByLabel("What was found out (no names of patients)").fill("One estimate was a copy");
        page.getByLabel("Amount").fill("175.00");
        button(main(page), "Note it").click();
        assertThat(main(page)).containsText("One estimate was a copy");
        page.getByLabel("What was found out", new Page.GetByLabelOptions().setExact(true))
                .fill("All of it is the patient's");
        button(main(page), "Conclude the investigation").click();
        reloadUntilShown(page, button(main(page), "Decide"));
        page.getByLabel("Refund it to the patient or guarantor").check();
        page.getByLabel("Why", new Page.GetByLabelOptions().setExact(true)).fill("Paid by estimate");
        button(main(page), "Decide").click();
        reloadUntilShown(page, main(page).getByText("A refund is on its way"));
        for (String step : List.of("Found", "Classified anew", "Decided", "Investigated")) {
            assertThat(page.locator(".rf-timeline-entry strong")
                            .getByText(step, new Locator.GetByTextOptions().setExact(true))
                            .first())
                    .isVisible();
        }
        assertThat(page.locator("[data-element-id='await-refund'].rf-active")).hasCount(1);
        assertThat(clerk.complaints()).isEmpty();
    }

    @Test
    void v8_aHeldRemittanceSaysWhy() {
        openHospitalOfItsOwn();
        Visitor clerk = signedIn("clerk");
        Page page = clerk.page();

        upload(page, "06-out-of-balance");

        assertThat(heading(page)).containsText("Held");
        assertThat(main(page).locator(".alert-danger")).containsText("60.01");
        assertThat(link(page, "Journal entry")).hasCount(0);
        assertThat(clerk.complaints()).isEmpty();
    }

    @Test
    void aDenialIsListedWithItsReason() {
        openHospitalOfItsOwn();
        Visitor clerk = signedIn("clerk");
        Page page = clerk.page();

        upload(page, "02-denial");
        follow(page, "Denials");

        Locator denied = row(page, "MG-1004-1");
        assertThat(denied).containsText("CO-50");
        assertThat(denied).containsText("necess");
        assertThat(denied).containsText("850.00");
        assertThat(clerk.complaints()).isEmpty();
    }

    @Test
    void everyPageOfTheMenuFitsAndRaisesNoComplaint() {
        openHospitalOfItsOwn();
        Visitor clerk = signedIn("clerk");
        upload(clerk.page(), "02-denial");
        upload(clerk.page(), "05-overpayment");
        follow(clerk.page(), "Credit balances");
        button(row(clerk.page(), "MRC-1009"), "Request refund").click();
        String refund = clerk.page().url();

        var complaints = new ArrayList<String>();
        Visitor cfo = signedIn("cfo");
        List<String> pages = links(cfo.page(), ".rf-nav-link");
        assertThat(pages).hasSizeGreaterThan(10);
        visit(cfo, pages, complaints);
        visit(cfo, List.of(refund), complaints);
        for (String list :
                List.of("remittances", "patient-accounts", "credit-balances", "ledger/journal", "ledger/accounts")) {
            cfo.page().navigate(address("/app/" + list));
            visit(cfo, links(cfo.page(), "main tbody a").stream().limit(2).toList(), complaints);
        }
        complaints.addAll(cfo.complaints());
        assertThat(complaints).isEmpty();
    }

    private void visit(Visitor visitor, List<String> addresses, List<String> complaints) {
        for (String address : addresses) {
            var answer = visitor.page().navigate(address);
            if (answer == null || answer.status() != 200) {
                complaints.add(address + " was not shown");
            }
            for (int width : new int[] {800, 1400}) {
                visitor.page().setViewportSize(width, 900);
                if (visitor.isTooWide()) {
                    complaints.add("%s is wider than %d pixels".formatted(address, width));
                }
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static List<String> links(Page page, String selector) {
        return (List<String>) page.locator(selector).evaluateAll("all => all.map(each => each.href)");
    }

    private void openHospital(String code) {
        DemoHospital.load(context, code);
        hospital = code;
        gateway.reportTo(URI.create(address("/billing/payments/webhooks/%s/%s".formatted(Gateways.SANDBOX, code))));
    }

    private void openHospitalOfItsOwn() {
        openHospital("browser-%d-%d".formatted(ProcessHandle.current().pid(), NUMBER.incrementAndGet()));
    }

    private String address(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    private Visitor signedIn(String name) {
        Visitor visitor = browser.visitor(1400, 900);
        signIn(
                visitor,
                address(""),
                hospital.equals(DemoHospital.CODE) ? name : name + "@" + hospital,
                DemoHospital.PASSWORD);
        return visitor;
    }

    private void upload(Page page, String sample) {
        follow(page, "Remittances");
        page.locator("#file").setInputFiles(SAMPLES.resolve(sample + ".835"));
        button(main(page), "Receive file").click();
    }

    private void approveInTasklist(String name, String refund, String... shown) {
        Page page = signInToTasklist(browser.visitor(1400, 900), name);
        Locator task = page.getByText("Approve refund").first();
        TasklistDesk.awaitShown(page, task);
        task.click();
        button(page.locator("body"), "Assign to me").click();
        assertThat(page.getByLabel("Refund", new Page.GetByLabelOptions().setExact(true)))
                .hasValue(refund);
        for (String text : shown) {
            assertThat(page.getByText(text)).isVisible();
        }
        assertThat(page.locator(".fjs-form input[type=radio]:not([readonly])")).hasCount(2);
        page.getByText("Approve", new Page.GetByTextOptions().setExact(true)).click();
        button(page.locator("body"), "Complete Task").click();
        assertThat(page.getByText("Task completed").first()).isVisible();
    }

    private static void assertBalanced(Page page, String total) {
        Locator totals = page.locator("main tfoot th.text-end");
        assertThat(totals).hasText(new String[] {total, total});
    }

    private static void assertDrawn(Page page) {
        Locator diagram = page.locator(".rf-diagram-canvas");
        assertThat(diagram.locator("svg").first()).isVisible();
        assertThat(diagram.locator("[data-element-id='refund-completed'].rf-active"))
                .hasCount(1);
    }

    private static Locator tile(Page page, String title) {
        return page.locator(".rf-tile")
                .filter(new Locator.FilterOptions().setHasText(title))
                .locator(".rf-tile-figure");
    }
}
