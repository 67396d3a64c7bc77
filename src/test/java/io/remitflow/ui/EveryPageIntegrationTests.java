package io.remitflow.ui;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.DemoHospital;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Every page answers for everyone while the engine does not: with the page or with a refusal, never with a failure. */
@BooksTest
class EveryPageIntegrationTests {

    private static final Pattern LINK = Pattern.compile("<a[^>]*\\shref=\"(/app[^\"#]*)");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}-[0-9a-f-]{27}|\\b\\d+\\b");

    /** Pages of one kind that are looked at; the others differ in their ids only. */
    private static final int OF_A_KIND = 6;

    private static final int PAGES = 250;

    @Autowired
    ApplicationContext context;

    @Autowired
    RequestMappingHandlerMapping requestMappingHandlerMapping;

    @LocalServerPort
    int port;

    @ParameterizedTest
    @EnumSource
    void answersEachRoleOfANewHospital(Role role) {
        var hospital = TestHospital.create(context);
        var browser = TestClient.browser(port).signIn(hospital.signInName(role), TestHospital.PASSWORD);
        var api = TestClient.api(port, hospital.signInName(role), TestHospital.PASSWORD);

        var wrong = new ArrayList<String>();
        for (String path : pathsWithoutId()) {
            int status = (path.startsWith("/app") ? browser : api).get(path).statusCode();
            if (status != 200 && status != 403) {
                wrong.add(path + " " + status);
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(browser.get("/app").statusCode()).isEqualTo(200);
        assertThat(browser.get("/app/inbox").statusCode()).isEqualTo(200);
        assertThat(browser.get("/app/password").statusCode()).isEqualTo(200);
    }

    @Test
    void everyLinkLeadsToAPage() {
        var hospital = BusyHospital.shared(context);
        String code = CurrentOrganization.call(
                hospital, () -> context.getBean(Organizations.class).current().code());
        var browser = TestClient.browser(port).signIn(BusyHospital.BOSS + "@" + code, DemoHospital.PASSWORD);

        var waiting = new ArrayDeque<>(pathsWithoutId());
        waiting.removeIf(path -> !path.startsWith("/app"));
        var seen = new HashSet<>(waiting);
        var kinds = new HashMap<String, Integer>();
        var wrong = new ArrayList<String>();
        int pages = 0;
        while (!waiting.isEmpty() && pages++ < PAGES) {
            String path = waiting.poll();
            var answer = browser.get(path);
            if (answer.statusCode() != 200) {
                wrong.add(path + " " + answer.statusCode());
            }
            var links = LINK.matcher(answer.body());
            while (links.find()) {
                String link = links.group(1).replace("&amp;", "&");
                if (seen.add(link) && kinds.merge(ID.matcher(link).replaceAll("*"), 1, Integer::sum) <= OF_A_KIND) {
                    waiting.add(link);
                }
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(kinds.keySet())
                .contains(
                        "/app/remittances/*",
                        "/app/refunds/*",
                        "/app/payments/*",
                        "/app/payments/checkouts/*",
                        "/app/payments/disputes/*",
                        "/app/payments/payouts/*",
                        "/app/denials/*",
                        "/app/reconciliation/runs/*",
                        "/app/reconciliation/discrepancies/*",
                        "/app/patient-accounts/*",
                        "/app/invoices/*",
                        "/app/checks/*",
                        "/app/checks/packets/*",
                        "/app/checks/remainders/*",
                        "/app/deposits/*",
                        "/app/credit-memos/*",
                        "/app/ledger/journal/*",
                        "/app/ledger/journal/drafts/*",
                        "/app/ledger/accounts/*",
                        "/app/bank/statements/*",
                        "/app/bank/accounts/*",
                        "/app/bank/suggestions/*",
                        "/app/reconciliation/bank/*",
                        "/app/trace/*");
    }

    private List<String> pathsWithoutId() {
        return requestMappingHandlerMapping.getHandlerMethods().entrySet().stream()
                .filter(entry -> entry.getValue().getBeanType().getName().startsWith("io.remitflow."))
                .filter(entry ->
                        entry.getKey().getMethodsCondition().getMethods().contains(RequestMethod.GET))
                .flatMap(entry -> entry.getKey().getPatternValues().stream())
                .filter(path -> !path.contains("{") && !path.equals("/") && !path.equals("/sign-in"))
                .sorted()
                .toList();
    }
}
