package io.remitflow.local;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** I11: reads along what the application under test logs, as far as it is logged in this JVM. */
final class LogWatch extends AppenderBase<ILoggingEvent> {

    /** Patients of the tests, and what {@link Invariants#keptSilent} looks for in the logs of other processes. */
    private static final Pattern SECRET = Pattern.compile(
            "\\b(?:doe|jane|núñez|okafor|olsen|müller|jürgen|canaryfield|tweetyanna|quetzalcanary|ibisanna|canarymember77)\\b|"
                    + String.join(
                            "|",
                            Pattern.quote(Invariants.CARD_NUMBER),
                            Pattern.quote(TestHospital.PASSWORD),
                            Pattern.quote(LocalSettings.GATEWAY_API_KEY),
                            Pattern.quote(LocalSettings.GATEWAY_WEBHOOK_SECRET)),
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

    private static final int SHOWN_AROUND = 200;

    private static volatile @Nullable String leak;

    private LogWatch() {}

    /** Each application that starts sets up the log anew, so each is followed by this. */
    static void begin() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
            if (root.getAppender(LogWatch.class.getName()) == null) {
                var watch = new LogWatch();
                watch.setName(LogWatch.class.getName());
                watch.setContext(context);
                watch.start();
                root.addAppender(watch);
            }
        }
    }

    /** @throws AssertionError with what was logged first, since the last call */
    static void keptSilent() {
        String found = leak;
        leak = null;
        if (found != null) {
            throw new AssertionError("I11 the log tells a secret: " + found);
        }
    }

    @Override
    protected void append(ILoggingEvent event) {
        read(event, event.getFormattedMessage());
        IThrowableProxy cause = event.getThrowableProxy();
        if (cause != null) {
            read(event, ThrowableProxyUtil.asString(cause));
        }
    }

    private static void read(ILoggingEvent event, @Nullable String text) {
        if (text == null) {
            return;
        }
        Matcher secret = SECRET.matcher(text);
        if (secret.find()) {
            leak = "%s: %s"
                    .formatted(
                            event.getLoggerName(),
                            text.substring(
                                    Math.max(0, secret.start() - SHOWN_AROUND),
                                    Math.min(text.length(), secret.end() + SHOWN_AROUND)));
        }
    }
}
