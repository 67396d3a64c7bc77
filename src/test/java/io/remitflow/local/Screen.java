package io.remitflow.local;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.remitflow.local.LocalBrowser.Visitor;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** What people find on our screens, and on Tasklist's, by what they read there. */
public final class Screen {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private Screen() {}

    public static Page signIn(Visitor visitor, String address, String name, String password) {
        Page page = visitor.page();
        page.navigate(address + "/sign-in");
        page.getByLabel("User name").fill(name);
        page.getByLabel("Password").fill(password);
        button(page.locator("form"), "Sign in").click();
        assertThat(heading(page)).containsText("Good day");
        return page;
    }

    public static Page signInToTasklist(Visitor visitor, String name) {
        Page page = visitor.page();
        page.navigate(TestServices.stack().tasklist().url() + "/login");
        page.locator("input[name=username]").fill(name);
        page.locator("input[name=password]").fill(LocalTasklist.PASSWORD);
        page.locator("button[type=submit]").click();
        assertThat(page.getByText("All open tasks").first()).isVisible();
        return page;
    }

    /** By the menu. */
    public static void follow(Page page, String title) {
        page.locator(".rf-nav")
                .getByRole(
                        AriaRole.LINK,
                        new Locator.GetByRoleOptions().setName(title).setExact(true))
                .click();
        assertThat(heading(page)).hasText(title);
    }

    public static Locator main(Page page) {
        return page.locator("main");
    }

    public static Locator heading(Page page) {
        return page.locator("main h1");
    }

    public static Locator row(Page page, String text) {
        return page.locator("main tbody tr")
                .filter(new Locator.FilterOptions().setHasText(text))
                .first();
    }

    public static Locator link(Page page, String name) {
        return page.locator("main")
                .getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName(name))
                .first();
    }

    public static Locator button(Locator within, String name) {
        return within.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name))
                .first();
    }

    /** Waits for what the engine does meanwhile. */
    public static void reloadUntilShown(Page page, Locator something) {
        reloadUntil(page, something::isVisible);
    }

    public static void reloadUntil(Page page, BooleanSupplier condition) {
        await().atMost(PATIENCE)
                .pollInSameThread()
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    if (condition.getAsBoolean()) {
                        return true;
                    }
                    page.reload();
                    return condition.getAsBoolean();
                });
    }
}
