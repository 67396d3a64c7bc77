package io.remitflow.local;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * The Chromium of this machine, seen by nobody. Nothing is downloaded: where there is none, the tests that need it are
 * skipped.
 */
public final class LocalBrowser implements AutoCloseable {

    public static final String MISSING =
            "no Chromium on the PATH: install it (Debian: apt-get install chromium) to run the browser tests";

    private static final List<String> PROGRAMS =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
    private static final List<String> FLAGS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private final Playwright playwright;
    private final Browser browser;
    private final List<Visitor> visitors = new ArrayList<>();

    private LocalBrowser(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /** For {@code @EnabledIf}. */
    public static boolean isPresent() {
        return program().isPresent();
    }

    public static LocalBrowser open() {
        Path program = program().orElseThrow(() -> new IllegalStateException(MISSING));
        var playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        var browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(program)
                        .setHeadless(true)
                        .setArgs(FLAGS));
        return new LocalBrowser(playwright, browser);
    }

    private static Optional<Path> program() {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Arrays.stream(path.split(File.pathSeparator)), Stream.of("/usr/bin"))
                .filter(directory -> !directory.isBlank())
                .flatMap(directory -> PROGRAMS.stream().map(Path.of(directory)::resolve))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Somebody with a window and cookies of their own. */
    public Visitor visitor(int width, int height) {
        // Tasklist turns and fades a lot, which costs the tests more than its pages.
        var context = browser.newContext(
                new Browser.NewContextOptions().setViewportSize(width, height).setReducedMotion(ReducedMotion.REDUCE));
        context.setDefaultTimeout(30_000);
        var visitor = new Visitor(context.newPage());
        visitors.add(visitor);
        return visitor;
    }

    /** Closes all windows and keeps a picture of what each showed last, for whoever looks into a failure. */
    public void dismissVisitors(Path pictures, String name) {
        for (int i = 0; i < visitors.size(); i++) {
            visitors.get(i).leave(pictures.resolve("%s-%d.png".formatted(name, i + 1)));
        }
        visitors.clear();
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }

    /** One window, and what the browser complained about in it: errors of scripts, of loading, of the security policy. */
    public static final class Visitor {

        private final Page page;
        private final List<String> complaints = new CopyOnWriteArrayList<>();

        private Visitor(Page page) {
            this.page = page;
            page.onConsoleMessage(message -> {
                if (message.type().equals("error") || message.text().contains("Content Security Policy")) {
                    complaints.add(page.url() + ": " + message.text());
                }
            });
            page.onPageError(error -> complaints.add(page.url() + ": " + error));
        }

        public Page page() {
            return page;
        }

        public List<String> complaints() {
            return List.copyOf(complaints);
        }

        /** Whether the page itself, not a table within it, must be scrolled sideways. */
        public boolean isTooWide() {
            return (Boolean) page.evaluate("document.scrollingElement.scrollWidth > window.innerWidth");
        }

        private void leave(Path picture) {
            if (!page.isClosed()) {
                page.screenshot(new Page.ScreenshotOptions().setPath(picture).setFullPage(true));
            }
            page.context().close();
        }
    }
}
