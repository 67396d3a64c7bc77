package io.remitflow.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.Lifecycle;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/**
 * Of the applications that the tests of this JVM keep for each other, only the one in use polls inboxes, runs schedules and
 * sends what waits in the outbox. The others would do the same work beside it, in the name of the same hospitals.
 */
final class OneAtATime implements BeforeAllCallback {

    private static @Nullable ApplicationContext inUse;

    @Override
    public synchronized void beforeAll(ExtensionContext extension) {
        Stream.of("books", "all")
                .map(TestServices::inbox)
                .filter(Files::isDirectory)
                .forEach(OneAtATime::removeEmptyDirectories);
        var wanted = SpringExtension.getApplicationContext(extension);
        if (wanted == inUse) {
            return;
        }
        if (inUse instanceof ConfigurableApplicationContext before && before.isActive()) {
            inUse.getBean(CamelContext.class).suspend();
            lifecycles(inUse).forEach(Lifecycle::stop);
        }
        var camel = wanted.getBean(CamelContext.class);
        if (camel.isSuspended()) {
            camel.resume();
        }
        lifecycles(wanted).filter(each -> !each.isRunning()).forEach(Lifecycle::start);
        inUse = wanted;
    }

    /** Of the hospitals of earlier tests: a thousand directories, looked through every second, are most of the load. */
    private static void removeEmptyDirectories(Path directory) {
        try (var entries = Files.list(directory)) {
            entries.filter(Files::isDirectory).forEach(entry -> {
                removeEmptyDirectories(entry);
                removeIfEmpty(entry);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void removeIfEmpty(Path directory) {
        try {
            Files.delete(directory);
        } catch (DirectoryNotEmptyException | NoSuchFileException somethingIsInItOrGone) {
            // It stays.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Lifecycle> lifecycles(ApplicationContext context) {
        return Stream.concat(
                context.getBeansOfType(ThreadPoolTaskScheduler.class).values().stream(),
                context.getBeansOfType(Lifecycle.class).values().stream()
                        .filter(bean -> bean.getClass().getSimpleName().equals("OutboxDispatcher")));
    }
}
