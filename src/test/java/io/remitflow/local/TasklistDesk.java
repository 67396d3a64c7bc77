package io.remitflow.local;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.TimeoutError;
import io.remitflow.identity.Role;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.regex.Pattern;

/** The people of one hospital at work in the real Tasklist: they see a task's form there, fill it in and complete it. */
public final class TasklistDesk {

    /** The answer that sets a check mark. */
    public static final String CHECKED = "checked";

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Duration DRAWN_WITHIN = Duration.ofSeconds(8);

    private final LocalBrowser browser;
    private final TestHospital hospital;
    private final Map<Role, Page> desks = new EnumMap<>(Role.class);

    public TasklistDesk(LocalBrowser browser, TestHospital hospital) {
        this.browser = browser;
        this.hospital = hospital;
    }

    /**
     * Takes the task and completes it.
     *
     * @param answers label of a field and what is chosen or typed there, in turn
     */
    public void complete(Role role, long task, String... answers) {
        finish(open(role, task), answers);
    }

    public void finish(Page page, String... answers) {
        for (int i = 0; i < answers.length; i += 2) {
            answer(page, answers[i], answers[i + 1]);
        }
        Screen.button(page.locator("body"), "Complete Task").click();
        assertThat(page.getByText("Task completed").first()).isVisible();
    }

    /** Takes the task and waits until its form can be filled in. */
    public Page open(Role role, long task) {
        Page page = desks.computeIfAbsent(role, this::signIn);
        Locator take = Screen.button(page.locator("body"), "Assign to me");
        page.navigate("%s/%d".formatted(TestServices.stack().tasklist().url(), task));
        awaitShown(page, take);
        take.click();
        assertThat(Screen.button(page.locator("body"), "Unassign")).isVisible();
        assertThat(Screen.button(page.locator("body"), "Complete Task")).isEnabled();
        // What draws forms is loaded with the first of them.
        page.locator(".fjs-form-field").first().waitFor();
        return page;
    }

    /** Tasklist draws its page itself, some time after it is loaded: only if that shows nothing is it loaded again. */
    public static void awaitShown(Page page, Locator something) {
        await().atMost(PATIENCE).pollInSameThread().until(() -> {
            try {
                something.waitFor(new Locator.WaitForOptions().setTimeout(DRAWN_WITHIN.toMillis()));
                return true;
            } catch (TimeoutError e) {
                page.reload();
                return false;
            }
        });
    }

    /** What a field that cannot be changed says. */
    public static Locator shown(Page page, String label) {
        return field(page, label).locator("input, textarea").first();
    }

    private Page signIn(Role role) {
        String name = hospital.signInName(role);
        TestServices.stack().tasklist().createUser(name);
        return Screen.signInToTasklist(browser.visitor(1400, 900), name);
    }

    private static void answer(Page page, String label, String value) {
        Locator field = field(page, label);
        assertThat(field).isVisible();
        if (field.locator("input[type=radio]").count() > 0) {
            field.getByText(value, new Locator.GetByTextOptions().setExact(true))
                    .click();
        } else if (field.locator("input[type=checkbox]").count() > 0) {
            field.locator("input[type=checkbox]").first().setChecked(value.equals(CHECKED));
        } else if (field.locator(".fjs-select-display, .fjs-input-group input[type=text]")
                                .count()
                        > 0
                && field.locator(".fjs-select-arrow").count() > 0) {
            field.locator(".fjs-input-group").first().click();
            page.locator(".fjs-dropdownlist-item")
                    .getByText(value, new Locator.GetByTextOptions().setExact(true))
                    .click();
        } else {
            Locator input = field.locator("input, textarea").first();
            input.fill(value);
            input.blur();
            // The form takes over what was typed a moment later.
            page.waitForTimeout(500);
        }
    }

    private static Locator field(Page page, String label) {
        return page.locator(".fjs-form-field")
                .filter(new Locator.FilterOptions()
                        .setHas(page.locator(".fjs-form-field-label")
                                .filter(new Locator.FilterOptions().setHasText(exactly(label)))))
                .first();
    }

    /** With or without the mark of what must be answered. The browser's own expressions know no quoting. */
    private static Pattern exactly(String label) {
        return Pattern.compile("^\\s*" + label.replaceAll("[^\\w\\s]", "\\\\$0") + "\\s*\\*?\\s*$");
    }
}
